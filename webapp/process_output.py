"""Where the children's output goes: to stderr, each line under its child's name, and to a file a child."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from webapp import clock

FILE_BYTES = 5_000_000
FILES_KEPT = 3
LONGEST_LINE = 65_536
_WIDTH = 10


class Output:
    """Lines of several children, kept apart.

    Failure policy: a full disk or a closed terminal loses lines of the log, never the process.
    """

    def __init__(self, folder: Path, stream: TextIO | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._stream = stream or sys.stderr
        self._files: dict[str, _RotatedFile] = {}
        self._partial: dict[int, bytes] = {}

    def take(self, name: str, read: bytes, source: int) -> None:
        """Take what child `name` wrote to descriptor `source`; nothing read means it is closed."""
        lines = (self._partial.pop(source, b"") + read).split(b"\n")
        rest = lines.pop()
        if rest and (not read or len(rest) >= LONGEST_LINE):
            lines.append(rest)
        elif rest:
            self._partial[source] = rest
        for line in lines:
            self._write(name, line.decode("utf-8", "replace"))

    def say(self, text: str) -> None:
        """A line of the supervisor's own."""
        self._write("up", f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {text}")

    def _write(self, name: str, line: str) -> None:
        if name not in self._files:
            self._files[name] = _RotatedFile(self._folder / f"{name}.log")
        self._files[name].emit(logging.LogRecord(name, logging.INFO, "", 0, line, None, None))
        try:
            self._stream.write(f"{name:<{_WIDTH}}| {line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return


class _RotatedFile(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """The line is lost; the process is not."""
