"""Stock of an aggregate, by SKU (protocol: Stock; F31, F32)."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec

from webapp.domain.numbers import read_integer
from webapp.domain.refusals import Refused, in_words
from webapp.oms.spellings import Code, Status, also, read_struct

TOPIC: Final = "magento.inventory.aggregate_stock_management.updated"

Mode = Literal["FULL", "NONZERO", "DELTA"]

QUANTITY_LIMIT: Final = 2**31
_MODES: Final[dict[str, Mode]] = {"FULL": "FULL", "NONZERO": "NONZERO", "DELTA": "DELTA"}


class SkuStock(msgspec.Struct, frozen=True):
    """What there is of a SKU: a quantity from 0 to 2^31, or as much as anyone wants."""

    sku: str
    quantity: int
    unlimited: bool


class UnfitSku(msgspec.Struct, frozen=True):
    """A SKU whose entry needs to be listed: `taken` says whether it counts all the same (negative, as 0)."""

    sku: str
    reason: str
    taken: bool


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Stock of one aggregate at one time (UTC, None where the peer gave none).

    `stock` has each SKU once, its last entry; `unfit` what is refused or was mended.
    """

    aggregate_id: str
    mode: Mode
    created_on: datetime | None
    stock: tuple[SkuStock, ...]
    unfit: tuple[UnfitSku, ...]


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    # Read by itself, since a bad one refuses its SKU and not the message.
    quantity: Any = None
    unlimited: bool = False


class _Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry exactly as documented, which needs no second look."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=255, pattern=r"\A[^\x00]*\Z")]
    quantity: Annotated[int, msgspec.Meta(ge=0, le=QUANTITY_LIMIT)]
    unlimited: bool = False
    inflight_backorders: Any = None


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    aggregate_id: Annotated[Code, also("aggregate")]
    mode: Status
    created_on: datetime | None = None
    stock: Any


class _Params(msgspec.Struct, frozen=True):
    snapshot: _Snapshot


def read(params: object) -> Snapshot:
    """The message's one form; raises `Refused` naming the field.

    A quantity that is none refuses its SKU only, a negative one counts as 0; both are in `unfit`.
    """
    told = read_struct(params, _Params).snapshot
    if told.mode not in _MODES:
        raise Refused("snapshot.mode", "FULL, NONZERO or DELTA", told.mode)
    stock, unfit = _read_stock(told.stock)
    return Snapshot(
        aggregate_id=told.aggregate_id,
        mode=_MODES[told.mode],
        created_on=told.created_on,
        stock=tuple(stock.values()),
        unfit=tuple(unfit.values()),
    )


def _read_stock(entries: object) -> tuple[dict[str, SkuStock], dict[str, UnfitSku]]:
    try:
        plain = msgspec.convert(entries, list[_Plain])
    except msgspec.ValidationError:
        return _read_entries(entries)
    return {entry.sku: SkuStock(entry.sku, entry.quantity, entry.unlimited) for entry in plain}, {}


def _read_entries(entries: object) -> tuple[dict[str, SkuStock], dict[str, UnfitSku]]:
    stock: dict[str, SkuStock] = {}
    unfit: dict[str, UnfitSku] = {}
    if entries == {}:
        return stock, unfit
    if not isinstance(entries, list):
        raise Refused("snapshot.stock", "a list", entries)
    for index, wire in enumerate(entries):
        path = f"snapshot.stock[{index}]"
        entry = read_struct(wire, _Entry, path)
        # The last entry of a SKU is the one that counts, whatever an earlier one said.
        stock.pop(entry.sku, None)
        unfit.pop(entry.sku, None)
        _take(entry, path, stock, unfit)
    return stock, unfit


def _take(entry: _Entry, path: str, stock: dict[str, SkuStock], unfit: dict[str, UnfitSku]) -> None:
    if not 0 < len(entry.sku) <= 255:
        unfit[entry.sku] = UnfitSku(entry.sku[:255], "the SKU is empty or longer than 255 characters", False)
        return
    if entry.unlimited and entry.quantity is None:
        stock[entry.sku] = SkuStock(entry.sku, 0, True)
        return
    try:
        quantity = read_integer(entry.quantity, f"{path}.quantity")
    except Refused:
        quantity = QUANTITY_LIMIT + 1
    if quantity > QUANTITY_LIMIT:
        reason = f"expected a whole number from 0 to 2^31, got {in_words(entry.quantity)}"
        unfit[entry.sku] = UnfitSku(entry.sku, reason, False)
        return
    if quantity < 0:
        unfit[entry.sku] = UnfitSku(entry.sku, f"{quantity} is below 0 and counts as 0", True)
    stock[entry.sku] = SkuStock(entry.sku, max(quantity, 0), entry.unlimited)
