"""How alerts go out: by real e-mail and a real webhook, tried again, never lost, once (F04)."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.fixtures.far_side import FarSide, answer
from tests.fixtures.mail_server import MailServer, mail_server
from tests.fixtures.time import MovingClock
from tests.integration.flows.alerted import PRODUCT, fail, look, set_settings, subjects
from webapp.config import Config
from webapp.domain.outcome import Outcome, Verdict
from webapp.extensions import read
from webapp.flows import send_notices
from webapp.flows.look_after import look_after
from webapp.messaging import sweep
from webapp.models.alerts import Notice
from webapp.pages.words.alerts import alert_letter

OTHER = Outcome(Verdict.REFUSED, "The OMS refused it: the price is missing.", cause="oms.refused.-32601")


def test_the_webhook_gets_the_same_signed_under_one_id(webhook: FarSide, moving_clock: MovingClock) -> None:
    webhook.replies.append(answer(500, b"broken"))
    failed = fail("product:1")
    look(moving_clock)
    look(moving_clock)
    first, second = webhook.asked
    assert first.body == second.body
    assert first.headers["x-notice-id"] == second.headers["x-notice-id"]
    digest = hmac.new(b"between us", second.body, hashlib.sha256).hexdigest()
    assert second.headers["x-signature"] == f"sha256={digest}"
    said = json.loads(second.body)
    assert (said["id"], said["text"]) == (
        second.headers["x-notice-id"],
        "1 message failed: Product sent to the OMS",
    )
    (alert,) = said["alerts"]
    expected = {"state": "raised", "kind": "failed", "count": 1, "reason": "The OMS refused it.",
                "topic": PRODUCT, "direction": "out", "endpoint": "oms", "cause": "oms.refused.-32602",
                "since": "2026-03-02T09:00:00.000Z", "over_at": None}  # fmt: skip
    assert alert | expected == alert
    assert alert["message_id"] in alert["url"] or "journal?status=failed" in alert["url"]
    assert failed


def test_a_mail_server_that_is_away_loses_no_notice(told: MailServer, moving_clock: MovingClock) -> None:
    told.close()
    fail("product:1")
    look(moving_clock)
    with read() as session:
        (notice,) = session.scalars(select(Notice))
    assert (notice.sent_at, notice.tries) == (None, 1)
    assert notice.reason.startswith("The mail server did not take it: Connection refused")

    told.open()
    told.answer = "451 Try again later"
    look(moving_clock)
    told.answer = "250 Taken"
    look(moving_clock, seconds=21)
    look(moving_clock, minutes=5)
    assert subjects(told) == ["1 message failed: Product sent to the OMS"]
    with read() as session:
        (notice,) = session.scalars(select(Notice))
    assert (notice.tries, notice.next_try_at, notice.reason) == (3, None, "")
    assert told.mails[0]["Message-ID"].startswith(f"<{notice.uid}@")


def test_a_notice_nobody_takes_is_given_up_after_two_days(
    told: MailServer, moving_clock: MovingClock
) -> None:
    told.answer = "550 No such user"
    fail("product:1")
    look(moving_clock)
    for _ in range(110):
        look(moving_clock, minutes=31)
    with read() as session:
        notice = session.scalars(select(Notice).order_by(Notice.id)).first()
    assert notice is not None
    assert (notice.sent_at, notice.next_try_at) == (None, None)
    assert "550 No such user" in notice.reason


def test_who_dies_while_sending_leaves_it_to_another(
    told: MailServer, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail("product:1")
    with monkeypatch.context() as patched:
        patched.setattr(send_notices, "_send", _die)
        with pytest.raises(Killed):
            look(moving_clock)
    look(moving_clock)
    assert told.mails == []
    look(moving_clock, seconds=91)
    assert len(told.mails) == 1


class Killed(BaseException):
    """What no handler of ours may catch: the process is gone."""


def _die(_outgoing: object) -> None:
    raise Killed


def test_two_workers_that_look_at_once_tell_it_once(
    app_context: Flask, told: MailServer, moving_clock: MovingClock
) -> None:
    fail("product:1")
    moving_clock.advance(seconds=11)

    def look(_number: int) -> None:
        with app_context.app_context():
            look_after(alert_letter, lambda: False)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(look, range(4)))
    assert len(told.mails) == 1
    with read() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 1


def test_a_notice_for_somebody_who_is_not_told_any_more_ends(
    told: MailServer, moving_clock: MovingClock
) -> None:
    told.close()
    fail("product:1")
    look(moving_clock)
    set_settings(alerts__email=None)
    told.open()
    look(moving_clock, minutes=1)
    assert told.mails == []
    with read() as session:
        assert [one.next_try_at for one in session.scalars(select(Notice))] == [None]


@pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore::DeprecationWarning")
def test_the_mail_server_may_want_a_password(
    app_context: Flask, config: Config, told: MailServer, moving_clock: MovingClock
) -> None:
    with mail_server(("connector@example.com", "s3cret")) as server:
        right = server.url.replace("@example", "%40example")
        app_context.config["CONNECTOR"] = replace(config, smtp_url=right)
        fail("product:1")
        look(moving_clock)
        assert server.mails[0]["From"] == "connector@example.com"
        wrong = right.replace("s3cret", "wrong")
        app_context.config["CONNECTOR"] = replace(config, smtp_url=wrong)
        fail("product:2", OTHER)
        look(moving_clock)
    with read() as session:
        reasons = [one.reason for one in session.scalars(select(Notice).order_by(Notice.id))]
    assert reasons[0] == ""
    assert "535" in reasons[1]
    assert "wrong" not in reasons[1]


def test_a_webhook_that_may_not_be_called_is_not(webhook: FarSide, moving_clock: MovingClock) -> None:
    set_settings(alerts__webhook_url="http://169.254.169.254/latest")
    fail("product:1")
    look(moving_clock)
    with read() as session:
        notices = {one.channel.value: one.reason for one in session.scalars(select(Notice))}
    assert notices == {"email": "", "webhook": "The webhook could not be reached: address refused."}
    assert webhook.asked == []


def test_a_worker_is_woken_for_alerts(told: MailServer, moving_clock: MovingClock) -> None:
    assert sweep.is_work_by_time_due()
    look(moving_clock)
    assert not sweep.is_work_by_time_due()
    moving_clock.advance(seconds=11)
    assert sweep.is_work_by_time_due()
