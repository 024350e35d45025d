"""The orders this OMS holds, each one document: the order as it stands and what happened to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webapp.sandbox import clock, wire
from webapp.sandbox.keeping import keep_newest_orders
from webapp.sandbox.refusal import wrong
from webapp.sandbox.state import Database, setting
from webapp.sandbox.wire import Json

GOODS = ("PHYSICAL", "VIRTUAL")
FINAL = ("SHIPPED", "CANCELLED")


@dataclass(slots=True)
class HeldOrder:
    """`order` is a `magento.sales.order` with its statuses; the lists hold what was told about it.

    `step` counts the steps it has taken by itself, `advancing` says whether it takes more, `stop_after`
    names the last it may take. `last_date` keeps each event's date later than the one before.
    """

    id: str
    order: Json
    last_date: datetime
    step: int = 0
    advancing: bool = True
    stop_after: str | None = None
    shipments: list[Json] = field(default_factory=list)
    returns: list[Json] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)

    @property
    def store(self) -> str:
        """Its sales channel."""
        return str(self.order["store"])

    @property
    def lines(self) -> list[Json]:
        """Its unit lines, by line number."""
        return list(self.order["lines"])

    def line(self, number: object, path: str) -> Json:
        """One line; raises Refusal naming `path` where the order has no such number."""
        if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= len(self.lines):
            return self.lines[number - 1]
        raise wrong(path, f"a line number of order {self.id}, 1 to {len(self.lines)}", number)

    def open_lines(self, *types: str) -> list[Json]:
        """Lines of these product types that are neither shipped nor cancelled."""
        return [line for line in self.lines if line["product_type"] in types and line["status"] not in FINAL]

    def next_date(self) -> datetime:
        """Now in whole seconds, and a second after its event before at least: dates tell the order."""
        self.last_date = max(clock.now().replace(microsecond=0), self.last_date + timedelta(seconds=1))
        return self.last_date

    def told(self) -> Json:
        """What `control/orders/{id}` shows: the order, and what was told about it."""
        return {
            **self.order,
            "shipments": self.shipments,
            "returns": self.returns,
            "refunds": self.refunds,
            "advancing": self.advancing,
            "stop_after": self.stop_after,
        }


def add_order(db: Database, order: Json) -> HeldOrder:
    """Take an order in as NEW; it stops by itself where it was said it should."""
    stop = db.execute("SELECT stop_after FROM stops WHERE order_id = ?", (order["id"],)).fetchone()
    db.execute("DELETE FROM stops WHERE order_id = ?", (order["id"],))
    held = HeldOrder(
        id=order["id"],
        order=order,
        last_date=clock.now().replace(microsecond=0) - timedelta(seconds=1),
        stop_after=stop["stop_after"] if stop else setting(db, "stop_after"),
    )
    date = clock.rfc3339(held.next_date())
    order.update(status="NEW", status_reason=None, status_date=date)
    for line in order["lines"]:
        line.update(status="NEW", status_reason=None, status_date=date)
    held.advancing = held.stop_after != "accepted"
    seq = int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM orders").fetchone()[0])
    db.execute(
        "INSERT INTO orders VALUES (?, ?, 0, ?, ?, ?, ?)",
        (held.id, seq, clock.timestamp(), held.advancing, held.stop_after, _document(held)),
    )
    keep_newest_orders(db, seq)
    return held


def find_order(db: Database, order_id: str) -> HeldOrder | None:
    """The order of that id, None where there is none."""
    row = db.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
    if row is None:
        return None
    document = wire.read(row["document"])
    return HeldOrder(
        id=row["id"],
        order=document["order"],
        last_date=datetime.fromisoformat(document["last_date"]),
        step=row["step"],
        advancing=bool(row["advancing"]),
        stop_after=row["stop_after"],
        shipments=document["shipments"],
        returns=document["returns"],
        refunds=document["refunds"],
    )


def keep_order(db: Database, held: HeldOrder) -> None:
    """Write down what has changed of it."""
    db.execute(
        "UPDATE orders SET step = ?, stepped_at = ?, advancing = ?, stop_after = ?, document = ?"
        " WHERE id = ?",
        (held.step, clock.timestamp(), held.advancing, held.stop_after, _document(held), held.id),
    )


def due_orders(db: Database, before: float, count: int) -> list[str]:
    """Ids of orders that take steps by themselves and took the last one before that time."""
    rows = db.execute(
        "SELECT id FROM orders WHERE advancing = 1 AND stepped_at <= ? ORDER BY stepped_at LIMIT ?",
        (before, count),
    )
    return [row["id"] for row in rows]


def list_orders(db: Database, count: int) -> list[HeldOrder]:
    """The newest, newest first."""
    rows = db.execute("SELECT id FROM orders ORDER BY seq DESC LIMIT ?", (count,)).fetchall()
    found = [find_order(db, row["id"]) for row in rows]
    return [held for held in found if held is not None]


def _document(held: HeldOrder) -> bytes:
    return wire.write(
        {
            "order": held.order,
            "last_date": held.last_date.isoformat(),
            "shipments": held.shipments,
            "returns": held.returns,
            "refunds": held.refunds,
        }
    )
