"""Many messages from the journal at once, counted first; the job that does it, followed and ended (F04)."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from tests.fixtures.entrances import Store
from tests.fixtures.people import Person, Seen
from tests.integration.pages.kept import keep_messages, message_row
from webapp.domain.states import MessageStatus
from webapp.flows import mend_now

FAILED = {"status": MessageStatus.FAILED, "cause": "oms.refused.-32602", "reason": "Refused"}
SUPERSEDED = {"status": MessageStatus.SUPERSEDED}
WorkOff = Callable[..., None]


@pytest.fixture
def kept(app: Flask) -> list[str]:
    """Three failed messages, one delivered, one superseded; gives their ids."""
    rows = [
        *(message_row(number, **FAILED) for number in (1, 2, 3)),
        message_row(4),
        message_row(5, **SUPERSEDED),
    ]
    keep_messages(app, *rows)
    return [row["uid"] for row in rows]


@pytest.fixture
def _left_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses a button waits for nothing."""
    monkeypatch.setattr(mend_now, "PRESS_SECONDS", 0)


def _confirm(person: Person, path: str, **more: str) -> Seen:
    """Open the question, press its button, and see where that leads."""
    action = "/journal/skip" if "/skip" in path else "/journal/replay"
    fields: dict[str, Any] = person.look(path).fields(action) | more
    ids = re.findall(r"id=([0-9a-f-]{36})", path)
    said = person.send(action, fields | ({"id": ids} if ids else {}))
    assert said.status == 303, said.words
    return person.look(said.headers["Location"])


def test_all_of_a_filter_are_counted_first_then_sent_again(
    operator: Person, store: Store, kept: list[str]
) -> None:
    link = operator.look("/journal?status=failed").links()["Send all of the filter again …"]
    asked = operator.look(link)
    assert "Send 3 messages again?" in asked.words
    assert "3 messages failed." in asked.words
    assert operator.glance(link).of("dialog-title") == "Send 3 messages again?"

    said = _confirm(operator, link)
    assert "3 messages sent again." in said.of("notices")
    assert len(store.messages(status="pending")) == 3
    assert store.call("GET", f"/api/v1/messages/{kept[0]}").said["status"] == "pending"
    assert (
        "Begun again, with a new series of tries by operator@example.com"
        in operator.look(f"/journal/{kept[0]}").words
    )


def test_the_question_says_what_it_means_for_each_state(operator: Person, kept: list[str]) -> None:
    asked = operator.look("/journal/replay?topic=magento.catalog.product_management.updated").words
    assert "Send 4 messages again?" in asked
    assert "3 messages failed." in asked
    assert "1 message delivered or applied already: those go once more, under the same id." in asked
    nothing = operator.look("/journal/replay?status=held")
    assert "None that the filter matches can be sent again." in nothing.words
    assert nothing.actions() == [one for one in nothing.actions() if "replay" not in one]
    assert "/journal?status=held" in nothing.links().values()


def test_those_ticked_are_sent_again_and_the_rest_told_why(
    operator: Person, store: Store, kept: list[str]
) -> None:
    listed = operator.look("/journal")
    assert all(f'name="id" value="{uid}"' in listed.text for uid in kept)
    path = "/journal/replay?" + "&".join(f"id={uid}" for uid in (kept[0], kept[4]))
    assert "1 message under way, held or superseded: left as they are." in operator.look(path).words

    job = _confirm(operator, path)
    assert "1 message sent again, 1 left as it is." in job.of("notices")
    assert "A newer message took its place" in job.words
    assert f"/journal/{kept[4]}" in job.links().values()
    (done,) = store.call("GET", "/api/v1/jobs").said["items"]
    text = operator.client.get(f"/jobs/{done['id']}/errors.csv").text.lstrip("\ufeff")
    assert [row["subject"] for row in csv.DictReader(StringIO(text))] == [kept[4]]
    assert [one["id"] for one in store.messages(status="pending")] == [kept[0]]


