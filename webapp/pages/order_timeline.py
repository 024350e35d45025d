"""What happened to an order, newest first: its comments, and the messages that made none (F19)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from webapp.pages.sight import discreet
from webapp.pages.words.statuses import Badge, message_badge
from webapp.pages.words.times import told_and_received
from webapp.pages.words.topics import topic_words
from webapp.queries.journal import MessageRow
from webapp.queries.order_story import OrderStory

# What one message said is one entry.
AT_ONCE: Final = timedelta(seconds=1)
LONGEST_TITLE: Final = 140
_KINDS: Final = {
    "oms": Badge("From the OMS", "in", "ok"),
    "export": Badge("To the OMS", "out", "ok"),
    "shipment": Badge("Shipment", "done", "ok"),
    "store": Badge("From the store", "ring", "wait"),
}
_OTHER: Final = Badge("Note", "ring", "wait")


class Comment(Protocol):
    """A line of the order's history, as far as it matters here."""

    id: int
    at: datetime
    text: str
    kind: str
    oms_date: datetime | None
    message_id: int | None


@dataclass(slots=True)
class Happening:
    """One entry: `times` the OMS's own time of it and ours, `message` what caused it, `uid` that one's id."""

    id: str
    at: datetime
    title: str
    badge: Badge
    order: int
    texts: list[str] = field(default_factory=list)
    times: str = ""
    message: MessageRow | None = None
    uid: str | None = None
    shipment: bool = False


def happenings(story: OrderStory) -> list[Happening]:
    """All of it, newest first."""
    rows = {row.id: row for row in story.messages}
    found: list[Happening] = []
    told: dict[int, Happening] = {}
    for comment in story.file.comments:
        message_id = comment.message_id or 0
        entry = told.get(message_id)
        if entry is not None and comment.at - entry.at < AT_ONCE:
            entry.texts.append(discreet(comment.text))
            continue
        entry = _from_comment(comment, rows.get(message_id), story.uids.get(message_id))
        found.append(entry)
        if message_id:
            told[message_id] = entry
    found += [_from_message(row) for row in story.messages if row.id not in told]
    found.sort(key=lambda one: (one.at, one.order), reverse=True)
    return found


def _from_comment(comment: Comment, message: MessageRow | None, uid: str | None) -> Happening:
    badge = _KINDS.get(comment.kind, _OTHER)
    if message is not None and message.status == "failed":
        badge = Badge(badge.word, "fail", "fail")
    title, texts = _headed(discreet(comment.text), badge.word)
    return Happening(
        id=f"comment-{comment.id}",
        at=comment.at,
        title=title,
        badge=badge,
        order=message.id if message is not None else 0,
        texts=texts,
        times=_times(comment, message),
        message=message,
        uid=uid,
        shipment=comment.kind == "shipment",
    )


def _headed(text: str, word: str) -> tuple[str, list[str]]:
    """A comment's first sentence as its heading, the rest beneath; `word` over one too long for a heading."""
    first, stop, rest = text.partition(". ")
    if len(first) > LONGEST_TITLE:
        return word, [text]
    return (f"{first}.", [rest]) if stop else (text, [])


def _times(comment: Comment, message: MessageRow | None) -> str:
    if comment.oms_date is None:
        return ""
    return told_and_received(comment.oms_date, message.created_at if message else comment.at)


def _from_message(row: MessageRow) -> Happening:
    return Happening(
        id=f"message-{row.id}",
        at=row.settled_at or row.last_tried_at or row.created_at,
        title=topic_words(row.topic),
        badge=message_badge(row.status, row.direction),
        order=row.id,
        texts=[discreet(row.reason)] if row.reason else [],
        message=row,
        uid=row.uid,
    )
