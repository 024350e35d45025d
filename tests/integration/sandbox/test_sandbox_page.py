"""The sandbox's page: valid HTML without anything inline, and forms that do what they say."""

import html5lib
import pytest
import urllib3

from tests.fixtures.waiting import wait_for
from tests.integration.sandbox.listening_connector import SECRET, ListeningConnector
from tests.integration.sandbox.sandbox_calls import CREATE, PRODUCT, call, do, order, product
from tests.sandbox_process import SandboxProcess

_http = urllib3.PoolManager(retries=False)


def _send(sandbox: SandboxProcess, path: str, headers: dict[str, str] | None = None, **form: str) -> str:
    """Send a form as a browser does and follow to the page it leads to."""
    url = sandbox.url + path
    sent = _http.request("POST", url, fields=form, encode_multipart=False, headers=headers, redirect=False)
    assert sent.status == 303, sent.data
    return sandbox.get_text(sent.headers["Location"])


@pytest.fixture
def page(registered: SandboxProcess, connector: ListeningConnector) -> SandboxProcess:
    """A sandbox that has something to show: an order that is loaded, a call that was refused."""
    registered.control("auto", {"stop_after": "created"})
    do(registered, CREATE, order(), SECRET)
    call(registered, PRODUCT, product("<b>MUG</b>", status="<i>active</i>"), SECRET)
    connector.wait_for_taken(1)
    return registered


def test_it_is_valid_html_before_and_after_something_has_happened(
    sandbox: SandboxProcess, page: SandboxProcess
) -> None:
    full = page.get_text("/")
    sandbox.control("reset")
    empty = sandbox.get_text("/")

    for text in (full, empty):
        html5lib.HTMLParser(strict=True).parse(text)
        assert text.count("<title>Sandbox OMS</title>") == text.count("<h1>Sandbox OMS</h1>") == 1
        assert "style=" not in text
        assert "<script" not in text
    assert "Nobody has registered yet" in empty
    assert "No order has arrived yet" in empty


def test_it_shows_who_is_registered_the_orders_and_the_calls(
    page: SandboxProcess, connector: ListeningConnector
) -> None:
    text = page.get_text("/")

    assert connector.url in text
    assert "version 0.1.0" in text
    assert "000000042" in text
    assert "122.51 USD" in text
    assert SECRET not in text
    assert "&lt;i&gt;active&lt;/i&gt;" in text
    assert "<i>active" not in text


def test_its_style_is_a_file_of_its_own_and_nothing_else_may_load(page: SandboxProcess) -> None:
    answer = _http.request("GET", page.url + "/")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "prefers-color-scheme: dark" in page.get_text("/static/sandbox.css")


def test_ship_and_cancel(page: SandboxProcess) -> None:
    assert "Order 000000042: shipped." in _send(page, "/page/orders", order="000000042", act="ship")
    assert page.get("/control/orders/000000042")["status"] == "COMPLETE"
    assert "no line left to cancel" in _send(page, "/page/orders", order="000000042", act="cancel")
    assert "There is no order 9." in _send(page, "/page/orders", order="9", act="ship")


def test_faults_begin_and_end(page: SandboxProcess) -> None:
    assert "down" in _send(page, "/page/faults", kind="down", calls="3")
    assert page.get("/control/faults")["items"] == [{"kind": "down", "calls": 3, "seconds": None}]

    assert "All faults are over." in _send(page, "/page/faults", kind="")
    assert page.get("/control/faults")["items"] == []


def test_dialect_and_automatic(page: SandboxProcess) -> None:
    _send(page, "/page/dialect", dialect="go-like")
    text = _send(page, "/page/auto", enabled="no", stop_after="LOGISTICS")

    assert page.get("/control/dialect") == {"dialect": "go-like"}
    assert (page.get("/control/auto")["enabled"], page.get("/control/auto")["stop_after"]) == (
        False,
        "LOGISTICS",
    )
    assert '<option value="LOGISTICS" selected>' in text
    assert '<option value="go-like" selected>' in text


def test_another_sites_page_may_not_drive_it(page: SandboxProcess) -> None:
    for path in ("/page/faults", "/control/faults", "/page/orders", "/control/reset"):
        foreign = {"Sec-Fetch-Site": "cross-site"}
        answer = _http.request("POST", page.url + path, fields={"kind": "down"}, headers=foreign)
        assert answer.status == 403
    assert page.get("/control/faults")["items"] == []
    wait_for(lambda: page.get("/control/orders")["items"])
