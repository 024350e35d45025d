"""What people are told of by e-mail and webhook, in words and as data (F04)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from webapp import clock
from webapp.config import product_version
from webapp.messaging.alerts import Telling
from webapp.messaging.notices import Letter
from webapp.pages.words.amounts import plural
from webapp.pages.words.masking import Sight, mask_words
from webapp.pages.words.times import exact, iso
from webapp.pages.words.topics import UNKNOWN, topic_words

NAME = "OMS Connector"
# Whoever reads e-mail may be anyone.
STRANGER = Sight(people=False, codes=False)
WAYS = {"email": "e-mail", "webhook": "call of the webhook"}
_PHASES = {"raised": "", "still": "Still: ", "over": "Over: "}


def alert_letter(tellings: Sequence[Telling], address: str) -> Letter:
    """One letter about all of it, what is new first; `address` is where the pages are."""
    order = {"raised": 0, "still": 1, "over": 2}
    told = sorted(tellings, key=lambda one: order[one.phase])
    headings = [heading(one) for one in told]
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    text = "\n\n".join(_paragraph(one, address) for one in told)
    return Letter(
        subject=f"[{NAME}] {headings[0]}{more}",
        text=f"{text}\n\nWhat needs you stands at {address}/\n",
        payload=_payload(" · ".join(headings), [_as_data(one, address) for one in told]),
    )


def try_letter(address: str) -> Letter:
    """A letter that says that alerts arrive."""
    words = "This is a test: alerts arrive here."
    text = f"{words}\n\nIt was asked for at {address}/integration\n"
    return Letter(f"[{NAME}] Test alert", text, _payload(words, []))


def say_results(results: Mapping[str, str | None]) -> tuple[str, bool]:
    """What became of a test, by ways (`email`, `webhook`), and whether all of it was taken."""
    if not results:
        return "Nobody is to be told yet: enter an e-mail address or a webhook, save, and try again.", False
    said = [f"{WAYS[way].capitalize()}: {why or 'taken.'}" for way, why in results.items()]
    return " ".join(said), not any(results.values())


def heading(one: Telling) -> str:
    """What it is, in a line."""
    return f"{_PHASES[one.phase]}{_what(one)}"


def _what(one: Telling) -> str:
    over = one.phase == "over"
    match one.kind:
        case "failed":
            words = topic_words(one.marks.get("topic", ""))
            thing = one.marks.get("topic", "") if words == UNKNOWN else words
            return (
                f"no failed messages left: {thing}"
                if over
                else f"{plural(one.count, 'message')} failed: {thing}"
            )
        case "backlog":
            return (
                "nothing waits too long any more"
                if over
                else f"{plural(one.count, 'message')} waiting too long"
            )
        case _:
            return "the OMS answers again, or nothing is sent to it" if over else "the OMS does not answer"


def _paragraph(one: Telling, address: str) -> str:
    lines = [heading(one)]
    if one.reason and one.phase != "over":
        lines.append(mask_words(one.reason, STRANGER))
    lines.append(_when(one))
    lines.append(_link(one, address))
    return "\n".join(lines)


def _when(one: Telling) -> str:
    if one.over_at is not None:
        return f"From {exact(one.since)} to {exact(one.over_at)}."
    return f"Since {exact(one.since)}."


def _link(one: Telling, address: str) -> str:
    """Where to look: the failed messages, the one that waits, or the Overview."""
    if one.kind == "failed" and one.phase != "over":
        return f"{address}/journal?{urlencode(one.marks)}"
    if one.kind == "backlog" and one.sample and one.phase != "over":
        return f"{address}/journal/{one.sample}"
    return f"{address}/"


def _payload(words: str, alerts: list[dict[str, Any]]) -> dict[str, Any]:
    """`text` is what chat programs show of it."""
    return {
        "source": "oms-connector",
        "version": product_version(),
        "at": iso(clock.now()),
        "text": words,
        "alerts": alerts,
    }


def _as_data(one: Telling, address: str) -> dict[str, Any]:
    return {
        "state": one.phase,
        "kind": one.kind.value,
        "summary": heading(one),
        "reason": mask_words(one.reason, STRANGER) or None,
        "count": one.count,
        "since": iso(one.since),
        "over_at": _iso(one.over_at),
        **{name: one.marks.get(name) for name in ("direction", "endpoint", "topic", "cause")},
        "message_id": one.sample or None,
        "url": _link(one, address),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
