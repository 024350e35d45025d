"""Orders from a file, one after the other; safe to run again (contract: import orders)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from webapp.domain.refusals import Refused
from webapp.flows.accept_order import CutOver, accept_order
from webapp.oms.wire import WireError, as_text, decode

LARGEST_FILE = 1024 * 1024 * 1024


class NotReadable(Exception):
    """The file holds no orders; the message says what is wrong with it."""


def read_orders(file: Path) -> list[object]:
    """Orders as Magento's REST gives them: one, a list, `{"items": […]}`, or one a line."""
    try:
        return list(_orders_of(file.read_bytes()))
    except WireError as error:
        raise NotReadable(f"{file}: {error.message}") from error


def take_order(order: object, place: int, cut_over: CutOver, actor: str) -> dict[str, Any]:
    """Take one of them in; `{"order", "export", "reason"?}`, or `{"place", "error"}` if it can't be read."""
    try:
        accepted = accept_order(order, as_text(order).encode(), actor, cut_over)
    except Refused as error:
        return {"place": place, "error": str(error)}
    told = {"order": accepted.increment_id, "export": accepted.export}
    return told | ({"reason": accepted.reason} if accepted.reason else {})


def _orders_of(content: bytes) -> Iterator[object]:
    try:
        value = decode(content, limit=LARGEST_FILE)
    except WireError:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        yield from (decode(line) for line in lines)
        return
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(value.get("items"), list) and "increment_id" not in value:
        yield from value["items"]
    else:
        yield value
