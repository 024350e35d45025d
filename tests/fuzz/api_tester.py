"""The property-based tester of the API: calls made by its own OpenAPI document, rightly and wrongly.

It runs as a process of its own and knows nothing of the connector but its address, a token and the document
it is given. It may find nothing.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Verdict:
    """How a run ended: `found` is whether anything was, `told` all that it said."""

    found: bool
    told: str


def try_api(url: str, token: str, folder: Path, *, examples: int, seed: int) -> Verdict:
    """Call every operation in up to `examples` ways a phase, besides those at the edges of each schema.

    In `folder` it leaves what it wants to remember.
    """
    ran = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIGURATION)),
            *("run", f"{url}/api/openapi.json", "--header", f"Authorization: Bearer {token}"),
            *("--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure"),
            *("--warnings", "off", "--suppress-health-check", "all"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Verdict(ran.returncode != 0, ran.stdout + ran.stderr)
