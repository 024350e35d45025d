"""Connections that go only where they may, and never outlast the call's time limit.

The address is checked when a connection is made, and that address is the one connected to: a name that
resolves to something else a moment later changes nothing. TLS still checks the certificate by the name.
"""

import queue
import socket
import ssl
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from webapp.oms.addresses import is_refused
from webapp.oms.deadline import seconds_left


class AddressRefused(OSError):
    """The name resolves only to addresses that may not be called; `address` is the first of them."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} may not be called")
        self.address = address


class UnknownName(OSError):
    """The host's name has no address."""


class NoConnectionInTime(OSError):
    """The far side did not take the connection within the time limit."""


class _LimitedSocket(socket.socket):
    """A socket whose every wait ends with the call's time limit."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(seconds_left())
        super().sendall(*args, **kwargs)


class _LimitedTLSSocket(ssl.SSLSocket):
    """The same over TLS."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return super().send(*args, **kwargs)


class _Checked(HTTPConnection):
    """Connects to an address that was checked."""

    allowed: ClassVar[tuple[str, ...]] = ()
    _parts: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        # Head and body in one piece: in two, the far side wakes up twice for each call.
        parts: list[bytes] = []
        self._parts = parts
        try:
            super().request(*args, **kwargs)
        finally:
            self._parts = None
        super().send(b"".join(parts))

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)
        else:
            self._parts.append(data)

    def _new_conn(self) -> socket.socket:
        refused: AddressRefused | None = None
        failure: OSError = UnknownName(f"{self.host} has no address")
        for family, address in _addresses_of(self.host.strip("[]"), self.port or self.default_port):
            if is_refused(address[0], self.allowed):
                refused = refused or AddressRefused(address[0])
                continue
            try:
                return _connected(family, address)
            except OSError as error:
                failure = error
                refused = None
        raise refused or failure


class _CheckedTLS(_Checked, HTTPSConnection):
    """The same over TLS."""


def make_pool(size: int, allowed: Sequence[str], ca_file: str | None) -> urllib3.PoolManager:
    """Up to `size` kept-alive connections a host; raises `OSError` (`ssl.SSLError` too) for `ca_file`."""
    context = ssl.create_default_context()
    context.sslsocket_class = _LimitedTLSSocket
    if ca_file:
        context.load_verify_locations(cadata=Path(ca_file).read_text(encoding="ascii"))
    plain = type("CheckedConnection", (_Checked,), {"allowed": tuple(allowed)})
    tls = type("CheckedTLSConnection", (_CheckedTLS,), {"allowed": tuple(allowed)})
    manager = urllib3.PoolManager(num_pools=8, maxsize=size, block=True, ssl_context=context)
    manager.pool_classes_by_scheme = {
        "http": type("CheckedPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("CheckedTLSPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": tls}),
    }
    return manager


def _connected(family: int, address: tuple[Any, ...]) -> socket.socket:
    connection = _LimitedSocket(family, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(seconds_left())
        connection.connect(address)
    except TimeoutError as error:
        connection.close()
        raise NoConnectionInTime(f"no connection to {address[0]} in time") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _addresses_of(host: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
    """What the name resolves to; a resolver that hangs is left behind when the time is up."""
    answers: queue.SimpleQueue[list[tuple[int, tuple[Any, ...]]] | OSError] = queue.SimpleQueue()
    threading.Thread(target=partial(_resolve, host, port, answers), daemon=True, name="resolve").start()
    try:
        found = answers.get(timeout=seconds_left())
    except queue.Empty:
        raise NoConnectionInTime(f"{host}: no answer from the name server in time") from None
    if isinstance(found, OSError):
        raise UnknownName(f"{host}: {found.strerror or found}")
    return found


def _resolve(
    host: str, port: int, answers: "queue.SimpleQueue[list[tuple[int, tuple[Any, ...]]] | OSError]"
) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        answers.put(OSError("not a name"))
    except OSError as error:
        answers.put(error)
    else:
        answers.put([(family, address) for family, _, _, _, address in found])
