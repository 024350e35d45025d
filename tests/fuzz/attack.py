"""The attack: call after call, each judged at once; what was found is kept with the way to see it again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from tests.fuzz.calls import Sent, make_callback, make_order_call
from tests.fuzz.corpus import base_order
from tests.fuzz.json_text import write
from tests.fuzz.judge import Answer, Ruling, judge_callback, judge_order
from tests.fuzz.mutations import REASONS

# How many calls speak of one order before there is another.
CALLS_AN_ORDER = 40
MOST_SHOWN = 5


class Connector(Protocol):
    """Where the calls go: into the app, or over HTTP to a server."""

    def post(self, path: str, raw: bytes, headers: dict[str, str]) -> Answer:
        """One request."""


@dataclass
class Tally:
    """What was counted: calls by kind and outcome, why some were taken, what was found."""

    seed: int
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def add(self, kind: str, sent: Sent, ruling: Ruling, place: int) -> None:
        """Count a call and its ruling; `place` is its number in the attack."""
        self.outcomes[kind, ruling.outcome] += sent.count
        if ruling.taken:
            self.reasons.update(set(sent.changes) & REASONS.keys())
        for finding in ruling.findings:
            self.find(f"{kind} {place}, {'+'.join(sent.changes)}: {finding}\n    {sent.raw[:600]!r}")

    def find(self, finding: str) -> None:
        """Something that may not be."""
        self.findings.append(finding)

    def merge(self, other: "Tally") -> None:
        """Add what another counted."""
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.findings.extend(other.findings)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self.outcomes.values())

    def told(self) -> str:
        """All of it, for people."""
        lines = [f"seed {self.seed}, {self.calls} calls, {len(self.findings)} findings"]
        lines += [
            f"  {kind:9} {outcome:10} {count:7}" for (kind, outcome), count in sorted(self.outcomes.items())
        ]
        lines.append("  taken though changed, because:")
        lines += [
            f"    {self.reasons[name]:7} {name}: {why}" for name, why in REASONS.items() if self.reasons[name]
        ]
        shown = [f"FOUND {one}" for one in self.findings[:MOST_SHOWN]]
        return "\n".join(lines + shown)


@dataclass
class Attacker:
    """One thread of the attack: its own dice, its own orders, so that none meets another's."""

    connector: Connector
    secret: str
    token: str
    tally: Tally
    name: str
    after_each: Callable[[str, Sent, Ruling], str | None] = lambda kind, sent, ruling: None  # noqa: ARG005
    placed: int = 0
    order: str = ""

    def run(self, calls: int, *, sync: bool) -> None:
        """Make so many calls, callbacks and orders mixed."""
        for _ in range(calls):
            self.placed += 1
            # Dice of its own, so that a call can be made again without those before it.
            dice = Random(f"{self.tally.seed}/{self.name}/{self.placed}")  # noqa: S311 - dice, not secrets
            if self.placed % CALLS_AN_ORDER == 1:
                self.order = f"FUZZ-{self.name}-{self.placed}"
                self._hand_in()
            if dice.random() < 0.7:
                self._call_back(dice, sync=sync)
            else:
                self._order(dice)

    def _hand_in(self) -> None:
        raw = write(base_order(self.order)).encode()
        answer = self.connector.post("/api/v1/orders", raw, self._with_token({}))
        self.after_each("order", Sent(raw, raw, {}, ()), Ruling("taken", taken=True))
        if answer.status != 202:
            self.tally.find(f"the order to speak of was answered {answer.status} {answer.body[:300]!r}")

    def _call_back(self, dice: Random, *, sync: bool) -> None:
        sent = make_callback(self.order, self.secret, dice)
        answer = self.connector.post("/oms/callbacks", sent.raw, sent.headers)
        self._note("callback", sent, judge_callback(sent, answer, sync=sync), answer)

    def _order(self, dice: Random) -> None:
        sent = make_order_call(f"FZ-{self.name}-{self.placed}", dice)
        answer = self.connector.post("/api/v1/orders", sent.raw, self._with_token(sent.headers))
        self._note("order", sent, judge_order(sent, answer), answer)

    def _note(self, kind: str, sent: Sent, ruling: Ruling, answer: Answer) -> None:
        self.tally.add(kind, sent, ruling, self.placed)
        if answer.status >= 500:
            self.tally.find(f"{kind} {self.placed} was answered {answer.status}: {sent.raw[:600]!r}")
        wrong = self.after_each(kind, sent, ruling)
        if wrong is not None:
            changes = "+".join(sent.changes)
            self.tally.find(
                f"{kind} {self.placed}, {ruling.outcome}, {changes}: {wrong}\n    {sent.raw[:600]!r}"
            )

    def _with_token(self, headers: dict[str, str]) -> dict[str, str]:
        return {**headers, "Authorization": f"Bearer {self.token}"}