def test_those_ticked_are_skipped_with_a_reason(operator: Person, store: Store, kept: list[str]) -> None:
    path = f"/journal/skip?id={kept[0]}&id={kept[1]}"
    asked = operator.look(path)
    assert "Skip 2 messages?" in asked.words
    refused = operator.send("/journal/skip", asked.fields("/journal/skip") | {"id": kept[:2], "reason": " "})
    assert refused.status == 422
    assert "Say why, for whoever asks later." in refused.words

    assert "2 messages set aside." in _confirm(operator, path, reason="Gone").of("notices")
    assert [one["reason"] for one in store.messages(status="skipped")] == ["Gone", "Gone"]


def test_what_cannot_be_asked_for_says_so(operator: Person, viewer: Person, kept: list[str]) -> None:
    assert operator.look("/journal/replay?id=nobody").status == 400
    assert operator.look("/journal/replay?status=lost").status == 400
    for path in ("/journal/replay", "/journal/skip"):
        said = operator.look(path)
        assert (said.status, said.headers["Location"]) == (303, "/journal")
        assert "No message was chosen." in operator.look("/journal").of("notices")
        assert viewer.look(f"{path}?id={kept[0]}").status == 403
    seen = viewer.look("/journal?status=failed")
    assert 'name="id"' not in seen.text
    assert "Send all of the filter again …" not in seen.links()


@pytest.mark.usefixtures("_left_to_workers", "kept")
def test_a_job_that_takes_longer_is_followed_on_its_page_and_the_overview(
    operator: Person, viewer: Person, store: Store, work_off: WorkOff
) -> None:
    page = _confirm(operator, "/journal/replay?status=failed")
    (job,) = store.call("GET", "/api/v1/jobs").said["items"]
    path = f"/jobs/{job['id']}"
    assert "Running 0 of 3" in page.words
    assert "operator@example.com" in page.words
    assert "Send 3 messages again" in operator.look("/jobs").links()
    assert "Running jobs" in viewer.look("/").words
    assert path in viewer.look("/").links().values()
    poll = re.search(rf'hx-get="({path}\?seen=\w+)" hx-trigger="every', page.text)
    assert poll
    assert operator.glance(poll[1]).status == 204

    work_off("jobs")

    moved = operator.glance(poll[1])
    assert "3 messages sent again." in moved.words
    assert "3 messages begun by it: 0 settled since." in moved.words
    assert operator.look(f"/journal?job={job['id']}").words.count("SKU-") >= 3
    assert operator.look(path).links()["3 messages begun by it"] == f"/journal?job={job['id']}"
    assert path in operator.look(f"/journal/{store.messages(status='pending')[0]['id']}").links().values()


@pytest.mark.usefixtures("_left_to_workers", "kept")
def test_a_job_is_ended_by_hand(operator: Person, viewer: Person, store: Store, work_off: WorkOff) -> None:
    _confirm(operator, "/journal/replay?status=failed")
    (job,) = store.call("GET", "/api/v1/jobs").said["items"]
    path = f"/jobs/{job['id']}/cancel"
    assert operator.look(f"/jobs/{job['id']}").links()["End it now …"] == path
    assert path not in viewer.look(f"/jobs/{job['id']}").text
    asked = operator.look(path)
    assert "What it has done by then stays done" in asked.words

    assert operator.send(path, asked.fields(path)).status == 303
    ended = operator.look(f"/jobs/{job['id']}")
    assert "The job is ended. No message sent again." in ended.of("notices")
    assert "Ended by hand" in ended.words
    operator.send(path, {})
    assert "It had ended by itself." in operator.look(f"/jobs/{job['id']}").of("notices")
    work_off("jobs")
    assert len(store.messages(status="failed")) == 3


def test_no_job_yet_and_no_such_job(viewer: Person) -> None:
    assert "No jobs yet" in viewer.look("/jobs").words
    assert "Running jobs" not in viewer.look("/").words
    for path in ("", "/errors.csv"):
        assert viewer.look(f"/jobs/00000000-0000-4000-8000-000000000001{path}").status == 404


def test_marks_without_a_field_stay_in_force_and_can_be_taken_out(viewer: Person, kept: list[str]) -> None:
    seen = viewer.look("/journal?status=failed&cause=oms.refused.-32602&endpoint=oms")
    assert seen.words.count("SKU-") >= 3
    assert seen.fields("/journal")["cause"] == "oms.refused.-32602"
    assert "/journal?status=failed&endpoint=oms" in seen.links().values() or "Any" in seen.links()
    assert "No message is like this" in viewer.look("/journal?cause=oms.other").words
