"""Many exchanges under way at once in one thread, behind one `wait`."""

import select
import socket
from contextlib import suppress
from typing import Final

import pycurl

from webapp.oms.exchange import Answer, Exchange, Silence

# curl names no sockets beyond the 1,024th: should there ever be such ones, they are looked at so often.
_LONGEST_WAIT: Final = 0.05


class Transfers:
    """Exchanges that are posted side by side; all but `wake` is for one thread."""

    def __init__(self) -> None:
        self._waking, self._woken = socket.socketpair()
        self._waking.setblocking(False)
        self._woken.setblocking(False)
        self._multi = pycurl.CurlMulti()
        self._under_way: dict[pycurl.Curl, Exchange] = {}

    def add(self, exchange: Exchange) -> None:
        """Post what this exchange was begun with."""
        self._under_way[exchange.handle] = exchange
        self._multi.add_handle(exchange.handle)

    def wait(self, seconds: float) -> list[tuple[Exchange, Answer | Silence]]:
        """What has ended, at the latest after `seconds` without any, or when woken."""
        # Sends what was added: only then are there sockets to wait for.
        _, left = self._multi.perform()
        if left == len(self._under_way):
            self._rest(seconds)
            self._multi.perform()
        return self._ended()

    def wake(self) -> None:
        """Let `wait` return soon; from any thread."""
        # Failure policy: where the buffer is full, or all is closed, nobody needs waking.
        with suppress(OSError):
            self._waking.send(b"\0")

    def close(self) -> None:
        """Leave what is under way, and close its connections."""
        for exchange in self._under_way.values():
            self._multi.remove_handle(exchange.handle)
            exchange.close()
        self._under_way.clear()
        self._multi.close()
        self._waking.close()
        self._woken.close()

    def _rest(self, seconds: float) -> None:
        """Until something is to be read or written, curl wants to be asked, or somebody wakes us."""
        poll = select.poll()
        poll.register(self._woken, select.POLLIN)
        read, write, _ = self._multi.fdset()
        for number in read:
            poll.register(number, select.POLLIN)
        for number in write:
            poll.register(number, select.POLLOUT | (select.POLLIN if number in read else 0))
        timer = self._multi.timeout()
        longest = min(seconds, _LONGEST_WAIT) if self._under_way else seconds
        happened = poll.poll(longest * 1000 if timer < 0 else min(longest * 1000, timer))
        if any(number == self._woken.fileno() for number, _ in happened):
            with suppress(BlockingIOError):
                self._woken.recv(4096)

    def _ended(self) -> list[tuple[Exchange, Answer | Silence]]:
        ended: list[tuple[Exchange, Answer | Silence]] = []
        more = 1
        while more:
            more, fine, failed = self._multi.info_read()
            for handle, code, words in [(handle, 0, "") for handle in fine] + failed:
                exchange = self._under_way.pop(handle)
                came = exchange.end(code, words)
                self._multi.remove_handle(handle)
                ended.append((exchange, came))
        return ended
