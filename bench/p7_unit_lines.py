"""P7: orders to unit lines, against encoding the whole message by `json.dumps`."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bench.measure import Row, best_of, timed
from webapp.domain.settings import Settings
from webapp.domain.unit_lines import break_down
from webapp.flows.compose_order import compose_order
from webapp.oms.wire import decode, encode
from webapp.store.demo_orders import DemoOrder, demo_order
from webapp.store.magento_order import read_order

GOAL = 6.0


def measure(*, smoke: bool) -> list[Row]:
    """A 2,000-line order and a cart of mixed kinds."""
    mixed = [("KIT-CAMP", 2), ("RID-1107", 3), ("SOC-4410", 5), ("MAP-GPX1", 1)]
    orders = {"2,000 lines": [("SOC-4410", 200 if smoke else 2_000)], "a cart of 15 pieces": mixed}
    return [_row(name, bought, repeats=3 if smoke else 10) for name, bought in orders.items()]


def _row(name: str, bought: list[tuple[str, int]], *, repeats: int) -> Row:
    demo = DemoOrder("100000001", "processing", "processing", bought, 1.0, rebate=10)
    order = read_order(decode(encode(demo_order(demo, datetime.now(UTC)))))
    params = compose_order(replace(order), Settings({})).params
    plain: Any = json.loads(json.dumps(params, default=float))

    def ours() -> float:
        with timed() as took:
            break_down(order, residual="service_line")
        return took()

    def encoding() -> float:
        with timed() as took:
            json.dumps(plain)
        return took()

    ratio = best_of(repeats, ours) / best_of(repeats, encoding)
    return Row(
        "P7", f"order of {name} to unit lines : json.dumps of its message", ratio, f"<= {GOAL}", ratio <= GOAL
    )
