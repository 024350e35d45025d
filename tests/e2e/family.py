"""A supervisor with children of the test's own: `python family.py FOLDER NAME=COMMAND …`.

Writes each child's process id to FOLDER/NAME.pid through the child itself, and `up` to FOLDER/started.
"""

import shlex
import sys
from pathlib import Path

from webapp.process_output import Output
from webapp.processes import Child, Family, Stopped


def main(folder: Path, children: list[str]) -> None:
    family = Family(Output(folder / "logs"))
    family.heed_signals()
    try:
        for named in children:
            name, _, command = named.partition("=")
            family.add(Child(name, shlex.split(command)))
        (folder / "started").write_text("up")
        while True:
            family.watch(60.0)
    except Stopped:
        family.output.say("stopping")
    finally:
        family.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
