"""Children die with their supervisor, however it ends, and are started again when they die alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.waiting import wait_for

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class Supervised:
    """A running `family.py` and what its children wrote about themselves."""

    def __init__(self, folder: Path, *manners: str) -> None:
        self.folder = folder
        self.names = [f"child{place}" for place in range(len(manners))]
        children = [
            f"{name}={sys.executable} {HERE / 'child.py'} {folder} {name} {manner}"
            for name, manner in zip(self.names, manners, strict=True)
        ]
        with (folder / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, HERE / "family.py", str(folder), *children],
                stderr=stderr,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )
        wait_for(lambda: all(self.starts(name) for name in self.names))

    def starts(self, name: str) -> list[list[int]]:
        """For each time the child was started: its process id and its grandchild's."""
        file = self.folder / f"{name}.pids"
        lines = file.read_text().splitlines() if file.exists() else []
        return [[int(pid) for pid in line.split()] for line in lines]

    def alive(self) -> set[int]:
        """Which of all processes ever started here still run."""
        started = {pid for name in self.names for start in self.starts(name) for pid in start}
        return {pid for pid in started if _runs(pid)}

    def log(self) -> str:
        return (self.folder / "stderr").read_text()


def _runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    made: list[Supervised] = []

    def start(*manners: str) -> Supervised:
        made.append(Supervised(tmp_path, *manners))
        return made[-1]

    yield start
    for supervised in made:
        if supervised.process.poll() is None:
            supervised.process.kill()
            supervised.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_children_and_grandchildren(
    supervise: Callable[..., Supervised], number: signal.Signals
) -> None:
    supervised = supervise("", "")
    assert len(supervised.alive()) == 4

    supervised.process.send_signal(number)

    assert supervised.process.wait() == 0
    assert supervised.alive() == set()


def test_a_second_signal_ends_children_that_do_not_heed_the_first(
    supervise: Callable[..., Supervised],
) -> None:
    supervised = supervise("deaf", "")
    deaf, _grandchild = supervised.starts("child0")[0]

    supervised.process.send_signal(signal.SIGTERM)
    wait_for(lambda: "stopping" in supervised.log())
    assert deaf in supervised.alive()
    supervised.process.send_signal(signal.SIGTERM)

    assert supervised.process.wait() == 0
    assert supervised.alive() == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_killing_the_supervisor_leaves_nothing_behind(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise("", "deaf")

    supervised.process.kill()
    supervised.process.wait()

    wait_for(lambda: not supervised.alive())


def test_a_killed_child_is_started_again_and_the_log_says_so(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise("", "")
    child, grandchild = supervised.starts("child0")[0]

    os.kill(child, signal.SIGKILL)

    wait_for(lambda: len(supervised.starts("child0")) == 2)
    wait_for(lambda: not _runs(grandchild))
    assert len(supervised.alive()) == 4
    assert "child0 was killed by SIGKILL; starting it again at once" in supervised.log()
    assert len(supervised.starts("child1")) == 1


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise("")

    os.kill(supervised.starts("child0")[0][0], signal.SIGKILL)
    wait_for(lambda: len(supervised.starts("child0")) == 2)
    os.kill(supervised.starts("child0")[1][0], signal.SIGKILL)
    wait_for(lambda: len(supervised.starts("child0")) == 3)

    assert "starting it again in 1 s" in supervised.log()


def test_output_is_named_on_stderr_and_kept_in_a_file(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise("", "")

    wait_for(lambda: supervised.log().count("is here") == 2)

    assert "child0    | child0 is here\n" in supervised.log()
    assert (supervised.folder / "logs" / "child1.log").read_text() == "child1 is here\n"
