"""Unit lines written one after the other, numbered, each bundle before its children (protocol: the order)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from webapp.domain.lines import ProductType, Promotion, Tax, UnitLine
from webapp.domain.money import TEN_THOUSAND
from webapp.domain.splitting import Cut, Share, TaxPart

Attributes = tuple[tuple[str, str], ...]


class Look(NamedTuple):
    """What all lines of one row have in common besides their money."""

    id: str
    sku: str
    name: str
    product_type: ProductType
    rate: Decimal = Decimal(0)
    attributes: Attributes = ()


class Parent(NamedTuple):
    """The bundle line a line belongs to."""

    number: int
    id: str


class UnitAmounts(dict[int, Decimal]):
    """Smallest units as amounts, with exactly the unit's decimals; each made once."""

    def __init__(self, unit: int) -> None:
        """`unit` in ten-thousandths."""
        super().__init__()
        self.unit = (Decimal(unit) / TEN_THOUSAND).normalize()
        self.exponent = min(int(self.unit.as_tuple().exponent), 0)

    def __missing__(self, units: int) -> Decimal:
        amount = self[units] = Decimal(units).scaleb(self.exponent)
        return amount


class LineWriter:
    """Collects an order's lines; `lines` are those written so far."""

    def __init__(self, unit: int) -> None:
        """`unit` is the smallest unit in ten-thousandths."""
        self.amounts = UnitAmounts(unit)
        self.lines: list[UnitLine] = []

    def write(self, look: Look, share: Share, count: int = 1, parent: Parent | None = None) -> None:
        """Write `count` lines with this share."""
        amounts = self.amounts
        net, tax = amounts[share.gross - share.tax], amounts[share.tax]
        gross, original = amounts[share.gross], amounts[share.original]
        taxes = self._taxes(share.taxes)
        promotions = self._promotions(share.cuts, share.original)
        parent_number, parent_id = (parent.number, parent.id) if parent else (None, None)
        lines = self.lines
        for number in range(len(lines) + 1, len(lines) + 1 + count):
            lines.append(
                UnitLine(
                    number,
                    look.id,
                    look.product_type,
                    look.sku,
                    look.name,
                    net,
                    tax,
                    gross,
                    look.rate,
                    taxes,
                    original,
                    promotions,
                    parent_number,
                    parent_id,
                    "",
                    look.attributes,
                )
            )

    def write_bundle(self, look: Look) -> Parent:
        """Write a bundle's own line, which has no money; gives what its children refer to."""
        self.write(look, Share(0, 0, 0, (), ()))
        return Parent(len(self.lines), look.id)

    def _taxes(self, parts: Sequence[TaxPart]) -> tuple[Tax, ...]:
        if not parts:
            return (Tax("NO TAX", self.amounts[0], Decimal(0)),)
        return tuple(Tax(part.code, self.amounts[part.amount], part.percent) for part in parts)

    def _promotions(self, cuts: Sequence[Cut], original: int) -> tuple[Promotion, ...]:
        return tuple(
            Promotion(cut.code, cut.name, self.amounts[cut.amount], percentage(cut.amount, original))
            for cut in cuts
        )


def percentage(part: int, whole: int) -> Decimal:
    """`part` of `whole` in percent to two decimals, rounded half up."""
    return Decimal((20_000 * part + whole) // (2 * whole)).scaleb(-2)
