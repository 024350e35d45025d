"""What pages and metrics say while the OMS does not answer (F05)."""

from collections.abc import Callable

from tests.fixtures.entrances import Store
from tests.fixtures.magento_documents import an_item, an_order
from tests.fixtures.people import Person
from tests.fixtures.picky_oms import PickyOms

WorkOff = Callable[..., None]
PAUSED = "Sending orders is paused: one message every 5 s asks whether it answers again"
SAID = "The OMS is not available just now (HTTP 503)"
METRIC = 'oms_connector_breaker_open{endpoint="oms",lane="%s"} %s'


def test_that_sending_is_paused_is_said_until_it_answers(
    admin: Person, store: Store, far_oms: PickyOms, work_off: WorkOff
) -> None:
    metrics = store.app.test_client()
    assert METRIC % ("orders", "0.0") in metrics.get("/metrics").get_data(as_text=True)
    far_oms.broken = 503
    store.set(oms__concurrency=1)
    for number in range(6):
        store.hand_in(an_order([an_item(1, "A", 1, 10)], 10, increment_id=str(number)))
    work_off()

    overview = admin.look("/")
    assert "The OMS has not answered since" in overview.words
    assert PAUSED in overview.words
    integration = admin.look("/integration")
    assert f"The OMS does not answer. {PAUSED}" in integration.words
    assert f"Last heard of it: {SAID}" in integration.words
    assert f"sending orders was paused. {SAID}" in integration.words
    said = metrics.get("/metrics").get_data(as_text=True)
    assert METRIC % ("orders", "1.0") in said
    assert METRIC % ("catalog", "0.0") in said
    waiting = next(one for one in store.messages(status="pending") if not one["tries"] and one["next_try_at"])
    assert "It waits: the OMS does not answer" in admin.look(f"/journal/{waiting['id']}").words

    far_oms.broken = 0
    store.set(oms__timeout_seconds=14)
    work_off("orders")
    assert PAUSED not in admin.look("/").words
    integration = admin.look("/integration")
    assert PAUSED not in integration.words
    assert "sending orders went on. It answers again." in integration.words
    assert METRIC % ("orders", "0.0") in metrics.get("/metrics").get_data(as_text=True)
