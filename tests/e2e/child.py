"""A child that makes a grandchild, as web servers and pools do: `python child.py FOLDER NAME [deaf]`.

With `deaf` it ignores SIGTERM. Each start adds a line to FOLDER/NAME.pids: its own id and the grandchild's.
"""

import os
import signal
import sys
from pathlib import Path

from webapp.processes import die_with_parent

if __name__ == "__main__":
    folder, name, *manners = sys.argv[1:]
    if "deaf" in manners:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = os.getpid()
    grandchild = os.fork()
    if not grandchild:
        die_with_parent(parent)
        signal.pause()
    with (Path(folder) / f"{name}.pids").open("a") as file:
        file.write(f"{parent} {grandchild}\n")
    sys.stdout.write(f"{name} is here\n")
    sys.stdout.flush()
    signal.pause()
