"""Asking the OMS for its stock, page by page (protocol: To the OMS, aggregate_stock_repository.search)."""

from typing import Any, Final

import msgspec

from webapp.domain.refusals import Refused
from webapp.oms.answers import read_result
from webapp.oms.spellings import Code, read_struct

TOPIC: Final = "magento.inventory.aggregate_stock_repository.search"


class AggregateStock(msgspec.Struct, frozen=True, kw_only=True):
    """What the OMS has of one SKU in one aggregate."""

    aggregate_id: Code
    sku: Code
    quantity: int = 0
    unlimited: bool = False


class StockPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an answer; `total` counts all pages, None where the peer does not say."""

    offset: int = 0
    size: int = 0
    total: int | None = None
    items: tuple[AggregateStock, ...] = ()


def write(*, offset: int, size: int) -> dict[str, object]:
    """The params of `search`: `size` entries from `offset` on, of all aggregates."""
    query: dict[str, Any] = {"offset": offset, "size": size}
    return {"query": query}


def read_answer(answer: bytes) -> StockPage:
    """The page the OMS answered; raises `Refused` or `WireError`."""
    told = read_result(answer)
    if told is None or told == []:
        return StockPage()
    if isinstance(told, list):
        raise Refused("result", "an object with items", told)
    return read_struct(told, StockPage, "result")
