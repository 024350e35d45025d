"""The attack over HTTP: threads with connections kept alive, against a server in processes of its own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

from tests.fixtures.entrances import SECRET
from tests.fuzz.attack import Attacker, Tally
from tests.fuzz.calls import Sent
from tests.fuzz.judge import Answer, Ruling
from tests.fuzz.server import Server

SCOPES = ("orders:read", "orders:write", "messages:read", "settings:read", "settings:write")


class OverHttp:
    """Calls to a running server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def post(self, path: str, raw: bytes, headers: dict[str, str]) -> Answer:
        """One request."""
        reply = self._server.http.request("POST", self._server.url + path, body=raw, headers=headers)
        return Answer(reply.status, reply.data)


@dataclass
class Ledger:
    """Which orders were refused or taken: what is to be here when all is over, and what is not."""

    refused: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def note(self, kind: str, sent: Sent, ruling: Ruling) -> None:
        """Keep what became of an order; one of a list, or under another number, is not told apart."""
        if kind == "order" and sent.number and ruling.outcome != "list":
            (self.taken if ruling.taken else self.refused).append(sent.number)

    def wrongly_here(self, engine: Engine) -> list[str]:
        """Orders that were refused, and are here all the same."""
        with engine.connect() as connection:
            here = set(connection.execute(text("SELECT increment_id FROM orders")).scalars())
        return [number for number in self.refused if number in here]


@dataclass
class Siege:
    """Several attackers at once against one server."""

    server: Server
    seed: int
    threads: int
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        """The connector knows the OMS's secret, and a store's token is made."""
        self.token = self.server.token(*SCOPES)
        self.server.command("settings", "set", "oms.secret", SECRET)
        self._attackers = [
            Attacker(OverHttp(self.server), SECRET, self.token, Tally(self.seed), f"t{place}", self._look)
            for place in range(self.threads)
        ]

    def run(self, calls: int, *, mode: str) -> None:
        """So many calls in all, in one of the modes."""
        self.server.command("settings", "set", "inbound.mode", mode)
        with ThreadPoolExecutor(self.threads) as pool:
            each = [
                pool.submit(one.run, calls // self.threads, sync=mode == "sync") for one in self._attackers
            ]
        for one in each:
            one.result()

    def tally(self) -> Tally:
        """What all of them counted."""
        total = Tally(self.seed)
        for one in self._attackers:
            total.merge(one.tally)
        return total

    def _look(self, kind: str, sent: Sent, ruling: Ruling) -> str | None:
        self.ledger.note(kind, sent, ruling)
        return None
