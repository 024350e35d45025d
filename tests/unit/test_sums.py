"""The record of how an order came to its lines, for whoever wants to check it (F17, F27, F29)."""

from decimal import Decimal

from tests.fixtures.magento_documents import a_child, an_item, an_order
from webapp.domain.lines import EntrySum, Reduced
from webapp.domain.unit_lines import break_down
from webapp.store.magento_order import read_order


def test_each_entry_tells_its_way_from_the_store_s_figures_to_its_lines() -> None:
    """100.00 and 20.00 tax, half of it cancelled; a surcharge of 3.00; a card of 21.00 over 63.00."""
    items = [an_item(1, "A", 2, 100, tax_amount=20, tax_percent=20, qty_canceled=1)]
    card = {"gift_cards": [{"id": 1, "code": "GC", "amount": 21}], "gift_cards_amount": 21}
    order = an_order(
        items, 102, subtotal=100, tax_amount=20, total_canceled=60, tax_canceled=10, extension=card
    )
    done = break_down(read_order(order), show_sums=True)
    assert done.sums is not None
    row, surcharge = done.sums.entries

    assert (str(done.total), str(done.sums.paid_by_cards)) == ("42.00", "21.00")
    assert [str(line.gross) for line in done.lines] == ["40.00", "2.00"]
    assert row == EntrySum(
        id="1",
        sku="A",
        path="items[0]",
        ordered=Decimal(2),
        left=Decimal(1),
        net_before_discount=done.unit * 10_000,
        gross=done.unit * 12_000,
        tax=done.unit * 2_000,
        tax_cut=done.unit * 0,
        before_discount=done.unit * 6_000,
        reductions=(Reduced("GC", "Gift card", done.unit * 2_000),),
        gross_left=done.unit * 4_000,
        tax_left=done.unit * 667,
        lines=(1,),
    )
    assert (surcharge.id, str(surcharge.net_before_discount), str(surcharge.gross)) == (
        "SURCHARGE",
        "3.00",
        "3.00",
    )
    assert (str(surcharge.before_discount), str(surcharge.gross_left), surcharge.lines) == (
        "3.00",
        "2.00",
        (2,),
    )


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
