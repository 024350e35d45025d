"""Connections that go only where they may: what every curl handle is set up with, once.

The address is checked when a connection is made, and that address is the one connected to: a name that
resolves to something else a moment later changes nothing. TLS still checks the certificate by the name.
No proxy, no cookie and no password of the environment has a say.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pycurl

from webapp.oms.addresses import is_refused


class Rules:
    """Which addresses may be called, and by whose word a certificate is trusted.

    Raises `ValueError` for an entry of `allowed` that is no network, `OSError` (`ssl.SSLError` too) or
    `ValueError` for a `ca_file` that cannot be read as certificates.
    """

    def __init__(self, allowed: Sequence[str], ca_file: str | None) -> None:
        self._allowed = tuple(allowed)
        self.deaths = 0
        known = ssl.get_default_verify_paths()
        self._file, self._folder, self._authorities = known.cafile, known.capath, b""
        if ca_file:
            own = Path(ca_file).read_text(encoding="ascii")
            ssl.create_default_context().load_verify_locations(cadata=own)
            others = Path(known.cafile).read_bytes() if known.cafile else b""
            self._authorities = own.encode() + b"\n" + others

    def note_kept(self, *, died: bool) -> None:
        """Count the kept connections that the far side ended, in a row, instead of answering."""
        self.deaths = self.deaths + 1 if died else 0

    def may_be_called(self, address: str) -> bool:
        """Whether this address, as resolved, may be connected to."""
        return not is_refused(address, self._allowed)

    def open_handle(self, refused: Callable[[str], None]) -> pycurl.Curl:
        """A curl handle under these rules; `refused` is told each address that was not connected to."""

        def open_socket(_purpose: int, where: Any) -> Any:
            if not self.may_be_called(where.addr[0]):
                refused(where.addr[0])
                return pycurl.SOCKET_BAD
            # Its number alone: curl closes it.
            return socket.socket(where.family, where.socktype, where.protocol).detach()

        handle = pycurl.Curl()
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.POST, 1),
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.PROXY, ""),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.ACCEPT_ENCODING, ""),
            (pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2),
            (pycurl.OPENSOCKETFUNCTION, open_socket),
        ):
            handle.setopt(option, value)
        self._trust(handle)
        return handle

    def _trust(self, handle: pycurl.Curl) -> None:
        if self._folder:
            handle.setopt(pycurl.CAPATH, self._folder)
        if self._authorities:
            handle.setopt(pycurl.CAINFO_BLOB, self._authorities)
        elif self._file:
            handle.setopt(pycurl.CAINFO, self._file)
