"""The client against a real far side on loopback: protocol's Token, Paths, Size; F05's failures."""

import gzip
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures.certificates import server_context
from tests.fixtures.far_side import FarSide, answer, drop, far_side, last, raw, taken
from tests.fixtures.waiting import wait_for
from webapp.domain.outcome import Outcome, Verdict
from webapp.oms.addresses import is_refused
from webapp.oms.client import Client, Target
from webapp.oms.deadline import seconds_left, time_limit
from webapp.oms.envelope import encode_call

NOW = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)
CREATE = "magento.sales.order_management.create"
PRODUCT = "magento.catalog.product_management.updated"
FIND = "magento.sales.order_repository.find"
REGISTER = "magento.service_bus.remote.register"
BODY = encode_call(CREATE, {"order": {"id": "000000042"}}, "id-1")


def client_of(side: FarSide, **settings: object) -> Client:
    target = Target(**{"url": side.url, "timeout_seconds": 20.0, "version": "1.2.3", **settings})  # type: ignore[arg-type]  # a test names what it changes
    return Client(target, now=lambda: NOW)


def call(client: Client, body: bytes = BODY, topic: str = CREATE, **asked: object) -> Outcome:
    return client.call(topic, body, "id-1", subject="order 000000042", **asked)  # type: ignore[arg-type]  # likewise


def test_a_call_is_posted_as_it_is_and_its_answer_kept() -> None:
    said = b'{"jsonrpc":"2.0","id":"id-1","result":{"x":1}}'
    with far_side(answer(200, said, {"X-Trace": "7"})) as side:
        outcome = call(client_of(side))
        (asked,) = side.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/oms", BODY)
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["user-agent"] == "oms-connector/1.2.3"
    assert asked.headers["content-length"] == str(len(BODY))
    assert "content-encoding" not in asked.headers
    assert asked.headers["accept-encoding"] == "identity"
    assert outcome.verdict is Verdict.SUCCEEDED
    assert (outcome.http_status, outcome.answer) == (200, said)
    assert outcome.answer_headers is not None
    assert outcome.answer_headers["x-trace"] == "7"
    assert outcome.duration_ms is not None
    assert outcome.duration_ms >= 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_the_signature_is_over_the_bytes_sent(algorithm: str) -> None:
    with far_side() as side:
        call(client_of(side, secret="s3cret", signature=algorithm))
        (asked,) = side.asked
    expected = hmac.new(b"s3cret", asked.body, algorithm).hexdigest()
    assert asked.headers["x-signature"] == f"{algorithm}={expected}"


def test_without_a_secret_nothing_is_signed() -> None:
    with far_side() as side:
        call(client_of(side))
    assert "x-signature" not in side.asked[0].headers


def test_connections_are_kept_alive() -> None:
    with far_side() as side:
        client = client_of(side)
        for _ in range(5):
            assert call(client).verdict is Verdict.SUCCEEDED
        assert (len(side.asked), side.connections) == (5, 1)


def test_a_connection_the_far_side_closed_meanwhile_is_made_anew() -> None:
    with far_side(last(b'{"result":[]}')) as side:
        client = client_of(side)
        assert call(client).verdict is Verdict.SUCCEEDED
        wait_for(lambda: side.closed)
        assert call(client).verdict is Verdict.SUCCEEDED
        assert side.connections == 2


