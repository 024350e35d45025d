"""Which of an order's lines a message speaks of: found by number, checked by id and SKU (protocol)."""

from collections.abc import Mapping
from typing import NamedTuple

from webapp.domain.refusals import Inapplicable
from webapp.domain.told_ids import is_meant
from webapp.models.orders import OrderLine


class Told(NamedTuple):
    """A line as a message names it; `number_field` and `id_field` are what the topic calls the two."""

    number: int
    id: str | None
    sku: str | None
    number_field: str = "line_number"
    id_field: str = "id"


def find_line(lines: Mapping[int, OrderLine], told: Told, path: str) -> OrderLine:
    """The line (of those by their number) that is told at `path`.

    Raises `Refused` where the order has none of that number, or where it is another than the message says.
    """
    line = lines.get(told.number)
    if line is None:
        raise Inapplicable(
            f"{path}.{told.number_field}",
            f"a line from 1 to {len(lines)}",
            told.number,
            reason=f"Line {told.number} is not in this order, which has lines 1 to {len(lines)}.",
            cause="line.unknown",
        )
    for field, given, ours in ((told.id_field, told.id, line.item_id), ("sku", told.sku, line.sku)):
        if given is not None and not is_meant(given, ours):
            raise Inapplicable(
                f"{path}.{field}",
                f'"{ours}", as line {told.number} has it',
                given,
                reason=f"Line {told.number} is {field} {ours} here, but the message says {given}.",
                cause="line.contradiction",
            )
    return line
