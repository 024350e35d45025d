"""`/healthz`, `/readyz`, `/metrics`: what a load balancer and a collector are told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.fixtures.databases import without
from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.settings import NO_REDIS, config_for
from tests.integration.pages.kept import keep_messages, message_row
from webapp import create_app
from webapp.config import Config
from webapp.domain.states import MessageStatus
from webapp.extensions import db


def test_ready_when_all_of_it_is_there(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (
        200,
        {"status": "ok", "database": "ok", "redis": "ok", "migrations": "ok"},
    )


@pytest.fixture
def app_without_redis(config: Config) -> Iterator[Flask]:
    """The app where the doorbell finds nobody."""
    app = create_app(replace(config, redis_url=NO_REDIS))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_not_ready_says_what_is_missing(app_without_redis: Flask) -> None:
    client = app_without_redis.test_client()

    ready = client.get("/readyz")

    assert ready.status_code == 503
    assert ready.get_json()["database"] == "ok"
    assert ready.get_json()["redis"].startswith("does not answer")
    # The process itself is up.
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "url", ["sqlite:////nonexistent/folder/connector.db", "postgresql+psycopg://u@127.0.0.1:1/x"]
)
def test_not_ready_without_a_database(tmp_path: Path, url: str) -> None:
    app = create_app(config_for(tmp_path, url))

    ready = app.test_client().get("/readyz")

    assert ready.status_code == 503
    assert ready.get_json()["database"].startswith("does not answer")
    orders = app.test_client().get("/api/v1/orders", headers={"Authorization": "Bearer x"})
    assert (orders.status_code, orders.get_json()["error"]["code"]) == (503, "service_unavailable")


def test_not_ready_before_the_migrations(app: Flask) -> None:
    with app.app_context(), without("alembic_version"):
        ready = app.test_client().get("/readyz")

    assert ready.status_code == 503
    assert "oms-connector db upgrade" in ready.get_json()["migrations"]


def test_metrics_count_messages_and_lanes(store: Store) -> None:
    store.set(oms__url="http://127.0.0.1:1/")
    store.hand_in(an_order([an_item(1, "A", 1, 10)], 10))

    said = store.app.test_client().get("/metrics").get_data(as_text=True)

    create = 'direction="out",status="pending",topic="magento.sales.order_management.create"'
    assert f"oms_connector_messages{{{create}}} 1.0" in said
    assert 'oms_connector_lane_depth{lane="orders"} 2.0' in said
    assert 'oms_connector_lane_oldest_seconds{lane="orders"}' in said


def test_metrics_tell_how_far_a_job_is(store: Store) -> None:
    keep_messages(store.app, *(message_row(number, status=MessageStatus.FAILED) for number in range(3)))
    job = store.call("POST", "/api/v1/messages/replay", {"filter": {"status": "failed"}}).said["id"]
    said = store.app.test_client().get("/metrics").get_data(as_text=True)
    labels = f'{{job="{job}",kind="messages.replay"}}'
    assert f"oms_connector_job_total{labels} 3.0" in said
    assert f"oms_connector_job_past{labels} 0.0" in said
    assert f"oms_connector_job_batches{labels} 0.0" in said
