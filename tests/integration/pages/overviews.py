"""Looking at the Overview, and making happen what it tells of."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from tests.fixtures.magento_documents import Document, an_item, an_order
from tests.fixtures.people import Person, Seen
from webapp.extensions import read, transaction
from webapp.flows.register import register
from webapp.flows.registry import subscribed_topics
from webapp.messaging.bell import ring_sweep
from webapp.models.accounts import AuditEntry

WorkOff = Callable[..., None]


def order_numbered(number: str, **more: object) -> Document:
    return an_order([an_item(1, "MT07", 2, 40)], "40.00", subtotal=40, increment_id=number, **more)


def registered(app: Flask, work_off: WorkOff) -> None:
    with app.app_context(), transaction() as session:
        register(session, subscribed_topics(), "a test")
    work_off("orders")


def swept(app: Flask, work_off: WorkOff) -> None:
    """What is due by now is tried, as the scheduler's sweep finds it."""
    with app.app_context():
        ring_sweep()
    work_off()


def rows(seen: Seen) -> list[str]:
    """What needs attention, a row each, in words."""
    tables = [table for table in seen.tree.iter("table") if "needs" in (table.get("class") or "")]
    found = [row for table in tables for body in table.iter("tbody") for row in body.iter("tr")]
    return [" ".join(" ".join(row.itertext()).split()) for row in found]


def verdict(seen: Seen) -> tuple[str, ...]:
    """The one sentence, and what is said beside it."""
    (told,) = [one for one in seen.tree.iter("div") if one.get("class") == "verdict"]
    return tuple(text.strip() for text in told.itertext() if text.strip())


def press(person: Person, button: str, page: str = "/") -> Seen:
    """Press the button with these words, and look at the page it leads to."""
    seen = person.look(page)
    for form in seen.tree.iter("form"):
        if any("".join(one.itertext()).strip() == button for one in form.iter("button")):
            fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
            answered = person.send(form.get("action", ""), fields)
            assert answered.status == 303, answered.words
            return person.look(answered.headers["Location"])
    raise AssertionError(f"no button says {button!r}: {seen.words}")


def audited(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context(), read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [(one.actor, one.action, one.after or one.subject) for one in entries]
