"""Child processes: started so that they cannot outlive us, started again when they die.

One process watches its children from one thread (pipes, signals and deaths come in over one selector), so
that preparing a child between fork and exec is safe.
"""

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from webapp import clock
from webapp.process_output import Output

LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 10.0
GRACE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which made it, dies in whatever way (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@dataclass
class Backoff:
    """How long to wait before what died is started again: at once, then 1, 2, 4 … 30 seconds.

    A run of `STEADY_SECONDS` is forgiven what went before it.
    """

    deaths: int = 0

    def after(self, ran_seconds: float) -> float:
        """Seconds to wait after a run of `ran_seconds`."""
        self.deaths = 1 if ran_seconds >= STEADY_SECONDS else self.deaths + 1
        return 0.0 if self.deaths == 1 else min(2.0 ** (self.deaths - 2), LONGEST_WAIT_SECONDS)


@dataclass
class Child:
    """One process kept running: its name in the log, its command line, sockets it is handed.

    `ends_last`: the others need it until they have ended.
    """

    name: str
    command: Sequence[str]
    sockets: Sequence[int] = ()
    ends_last: bool = False
    process: subprocess.Popen[bytes] | None = None
    backoff: Backoff = field(default_factory=Backoff)
    started_at: float = 0.0
    due_at: float = 0.0

    def start(self) -> int:
        """Start it in a session of its own; gives the file descriptor its output comes from."""
        parent = os.getpid()
        reading, writing = os.pipe()
        try:
            self.process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=self.sockets,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 - this process has one thread
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self.started_at = clock.monotonic()
        return reading

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send a signal to the process, or to all of its session; one that is gone is none."""
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            return

    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None


class Stopped(Exception):
    """A signal asked this process to stop."""


class Family:
    """The children of this process, watched together."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._stop_asked = 0
        self._woken, self._waking = socket.socketpair()

    def heed_signals(self) -> None:
        """From now on, a signal to stop raises `Stopped` in `watch`; nohup's wish is kept."""
        for end in (self._woken, self._waking):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        for number in _STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, _wake)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked += 1

    def add(self, child: Child) -> None:
        """Start a child and keep it running."""
        self._children.append(child)
        self._start(child)

    def run_once(self, child: Child) -> int:
        """Run a child to its end; gives its exit status (negative: the signal it died of)."""
        self._listen(child)
        try:
            self.wait_until(lambda: not child.running())
        finally:
            child.signal(signal.SIGKILL, group=True)
        self._watch_once(0.0)
        return child.process.wait() if child.process else 1

    def run_until_done(self, child: Child) -> None:
        """Run a child that is safe to repeat until it ends well, ever more slowly."""
        while status := self.run_once(child):
            wait = child.backoff.after(clock.monotonic() - child.started_at)
            self.output.say(f"{child.name} {describe_end(status)}; trying again {_in(wait)}")
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        resume_at = clock.monotonic() + seconds
        self.wait_until(lambda: clock.monotonic() >= resume_at)

    def wait_until(self, condition: Callable[[], bool], *, every: float = 0.2) -> None:
        """Watch the children until `condition` holds, asked after each event and `every` seconds."""
        while not condition():
            self.watch(every)

    def watch(self, seconds: float) -> None:
        """Wait for what happens, at most so long; raises `Stopped` once a signal asked for it."""
        self._watch_once(min(seconds, self._until_due()))
        if self._stop_asked:
            raise Stopped
        self._revive()

    def _until_due(self) -> float:
        waits = [child.due_at - clock.monotonic() for child in self._children if child.process is None]
        return max(0.0, min(waits, default=LONGEST_WAIT_SECONDS))

    def _watch_once(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if key.fileobj is self._woken:
                self._woken.recv(4096)
                continue
            read = os.read(key.fd, 65_536)
            self.output.take(key.data, read, key.fd)
            if not read:
                self._selector.unregister(key.fd)
                os.close(key.fd)

    def _revive(self) -> None:
        for child in self._children:
            if child.process is None and child.due_at <= clock.monotonic():
                self._start(child)
            elif child.process is not None and not child.running():
                self._bury(child)

    def _start(self, child: Child) -> None:
        try:
            self._listen(child)
        except OSError as error:
            # Failure policy: a machine short of memory or processes is tried again later, as a death is.
            child.process = None
            child.due_at = clock.monotonic() + child.backoff.after(0.0)
            self.output.say(f"{child.name} could not be started ({error}); trying again")

    def _listen(self, child: Child) -> None:
        self._selector.register(child.start(), selectors.EVENT_READ, child.name)

    def _bury(self, child: Child) -> None:
        child.signal(signal.SIGKILL, group=True)
        status = child.process.wait() if child.process else 0
        wait = child.backoff.after(clock.monotonic() - child.started_at)
        child.process = None
        child.due_at = clock.monotonic() + wait
        self.output.say(f"{child.name} {describe_end(status)}; starting it again {_in(wait)}")

    def stop(self) -> None:
        """End all children: SIGTERM, and SIGKILL to whoever is left after `GRACE_SECONDS`.

        A second signal to stop is taken as impatience: SIGKILL at once.
        """
        asked = max(self._stop_asked, 1)
        self._end([child for child in self._children if not child.ends_last], asked)
        self._end([child for child in self._children if child.ends_last], asked)

    def _end(self, children: list[Child], asked: int) -> None:
        deadline = clock.monotonic() + GRACE_SECONDS
        for child in children:
            child.signal(signal.SIGTERM)
        while any(child.running() for child in children):
            if clock.monotonic() >= deadline or self._stop_asked > asked:
                break
            self._watch_once(0.1)
        for child in children:
            child.signal(signal.SIGKILL, group=True)
            if child.process is not None:
                child.process.wait()
        self._watch_once(0.0)


def describe_end(status: int) -> str:
    """A process's exit status in words."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was killed by {signal.Signals(-status).name}"


def _in(seconds: float) -> str:
    return f"in {seconds:.0f} s" if seconds else "at once"


def _wake(_number: int, _frame: FrameType | None) -> None:
    """The wake-up descriptor tells; the handler only has to be there."""
