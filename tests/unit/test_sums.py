"""The record of how an order came to its lines, for whoever wants to check it (F17, F27, F29)."""

from decimal import Decimal

from tests.fixtures.magento_documents import a_child, an_item, an_order
from webapp.domain.lines import EntrySum, Reduced, Sums
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order


def the_sums_of_half_an_order() -> Sums:
    """100.00 and 20.00 tax, half of it cancelled; a surcharge of 3.00; a card of 21.00 over 63.00."""
    items = [an_item(1, "A", 2, 100, tax_amount=20, tax_percent=20, qty_canceled=1)]
    card = {"gift_cards": [{"id": 1, "code": "GC", "amount": 21}], "gift_cards_amount": 21}
    sums = {"subtotal": 100, "tax_amount": Decimal("20.5"), "total_canceled": 60, "tax_canceled": 10}
    done = break_down(read_order(an_order(items, 102, extension=card, **sums)), show_sums=True)
    assert str(done.total) == "42.00"
    assert [str(line.gross) for line in done.lines] == ["40.00", "2.00"]
    assert done.sums is not None
    return done.sums


def test_each_row_tells_its_way_from_the_store_s_figures_to_its_lines() -> None:
    assert the_sums_of_half_an_order().entries[0] == EntrySum(
        id="1",
        sku="A",
        path="items[0]",
        ordered=Decimal(2),
        left=Decimal(1),
        net_before_discount=Decimal(100),
        gross=Decimal(120),
        tax=Decimal(20),
        tax_cut=Decimal(0),
        before_discount=Decimal(60),
        reductions=(Reduced("GC", "Gift card", Decimal(20)),),
        gross_left=Decimal(40),
        tax_left=Decimal("6.67"),
        lines=(1,),
    )


def test_a_surcharge_tells_its_own_way() -> None:
    sums = the_sums_of_half_an_order()
    surcharge = sums.entries[1]
    assert str(sums.paid_by_cards) == "21.00"
    assert (surcharge.id, surcharge.lines) == ("SURCHARGE", (2,))
    told = (surcharge.net_before_discount, surcharge.gross, surcharge.tax, surcharge.before_discount)
    assert [str(amount) for amount in told] == ["2.50", "3.00", "0.50", "3.00"]
    assert [str(amount) for amount in (surcharge.gross_left, surcharge.tax_left)] == ["2.00", "0.33"]


def test_a_fixed_bundle_s_lines_are_its_own_and_its_children_s() -> None:
    items = [
        an_item(1, "KIT", 2, 20, product_type="bundle"),
        a_child(2, 1, "A", 2),
        an_item(3, "B", 1, 1),
    ]
    sums = break_down(read_order(an_order(items, 21, subtotal=21)), show_sums=True).sums
    assert sums is not None
    assert [(entry.sku, entry.lines) for entry in sums.entries] == [("KIT", (1, 2, 3, 4)), ("B", (5,))]


def test_a_tax_that_was_cut_is_told() -> None:
    items = [an_item(1, "A", 1, 100, tax_amount=19, discount_amount=110)]
    sums = break_down(read_order(an_order(items, 9, subtotal=100, tax_amount=19)), show_sums=True).sums
    assert sums is not None
    (entry,) = sums.entries
    assert [str(amount) for amount in (entry.gross, entry.tax, entry.tax_cut)] == ["9.00", "9.00", "10.00"]
    assert [(one.name, str(one.amount)) for one in entry.reductions] == [("Discount", "110.00")]
