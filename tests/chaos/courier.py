"""Brings the OMS's callbacks to the connector until each is taken; some twice, some out of order."""

import hashlib
import hmac
import json
import random
import uuid
from dataclasses import dataclass
from queue import Queue
from threading import Lock, Thread
from time import sleep
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from tests.chaos.history import events

PAUSE = 0.2


@dataclass
class Brought:
    """What the courier has done so far."""

    due: int = 0
    taken: int = 0
    twice: int = 0
    tries: int = 0


class Courier:
    """Posts signed callbacks from several threads; `share` of them twice, half of those under a new id."""

    def __init__(self, url: str, secret: str, seed: int, share: float, threads: int = 8) -> None:
        self.brought = Brought()
        self.wrongs: list[str] = []
        self._url, self._secret, self._share = url, secret, share
        self._dice = random.Random(seed)  # noqa: S311 - dice
        self._bags: Queue[bytes] = Queue()
        self._lock = Lock()
        self._http = urllib3.PoolManager(maxsize=threads, retries=False, timeout=30.0)
        for _ in range(threads):
            Thread(target=self._bring, daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether everything there was to bring was taken."""
        return self.brought.taken == self.brought.due

    def tell(self, order: Any) -> None:
        """Take on the events of an order; of one in five they set out in any order."""
        told = events(order)
        with self._lock:
            if self._dice.random() < 0.2:
                self._dice.shuffle(told)
            for topic, params in told:
                self._hand_out(topic, params)

    def _hand_out(self, topic: str, params: Any) -> None:
        first = _call(topic, params)
        self._bags.put(first)
        self.brought.due += 1
        if self._dice.random() < self._share:
            self._bags.put(first if self._dice.random() < 0.5 else _call(topic, params))
            self.brought.due += 1
            self.brought.twice += 1

    def _bring(self) -> None:
        while True:
            body = self._bags.get()
            while not self._is_taken(body):
                sleep(PAUSE)
            with self._lock:
                self.brought.taken += 1

    def _is_taken(self, body: bytes) -> bool:
        digest = hmac.new(self._secret.encode(), body, hashlib.sha1).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": f"sha1={digest}"}
        self.brought.tries += 1
        try:
            reply = self._http.request("POST", self._url, body=body, headers=headers)
        except HTTPError:
            return False
        if reply.status >= 500:
            return False
        if reply.status != 200 or json.loads(reply.data).get("result") is not True:
            self.wrongs.append(f"a callback was answered {reply.status} {reply.data[:300]!r}")
        return True


def _call(topic: str, params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": topic, "params": params, "id": str(uuid.uuid4())}).encode()
