"""A store that hands in its orders until each is taken, whatever happens in between."""

import json
from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from time import sleep
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from tests.chaos.history import store_order

AT_ONCE = 10
PAUSE = 0.2


class Store:
    """Calls the API with its token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(maxsize=4, retries=False, timeout=60.0)
        self.tries = 0
        self.taken = 0
        self.wrongs: list[str] = []

    def begin(self, first: int, count: int) -> Thread:
        """Hand in these orders in a thread of its own; gives it."""
        thread = Thread(target=self._hand_in_all, args=(first, count), daemon=True)
        thread.start()
        return thread

    def ask(self, path: str) -> Any:
        """What the API says, asked until it answers."""
        while True:
            try:
                reply = self._http.request("GET", f"{self._url}/{path}", headers=self._headers)
            except HTTPError:
                sleep(PAUSE)
                continue
            if reply.status < 500:
                assert reply.status == 200, reply.data[:500]
                return json.loads(reply.data, parse_float=Decimal)
            sleep(PAUSE)

    def all_of(self, path: str) -> Iterator[Any]:
        """Every item of a paged list."""
        joint = "&" if "?" in path else "?"
        cursor = ""
        while cursor is not None:
            page = self.ask(f"{path}{joint}limit=500" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next"]

    def _hand_in_all(self, first: int, count: int) -> None:
        for place in range(first, first + count, AT_ONCE):
            some = [store_order(one) for one in range(place, min(place + AT_ONCE, first + count))]
            body = json.dumps({"items": some}, default=float).encode()
            while not self._is_taken(body, len(some)):
                sleep(PAUSE)

    def _is_taken(self, body: bytes, count: int) -> bool:
        self.tries += 1
        try:
            reply = self._http.request("POST", f"{self._url}/orders", body=body, headers=self._headers)
        except HTTPError:
            return False
        if reply.status >= 500:
            return False
        told = json.loads(reply.data)
        refused = [one for one in told.get("items", []) if "error" in one]
        if reply.status != 202 or refused:
            self.wrongs.append(f"orders were answered {reply.status} {refused or told}"[:500])
        self.taken += count
        return True