def test_calls_go_side_by_side_up_to_the_concurrency() -> None:
    together = threading.Barrier(4)

    def meet(connection, asked) -> bool:  # type: ignore[no-untyped-def]  # the far side's own types
        together.wait(timeout=60)
        return taken(connection, asked)

    outcomes: list[Outcome] = []
    with far_side(*[meet] * 4) as side:
        client = client_of(side, concurrency=4)
        threads = [threading.Thread(target=lambda: outcomes.append(call(client))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [outcome.verdict for outcome in outcomes] == [Verdict.SUCCEEDED] * 4


def test_single_paths_post_everything_to_the_url() -> None:
    with far_side() as side:
        client = client_of(side)
        for topic in (CREATE, PRODUCT, FIND, REGISTER):
            call(client, topic=topic)
    assert {asked.path for asked in side.asked} == {"/oms"}
    assert all("to" not in asked.headers for asked in side.asked)


@pytest.mark.parametrize(
    ("topic", "awaited", "path"),
    [
        (CREATE, False, "/oms/delegate/oms"),
        (CREATE, True, "/oms/remote/oms"),
        (FIND, False, "/oms/remote/oms"),
        ("magento.sales.order_management.cancel", False, "/oms/remote/oms"),
        ("magento.sales.order_management.report_history", False, "/oms/delegate/oms"),
        ("magento.postsales.return_management.authorize", False, "/oms/delegate/oms"),
        (PRODUCT, False, "/oms/events"),
        (REGISTER, False, "/oms"),
    ],
)
def test_bus_paths_by_what_the_topic_is(topic: str, awaited: bool, path: str) -> None:
    with far_side() as side:
        call(client_of(side, paths="bus"), topic=topic, awaited=awaited)
    assert side.asked[0].path == path
    assert side.asked[0].headers["to"] == "*"


def test_bus_paths_keep_the_urls_own_path_and_query() -> None:
    with far_side() as side:
        call(client_of(side, paths="bus", endpoint="a b", url=f"{side.url}/?tenant=7"))
    assert side.asked[0].path == "/oms/delegate/a%20b?tenant=7"


def test_a_redirect_is_not_followed() -> None:
    with far_side() as other, far_side(answer(307, b"", {"Location": "http://x/"})) as side:
        side.replies[0] = answer(307, b"", {"Location": other.url})
        outcome = call(client_of(side))
        assert other.asked == []
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.redirect")
    assert (
        outcome.reason == f"The OMS answered with a redirect to {other.url} (HTTP 307), which is not followed"
    )


def test_nothing_is_sent_twice_by_itself() -> None:
    with far_side(drop) as side:
        outcome = call(client_of(side))
        assert len(side.asked) == 1
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.no_answer")
    assert outcome.reason == "The OMS closed the connection without an answer"


def test_nothing_is_sent_twice_when_a_kept_connection_ends_without_an_answer() -> None:
    with far_side(taken, drop) as side:
        client = client_of(side)
        assert [call(client).verdict for _ in range(3)] == [
            Verdict.SUCCEEDED,
            Verdict.SILENT,
            Verdict.SUCCEEDED,
        ]
        assert (len(side.asked), side.connections) == (3, 2)


def test_a_password_in_the_address_is_not_sent() -> None:
    with far_side() as side:
        call(client_of(side, url=side.url.replace("://", "://me:s3cret@")))
    assert "authorization" not in side.asked[0].headers


def test_a_proxy_of_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    with far_side() as proxy, far_side() as side:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert call(client_of(side)).verdict is Verdict.SUCCEEDED
        assert (len(side.asked), proxy.asked) == (1, [])


def test_an_answer_that_breaks_off() -> None:
    with far_side(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")) as side:
        outcome = call(client_of(side))
    assert (outcome.verdict, outcome.reason) == (Verdict.SILENT, "The OMS's answer broke off")


def test_an_answer_that_is_no_http() -> None:
    with far_side(raw(b"SSH-2.0-OpenSSH\r\n")) as side:
        outcome = call(client_of(side))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.no_answer")


def test_a_dropped_connection_leaves_the_pool_usable() -> None:
    with far_side(drop, drop) as side:
        client = client_of(side, concurrency=1)
        verdicts = [call(client).verdict for _ in range(3)]
    assert verdicts == [Verdict.SILENT, Verdict.SILENT, Verdict.SUCCEEDED]


@pytest.mark.parametrize("way", ["hang", "dribble"])
def test_the_time_limit_ends_a_call_whatever_the_far_side_does(way: str) -> None:
    with far_side() as side:
        side.replies.append(getattr(side, way))
        client = client_of(side, concurrency=1, timeout_seconds=0.3)
        outcome = call(client)
        assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.timeout")
        assert outcome.reason == "The OMS did not answer within 0.3 s"
        assert call(client, timeout=20.0).verdict is Verdict.SUCCEEDED


def test_connection_refused() -> None:
    with far_side() as side:
        pass
    outcome = call(client_of(side))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.connection_refused")
    assert outcome.reason == "The OMS could not be reached: connection refused"
    assert outcome.request_headers is not None


def test_an_unknown_name() -> None:
    with far_side() as side:
        outcome = call(client_of(side, url="http://no-such-host.invalid/"))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.unknown_name")
    assert outcome.reason.startswith(
        "The OMS could not be reached: its name is not known (no-such-host.invalid"
    )


@pytest.mark.parametrize("url", ["", "oms.example", "ftp://oms.example/", "http://", "http://x:99999/"])
def test_an_address_that_cannot_be_called(url: str) -> None:
    with far_side() as side:
        outcome = call(client_of(side, url=url))
    assert (outcome.verdict, outcome.cause) == (Verdict.FAULT, "oms.bad_url")


def test_tls_by_a_ca_of_ones_own(tmp_path: Path) -> None:
    context, authority = server_context(tmp_path)
    with far_side(tls=context) as side:
        assert call(client_of(side, ca_file=str(authority))).verdict is Verdict.SUCCEEDED
        outcome = call(client_of(side))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.tls")
    assert outcome.reason.startswith("The OMS could not be reached: its certificate is not trusted (")


def test_tls_checks_the_name_in_the_certificate(tmp_path: Path) -> None:
    context, authority = server_context(tmp_path, name="another.example")
    with far_side(tls=context) as side:
        outcome = call(client_of(side, ca_file=str(authority)))
        assert side.asked == []
    assert outcome.cause == "oms.tls"
    assert "localhost" in outcome.reason


def test_tls_calls_end_with_their_time_limit_too(tmp_path: Path) -> None:
    context, authority = server_context(tmp_path)
    with far_side(tls=context) as side:
        side.replies.append(side.dribble)
        outcome = call(client_of(side, ca_file=str(authority)), timeout=0.5)
    assert outcome.cause == "oms.timeout"


def test_tls_to_a_server_without_it() -> None:
    with far_side() as side:
        outcome = call(client_of(side, url=side.url.replace("http:", "https:")))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.tls")


@pytest.mark.parametrize("content", [None, "no certificates in here"])
def test_a_ca_file_that_is_none(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with far_side() as side:
        outcome = call(client_of(side, ca_file=str(file)))
        assert side.asked == []
    assert (outcome.verdict, outcome.cause) == (Verdict.FAULT, "oms.ca_file")
    assert outcome.reason.startswith(f"oms.ca_file: {file} cannot be read as certificates")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_metadata_addresses_are_refused_unless_allowed(address: str) -> None:
    assert is_refused(address, ())
    assert is_refused(address, ("10.0.0.0/8",))
    assert not is_refused(address, ("0.0.0.0/0", "::/0"))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "8.8.8.8", "::1", "fd00::1"])
def test_other_addresses_may_be_called(address: str) -> None:
    assert not is_refused(address, ())


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "0xa9fea9fe"])
def test_a_metadata_address_is_not_connected_to_however_it_is_written(host: str) -> None:
    with far_side() as side:
        outcome = call(client_of(side, url=f"http://{host}/"))
    assert (outcome.verdict, outcome.cause) == (Verdict.SILENT, "oms.address_refused")
    assert "169.254.169.254" in outcome.reason


