"""What fuzzing found, each by its name: so that none of it comes back."""

import pytest

from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person

# In a setting's text there is JSON of its own.
DEEP = "[" * 100_000
HALF_A_CHARACTER = '{"\\ud800": {"state": "new", "status": "new"}}'


def test_a_table_given_as_a_text_may_be_anything(store: Store) -> None:
    for text in (DEEP, HALF_A_CHARACTER, '{"A": {"state": "new", "status": "\\udfff"}}', "NaN", "nul"):
        reply = store.call("PATCH", "/api/v1/settings", {"statuses.map": text})
        assert (reply.status, str(reply.error["field"])[:12]) == (422, "statuses.map"), text[:40]
    assert store.call("GET", "/api/v1/settings").said["statuses.map"] == {}


def test_an_entry_of_a_table_has_no_field_nobody_knows(store: Store) -> None:
    odd: list[dict[str, object]] = [{"stat": "x"}, {"huge": 10**40}, {"a": [[]]}]
    for more in odd:
        entry = {"state": "new", "status": "new", **more}
        reply = store.call("PATCH", "/api/v1/settings", {"statuses.map": {"NEW": entry}})
        assert (reply.status, reply.error["field"]) == (422, "statuses.map.NEW"), more
        assert next(iter(more)) in reply.error["message"]


def test_a_number_of_thousands_of_digits_typed_into_a_setting_is_refused(store: Store) -> None:
    admin = Person(store.app)
    admin.sign_in()
    form = "/integration/settings/alerts"
    fields = admin.look("/integration").fields(form)

    answer = admin.send(form, fields | {"alerts.backlog_minutes": "9" * 5_000})

    assert answer.status == 422
    assert "a whole number from 1 to 10080" in answer.words


@pytest.mark.parametrize(
    "moment", ["0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31"]
)
def test_the_first_and_the_last_moment_there_are(store: Store, moment: str) -> None:
    store.hand_in(an_order([an_item(1, "A", 1, 10)], 10))
    for mark in ("since", "until"):
        found = store.messages(**{mark: moment})
        assert bool(found) == ((mark == "since") == moment.startswith("0001")), mark


def test_a_time_with_something_else_in_it_is_no_time(store: Store) -> None:
    order = an_order([an_item(1, "A", 1, 10)], 10)
    for odd in ("\u0084", "2024-05-01 10:00:00\u0000", 20240501, True):
        reply = store.hand_in(order | {"updated_at": odd})
        assert (reply.status, reply.error["field"]) == (422, "updated_at"), odd
    assert store.hand_in(order | {"updated_at": ""}).status == 202


def test_a_text_may_be_a_whole_number_however_it_is_written(store: Store) -> None:
    order = an_order([an_item(1, "A", 1, 10)], 10) | {"increment_id": 42}
    for number in (7, 7.0):
        assert store.hand_in(order | {"coupon_code": number}).status == 202, number
    reply = store.hand_in(order | {"coupon_code": 7.5})
    assert (reply.status, reply.error["field"]) == (422, "coupon_code")


def test_a_misspelt_filter_does_not_answer_with_everything(store: Store) -> None:
    for path in ("orders", "messages", "jobs"):
        reply = store.call("GET", f"/api/v1/{path}?stauts=failed")
        assert (reply.status, reply.error["field"]) == (422, "stauts"), path
        assert "limit" in reply.error["message"], path
        twice = store.call("GET", f"/api/v1/{path}?limit=1&limit=2")
        assert (twice.status, twice.error["field"]) == (422, "limit"), path


def test_an_address_with_a_slash_too_many_redirects_nobody(store: Store) -> None:
    for path in ("/api/v1//orders", "/api//v1/orders", "/api/v1/orders//"):
        assert store.call("GET", path).status == 404, path


def test_an_action_is_no_message(store: Store) -> None:
    """`replay` stands where a message's id would, and is none: only its own method is told of."""
    reply = store.call("GET", "/api/v1/messages/replay")

    assert reply.status == 405
    assert set(reply.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
