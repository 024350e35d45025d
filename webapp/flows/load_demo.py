"""The demo store: orders in every state, sent to the sandbox OMS and led to where they should stand.

Safe to run again: it is done once, and one that was cut off goes on where it was.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from threading import Event

import msgspec
import urllib3
from sqlalchemy import select

from webapp import clock
from webapp.extensions import read, transaction
from webapp.flows.accept_order import CutOver, accept_order
from webapp.flows.change_settings import change_settings
from webapp.flows.demo_scenes import LAST_SCENES, SCENES, Scene
from webapp.flows.register_now import register_now
from webapp.models.orders import Order
from webapp.models.settings import Connection
from webapp.models.stored_settings import read_settings
from webapp.oms.topics import order_create
from webapp.oms.wire import encode
from webapp.store.demo_orders import demo_order

ACTOR = "demo store"
DEMO = "demo"
PACE_SECONDS = 0.1
WAIT_SECONDS = 120.0
LOOK_SECONDS = 0.2


class DemoNotLoaded(Exception):
    """The demo store could not be loaded; the message says why."""


def load_demo(sandbox_url: str, say: Callable[[str], None]) -> bool:
    """Load the demo store and lead its orders through the sandbox; False where that was done before."""
    with read() as session:
        row = session.get(Connection, DEMO)
    if row is not None and row.registered_at is not None:
        return False
    sandbox = _Sandbox(sandbox_url)
    began = _begin(row)
    _make_secret()
    result = register_now(ACTOR)
    if not result.registered:
        raise DemoNotLoaded(f"The sandbox OMS did not take the registration: {result.sentence}")
    say(result.sentence)
    pace = sandbox.set_pace(PACE_SECONDS)
    try:
        for scenes in (SCENES, LAST_SCENES):
            for scene in scenes:
                _play(scene, sandbox, began)
            _wait_for(scenes, say)
    finally:
        sandbox.set_pace(pace)
    with transaction() as session:
        session.get_one(Connection, DEMO).registered_at = clock.now()
    return True


def _begin(row: Connection | None) -> datetime:
    """When the demo was first begun: orders keep their times, so that a second run changes none."""
    if row is not None and row.last_in_at is not None:
        return row.last_in_at
    now = clock.now()
    with transaction() as session:
        session.add(Connection(endpoint=DEMO, last_in_at=now, registered_topics="", registration_error=""))
    return now


def _make_secret() -> None:
    with transaction() as session:
        if not read_settings(session).is_set("oms.secret"):
            change_settings(session, {"oms.secret": secrets.token_hex(24)}, ACTOR)


def _play(scene: Scene, sandbox: "_Sandbox", began: datetime) -> None:
    number = scene.order.number
    if scene.stop_after:
        sandbox.post("auto", {"order": number, "stop_after": scene.stop_after})
    if scene.refused:
        sandbox.post("faults", {"kind": "reject", "calls": 1, "method": order_create.TOPIC})
    with transaction() as session:
        change_settings(session, {"orders.residual": "hold" if scene.held else "service_line"}, ACTOR)
    order = demo_order(scene.order, began)
    accept_order(order, encode(order), ACTOR, CutOver(already_in_oms=scene.already_in_oms))
    with transaction() as session:
        change_settings(session, {"orders.residual": "service_line"}, ACTOR)
    if scene.then:
        _wait(lambda: _stands(number, "loaded", "processing"))
        path, _, status = scene.then.partition(" ")
        sandbox.post(f"orders/{number}/{path}", {"status": status, "reason": scene.reason} if status else {})


def _wait_for(scenes: tuple[Scene, ...], say: Callable[[str], None]) -> None:
    for scene in scenes:
        if not _wait(lambda scene=scene: _stands(scene.order.number, scene.export, scene.state)):  # type: ignore[misc]
            say(f"Order {scene.order.number} is not yet {scene.export}/{scene.state}; it goes on by itself.")


def _stands(number: str, export: str, state: str) -> bool:
    with read() as session:
        here = session.execute(
            select(Order.export_state, Order.state).where(Order.increment_id == number)
        ).one_or_none()
    return here is not None and (here.export_state, here.state) == (export, state)


def _wait(until: Callable[[], bool]) -> bool:
    ends = clock.monotonic() + WAIT_SECONDS
    while not until():
        if clock.monotonic() > ends:
            return False
        Event().wait(LOOK_SECONDS)
    return True


class _Sandbox:
    """The sandbox OMS's controls."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Set a control; raises `DemoNotLoaded` with what the sandbox says against it."""
        try:
            response = self._http.request("POST", f"{self._url}/control/{path}", json=body)
        except urllib3.exceptions.HTTPError as error:
            raise DemoNotLoaded(f"The sandbox OMS does not answer at {self._url}: {error}") from error
        if response.status >= 300:
            raise DemoNotLoaded(f"The sandbox OMS refused {path}: {response.data.decode()[:300]}")
        answer: dict[str, object] = msgspec.json.decode(response.data)
        return answer

    def set_pace(self, seconds: object) -> object:
        """Set the time between two steps of an order; gives what it was."""
        before = msgspec.json.decode(self._http.request("GET", f"{self._url}/control/auto").data)["pace"]
        self.post("auto", {"pace": seconds})
        return before
