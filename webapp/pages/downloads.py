"""Lists as files: streamed, so that a million rows take no memory; safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Final

from flask import Response, stream_with_context

from webapp.oms.wire import encode
from webapp.pages.words.times import iso

Cell = object
# A spreadsheet takes what begins with one of these for a formula and runs it.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# Tells spreadsheets that the file is UTF-8.
BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
ROWS_A_PIECE: Final = 200


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as a CSV file, streamed."""
    return _file(name, "text/csv; charset=utf-8", _csv(columns, rows))


def json_file(name: str, items: Iterable[Mapping[str, Cell]]) -> Response:
    """The items as one JSON list, streamed; money as numbers, times as RFC 3339."""
    return _file(name, "application/json", _json(items))


def _file(name: str, kind: str, pieces: Iterator[str]) -> Response:
    response = Response(stream_with_context(pieces), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    text = StringIO()
    writer = csv.writer(text)
    text.write(BYTE_ORDER_MARK)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in row])
        if number % ROWS_A_PIECE == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: StringIO) -> str:
    piece = text.getvalue()
    text.seek(0)
    text.truncate()
    return piece


def safe_cell(cell: Cell) -> str:
    """A cell as text; one that a spreadsheet would run gets an apostrophe in front."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return iso(cell)
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    return str(cell)


def _json(items: Iterable[Mapping[str, Cell]]) -> Iterator[str]:
    before = "[\n"
    for item in items:
        written = {key: iso(value) if isinstance(value, datetime) else value for key, value in item.items()}
        yield before + encode(written).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