def test_an_allowed_network_that_is_none() -> None:
    with far_side() as side:
        outcome = call(client_of(side, allow_addresses=("10.0.0.0/99",)))
        assert side.asked == []
    assert (outcome.verdict, outcome.cause) == (Verdict.FAULT, "oms.allow_addresses")


def test_a_body_above_two_megabytes_is_not_sent() -> None:
    body = encode_call(CREATE, {"order": "x" * 2 * 1024 * 1024}, "id-1")
    with far_side() as side:
        outcome = call(client_of(side), body=body)
        assert side.asked == []
    assert (outcome.verdict, outcome.cause) == (Verdict.REFUSED, "oms.too_large")
    assert outcome.reason == "Too large to be sent: 2.0 MB, and the OMS takes at most 2 MB a message"


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with far_side(answer(200, b"x" * (5 * 1024 * 1024))) as side:
        client = client_of(side, concurrency=1)
        outcome = call(client)
        assert call(client).verdict is Verdict.SUCCEEDED
    assert (outcome.verdict, outcome.cause) == (Verdict.ERROR_ANSWER, "oms.answer_too_large")
    assert outcome.answer is not None
    assert len(outcome.answer) == 64 * 1024


def test_an_answer_that_inflates_without_end_is_not_either() -> None:
    with far_side(answer(200, gzip.compress(b"x" * (5 * 1024 * 1024)), {"Content-Encoding": "gzip"})) as side:
        outcome = call(client_of(side))
    assert outcome.cause == "oms.answer_too_large"


def test_the_clock_skew_is_read_from_the_answers_date() -> None:
    date = (NOW + timedelta(minutes=10)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with far_side(answer(200, b'{"result":[]}', {"Date": date})) as side:
        outcome = call(client_of(side))
    assert outcome.clock_skew_seconds == 600.0


def test_a_limit_inside_another_ends_with_the_earlier() -> None:
    with time_limit(60.0), time_limit(3600.0):
        left = seconds_left()
        assert left is not None
        assert left <= 60.0
    with time_limit(3600.0):
        with time_limit(1.0):
            pass
        left = seconds_left()
        assert left is not None
        assert left > 60.0
    assert seconds_left() is None


def test_a_secret_is_not_shown_by_its_target() -> None:
    assert "s3cret" not in repr(Target("http://x", secret="s3cret"))


def test_cookies_of_the_far_side_are_not_kept() -> None:
    said = json.dumps({"result": []}).encode()
    with far_side(answer(200, said, {"Set-Cookie": "session=abc"})) as side:
        outcome = call(client_of(side))
    assert outcome.answer_headers is not None
    assert outcome.answer_headers["set-cookie"] == "••••"
