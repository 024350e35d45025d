"""Who is told of what, by real e-mail and a real webhook: grouped, once, and again when it is over (F04)."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.mail_server import MailServer
from tests.fixtures.time import MovingClock
from tests.integration.flows.alerted import PRODUCT, fail, look, mend, set_settings, subjects
from tests.integration.messaging.journaled import (
    REFUSED,
    SILENT,
    TAKEN,
    Sink,
    claim,
    handlers,
    new,
    publish_one,
    published,
    settled,
    try_once,
)
from webapp.domain.outcome import Outcome, Verdict
from webapp.extensions import read, transaction
from webapp.flows.mend_many import REPLAY, choose_by_filter
from webapp.flows.mend_now import mend_now
from webapp.messaging import holds
from webapp.messaging.drain import drain
from webapp.models.alerts import Alert
from webapp.queries import attention

OTHER = Outcome(Verdict.REFUSED, "The OMS refused it: the price is missing.", cause="oms.refused.-32601")


def test_failures_of_one_cause_are_one_mail_and_a_second_one_when_they_are_mended(
    told: MailServer, moving_clock: MovingClock
) -> None:
    for number in range(3):
        fail(f"product:{number}")
    look(moving_clock)

    (mail,) = told.mails
    assert told.recipients == [["ada@example.com", "bob@example.com"]]
    assert mail["Subject"] == "[OMS Connector] 3 messages failed: Product sent to the OMS"
    text = mail.get_content()
    assert "The OMS refused it." in text
    assert "Since 2 Mar 2026, 09:00:00 UTC." in text
    link = "https://shop.example.com/journal?status=failed&direction=out&endpoint=oms&topic=" + PRODUCT
    assert link in text
    for _ in range(5):
        look(moving_clock, minutes=5)
    assert len(told.mails) == 1

    mend()
    look(moving_clock)
    assert len(told.mails) == 1, "gone only just now"
    look(moving_clock, minutes=1)
    assert subjects(told)[1:] == ["Over: no failed messages left: Product sent to the OMS"]
    assert "From 2 Mar 2026, 09:00:00 UTC to" in told.mails[1].get_content()
    look(moving_clock, minutes=60)
    assert len(told.mails) == 2


def test_what_is_to_be_told_at_one_time_is_told_in_one(told: MailServer, moving_clock: MovingClock) -> None:
    fail("product:1")
    fail("product:2", OTHER)
    fail("order:1", topic="magento.sales.order_management.create")
    look(moving_clock)
    assert subjects(told) == ["1 message failed: Product sent to the OMS (and 2 more)"]
    text = told.mails[0].get_content()
    assert text.count("1 message failed: Product sent to the OMS") == 2
    assert "1 message failed: Order sent to the OMS" in text
    assert "the price is missing" in text


def test_what_comes_back_soon_is_not_told_anew_each_time(told: MailServer, moving_clock: MovingClock) -> None:
    fail("product:1")
    look(moving_clock)
    mend()
    look(moving_clock)
    look(moving_clock, minutes=1)
    assert len(told.mails) == 2
    fail("product:2")
    look(moving_clock, minutes=1)
    look(moving_clock, minutes=8)
    assert len(told.mails) == 2
    look(moving_clock, minutes=8)
    assert subjects(told)[2:] == ["1 message failed: Product sent to the OMS"]


def test_sent_again_and_failed_again_is_neither_over_nor_new(
    told: MailServer, moving_clock: MovingClock
) -> None:
    fail("product:1")
    look(moving_clock)
    mend_now(REPLAY, choose_by_filter({"status": "failed"}), "an operator")
    look(moving_clock)
    try_once(REFUSED)
    look(moving_clock, minutes=2)
    look(moving_clock, minutes=30)
    assert len(told.mails) == 1


def test_that_it_goes_on_is_told_seldom_and_only_if_it_grows(
    told: MailServer, moving_clock: MovingClock
) -> None:
    fail("product:1")
    look(moving_clock)
    look(moving_clock, minutes=61)
    assert len(told.mails) == 1
    fail("product:2")
    look(moving_clock)
    assert subjects(told)[1:] == ["Still: 2 messages failed: Product sent to the OMS"]
    fail("product:3")
    look(moving_clock, minutes=61)
    assert len(told.mails) == 2
    look(moving_clock, minutes=300)
    assert subjects(told)[2:] == ["Still: 3 messages failed: Product sent to the OMS"]


def test_what_waits_too_long_is_told_blocked_keys_too(told: MailServer, moving_clock: MovingClock) -> None:
    create, _ = published(new("order:1", topic=PRODUCT, blocks_key=True), new("order:1", topic=PRODUCT))
    publish_one("order:2")
    (first, _) = claim()
    assert first.id == create
    assert settled(first, REFUSED)
    look(moving_clock, minutes=14)
    assert subjects(told) == ["1 message failed: Product sent to the OMS"]
    look(moving_clock, minutes=2)
    assert subjects(told)[1:] == ["2 messages waiting too long"]
    assert "1 of them wait behind another message." in told.mails[1].get_content()
    assert "Since 2 Mar 2026, 09:00:00 UTC." in told.mails[1].get_content()


def test_what_was_sent_again_or_let_go_waits_from_then_on(
    told: MailServer, moving_clock: MovingClock
) -> None:
    publish_one("order:1")
    with transaction() as session:
        holds.place(session, "lane", "orders", "by_hand", "Counting stock.", "a test")
    look(moving_clock, minutes=60)
    with transaction() as session:
        holds.lift(session, "lane", "orders", "by_hand", "a test")
    look(moving_clock, minutes=10)
    assert told.mails == []
    look(moving_clock, minutes=6)
    assert subjects(told) == ["1 message waiting too long"]
    try_once(TAKEN)
    look(moving_clock)
    look(moving_clock, minutes=2)
    assert subjects(told)[1:] == ["Over: nothing waits too long any more"]


def _try(outcome: Outcome) -> None:
    """A worker tries what is due, and it ends so."""
    drain("orders", handlers(Sink(lambda _: outcome)))


def test_a_silent_oms_is_told_after_several_tries_and_again_when_it_answers(
    told: MailServer, moving_clock: MovingClock
) -> None:
    set_settings(alerts__backlog_minutes=600)
    publish_one("order:1")
    for tries in range(1, 6):
        _try(SILENT)
        look(moving_clock, minutes=1)
        look(moving_clock, minutes=1)
        assert len(told.mails) == (tries >= 5)
    assert subjects(told) == ["the OMS does not answer"]
    text = told.mails[0].get_content()
    assert "No answer within 15 s." in text
    assert "Since 2 Mar 2026, 09:00:00 UTC." in text
    for _ in range(3):
        look(moving_clock, minutes=25)
    assert subjects(told)[1:] == ["Still: the OMS does not answer"]

    moving_clock.advance(minutes=30)
    _try(TAKEN)
    look(moving_clock)
    look(moving_clock, minutes=2)
    assert subjects(told)[2:] == ["Over: the OMS answers again, or nothing is sent to it"]


def test_of_an_oms_that_is_held_nobody_says_that_it_is_silent(
    told: MailServer, moving_clock: MovingClock
) -> None:
    publish_one("order:1")
    for _ in range(5):
        _try(SILENT)
        moving_clock.advance(minutes=2)
    with transaction() as session:
        holds.place(session, "endpoint", "oms", "disabled", "Disabled.", "a test")
    look(moving_clock)
    look(moving_clock, minutes=60)
    assert told.mails == []


def test_nobody_is_told_where_nobody_is_to_be(app_context: Flask, moving_clock: MovingClock) -> None:
    fail("product:1")
    look(moving_clock)
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Alert)) == 0


def test_what_failed_before_somebody_was_to_be_told_is_told_then(
    told: MailServer, moving_clock: MovingClock
) -> None:
    set_settings(alerts__email=None)
    fail("product:1")
    look(moving_clock)
    set_settings(alerts__email="ada@example.com")
    look(moving_clock)
    assert told.recipients == [["ada@example.com"]]


def test_no_personal_data_leaves_by_mail(told: MailServer, moving_clock: MovingClock) -> None:
    fail("product:1", Outcome(Verdict.REFUSED, "Unknown customer carol@example.com", cause="oms.refused.1"))
    look(moving_clock)
    assert "carol@example.com" not in told.mails[0].as_string()


def test_very_many_causes_are_told_and_none_is_taken_for_mended(
    told: MailServer, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "MOST_NEWEST", 3)
    for number in range(3):
        fail(f"product:{number}", replace(REFUSED, cause=f"oms.refused.{number}"))
    look(moving_clock)
    moving_clock.advance(seconds=1)
    for number in range(3, 6):
        fail(f"product:{number}", replace(REFUSED, cause=f"oms.refused.{number}"))
    look(moving_clock)
    look(moving_clock, minutes=2)
    look(moving_clock, minutes=2)
    assert subjects(told) == ["1 message failed: Product sent to the OMS (and 2 more)"] * 2
