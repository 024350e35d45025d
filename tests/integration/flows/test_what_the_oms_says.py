"""Status callbacks: state, status, line fates, a comment an event; loaded on the OMS's own word (F18–F20)."""

import pytest

from tests.fixtures.entrances import CallingOms, Store
from tests.integration.flows.told import (
    CREATED,
    NUMBER,
    UPDATED,
    TellingOms,
    a_and_b,
    comments,
    line_statuses,
    line_told,
    order_told,
)


@pytest.fixture
def telling(store: Store, oms: CallingOms) -> TellingOms:
    """The order is here."""
    store.hand_in(a_and_b())
    return TellingOms(store, oms)


def stands(store: Store) -> tuple[str, str, str | None, str | None]:
    """Magento's state and status, the OMS's status and reason."""
    order = store.order(NUMBER)
    return order["state"], order["status"], order["oms"]["status"], order["oms"]["status_reason"]


def test_each_event_moves_the_order_and_says_so_once(store: Store, telling: TellingOms) -> None:
    telling.says(CREATED, {"order": {"id": NUMBER}})
    telling.says(UPDATED, order_told("RECEIVED", 1, "IMPORTED"))
    telling.says(UPDATED, order_told("ONHOLD", 2, "PENDING_REMORSE_TIME"))
    assert stands(store) == ("holded", "holded", "ONHOLD", "PENDING_REMORSE_TIME")
    telling.says(UPDATED, order_told("LOGISTICS", 3, "READYTOSHIP"))
    assert stands(store)[0] == "processing"
    telling.says(UPDATED, order_told("COMPLETE", 4, "FULLYSHIPPED"))
    for again in (order_told("RECEIVED", 1, "IMPORTED"), order_told("COMPLETE", 4, "FULLYSHIPPED")):
        telling.says(UPDATED, again)
    telling.says(CREATED, {"order": {"id": NUMBER, "status": "NEW"}})

    assert stands(store) == ("complete", "complete", "COMPLETE", "FULLYSHIPPED")
    assert comments(store) == [
        "The OMS has loaded the order.",
        "OMS status: none → RECEIVED (IMPORTED).",
        "OMS status: RECEIVED (IMPORTED) → ONHOLD (PENDING_REMORSE_TIME).",
        "OMS status: ONHOLD (PENDING_REMORSE_TIME) → LOGISTICS (READYTOSHIP).",
        "OMS status: LOGISTICS (READYTOSHIP) → COMPLETE (FULLYSHIPPED).",
    ]
    assert store.order(NUMBER)["oms"]["status_date"] == "2030-01-04T12:00:00Z"


def test_what_comes_late_or_is_unknown_is_a_comment_only(store: Store, telling: TellingOms) -> None:
    telling.says(UPDATED, order_told("LOGISTICS", 3))
    telling.says(UPDATED, order_told("APPROVED", 5))
    telling.says(UPDATED, order_told("WHATEVER", 6, "WHO KNOWS"))

    assert stands(store) == ("processing", "processing", "LOGISTICS", None)
    assert comments(store)[1:] == [
        "The OMS says APPROVED; the order stays at LOGISTICS.",
        "The OMS says WHATEVER (WHO_KNOWS), a status there is no rule for; the order stays as it is.",
    ]


def test_the_merchants_own_words_for_a_status(store: Store, telling: TellingOms) -> None:
    store.set(statuses__map={"LOGISTICS/READYTOSHIP": {"state": "processing", "status": "picking"}})

    telling.says(UPDATED, order_told("logistics", 3, "readytoship"))

    assert stands(store)[:2] == ("processing", "picking")


def test_lines_go_their_own_way(store: Store, telling: TellingOms) -> None:
    telling.says(
        UPDATED, order_told("LOGISTICS", 3, lines=[line_told(1, "PICKREADY", 3), line_told(4, "NEW", 3)])
    )
    # Also where the order's own status is a repeat, or not told at all.
    telling.says(
        UPDATED,
        order_told("LOGISTICS", 3, lines=[line_told(1, "PICKREADY", 3), line_told(2, "PICKREADY", 4)]),
    )
    telling.says(
        UPDATED,
        {"order": {"id": NUMBER, "lines": [line_told(4, "CANCELLED", 5, status_reason="OUTOFSTOCK")]}},
    )
    # The latest date stands, and what is final stays.
    telling.says(
        UPDATED, {"order": {"id": NUMBER, "lines": [line_told(1, "NEW", 1), line_told(4, "PICKREADY", 9)]}}
    )

    assert line_statuses(store) == {1: "PICKREADY", 2: "PICKREADY", 3: None, 4: "CANCELLED", 5: None}
    assert comments(store) == [
        "OMS status: none → LOGISTICS. Lines PICKREADY: 1; NEW: 4.",
        "Lines PICKREADY: 2.",
        "Lines CANCELLED (OUTOFSTOCK): 4.",
        "Lines NEW: 1; PICKREADY: 4.",
    ]


def test_a_line_that_is_not_the_orders_refuses_all_of_the_message(store: Store, telling: TellingOms) -> None:
    good = line_told(1, "PICKREADY", 3)
    wrong = {
        "order.lines[1].line_number": line_told(4, "PICKREADY", 3, line_number=9),
        "order.lines[1].sku": line_told(4, "PICKREADY", 3, sku="A"),
        "order.lines[1].id": line_told(4, "PICKREADY", 3, id="1"),
    }
    for field, line in wrong.items():
        named, sentence = telling.is_refused(UPDATED, order_told("LOGISTICS", 3, lines=[good, line]))
        assert named == field
        assert sentence.startswith(f"Line {line['line_number']} is ")

    assert line_statuses(store) == dict.fromkeys(range(1, 6))
    assert (comments(store), stands(store)[2]) == ([], None)


@pytest.mark.parametrize("topic", [CREATED, UPDATED])
def test_loaded_is_the_oms_s_own_word(store: Store, telling: TellingOms, topic: str) -> None:
    """Whatever became of our message: here it is still held."""
    assert store.order(NUMBER)["oms"]["export"] == "queued"

    telling.says(topic, order_told("NEW", 1))

    assert store.order(NUMBER)["oms"]["export"] == "loaded"
    assert store.hand_in(a_and_b()).said["export"] == "exported"
