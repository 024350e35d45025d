"""P1: journaled delivery by one worker, against a bare sender of the same bytes."""

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import flask_migrate

from bench.measure import Row, timed
from webapp import create_app
from webapp.config import Config
from webapp.extensions import db, transaction
from webapp.flows.change_settings import change_settings
from webapp.flows.registry import handlers
from webapp.messaging.drain import drain
from webapp.messaging.journal import NewMessage, new_uid, publish
from webapp.oms.envelope import encode_call
from webapp.oms.topics import product_updated

GOAL = 0.7
BATCH = 500


@contextmanager
def sink() -> Iterator[int]:
    """A far side in a process of its own; gives its port."""
    process = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise RuntimeError("the sink has no output to read its port from")
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def measure(*, smoke: bool) -> list[Row]:
    """Messages a second, journaled with their tries, against the same bytes with nothing recorded."""
    count = 500 if smoke else 5_000
    with tempfile.TemporaryDirectory() as home, sink() as port:
        config = Config(
            home=Path(home),
            database_url=f"sqlite:///{home}/bench.db",
            redis_url=f"unix://{home}/none.sock",
            embedded_redis=True,
            secret_key="bench",  # noqa: S106 - guards a database that is gone in a minute
        )
        app = create_app(config)
        with app.app_context():
            flask_migrate.upgrade()
            with transaction() as session:
                change_settings(session, {"oms.url": f"http://127.0.0.1:{port}/"}, "bench")
            payloads = _publish(count)
            bare = _send_bare(payloads, port)
            with timed() as took:
                while drain("catalog", handlers()).settled:
                    continue
            journaled = took()
            db.engine.dispose()
    ratio = bare / journaled
    compared = f"journaled delivery of {count} messages : bare sender, messages a second"
    return [Row("P1", compared, ratio, f">= {GOAL}", ratio >= GOAL)]


def _publish(count: int) -> list[bytes]:
    payloads = []
    for start in range(0, count, BATCH):
        new = [_message(number) for number in range(start, min(start + BATCH, count))]
        payloads += [one.payload for one in new]
        with transaction() as session:
            publish(session, new, "bench")
    return payloads


def _message(number: int) -> NewMessage:
    uid = new_uid()
    product = product_updated.Product(
        sku=f"SKU-{number:07}",
        type="simple",
        names=(product_updated.ProductName(f"Product {number}"),),
        currency="EUR",
        price=Decimal("19.99"),
        active=True,
    )
    payload = encode_call(product_updated.TOPIC, product_updated.write(product), uid)
    return NewMessage(product_updated.TOPIC, "catalog", f"product:SKU-{number:07}", payload, uid)


def _send_bare(payloads: list[bytes], port: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    with timed() as took:
        for payload in payloads:
            connection.request("POST", "/", payload, {"Content-Type": "application/json"})
            connection.getresponse().read()
    connection.close()
    return took()
