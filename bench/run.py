"""`make bench`: run the measures and print the table; `SMOKE=1` runs each of them small."""

import logging
import os
import sys

from bench import p1_delivery, p7_unit_lines


def main() -> None:
    """One row a measure: number, what was compared, ratio, goal, ok or missed."""
    logging.disable(logging.WARNING)
    smoke = os.environ.get("SMOKE", "") not in ("", "0")
    rows = [row for bench in (p1_delivery, p7_unit_lines) for row in bench.measure(smoke=smoke)]
    sys.stdout.write("\n".join(map(str, rows)) + "\n")


if __name__ == "__main__":
    main()
