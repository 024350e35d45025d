"""Which call may come by which way (protocol: Paths)."""

from webapp.sandbox import fields
from webapp.sandbox.state import Database, setting

# single: everything to / · bus: only registering there, the rest by the bus's ways · any: either.
PATHS = ("any", "single", "bus")

_KINDS = {"/delegate": {"command"}, "/remote": {"command", "query"}, "/events": {"event"}}
_OF_THE_BUS_ITSELF = "magento.service_bus."


def paths_in_force(db: Database) -> str:
    """`any` until it was set."""
    paths: str = setting(db, "paths", "any")
    return paths


def leads_to(db: Database, way: str, method: str) -> bool:
    """Whether a call of this topic may come by `/`, `/delegate`, `/remote` or `/events`."""
    paths = paths_in_force(db)
    registers = method.startswith(_OF_THE_BUS_ITSELF)
    if way == "/":
        return paths != "bus" or registers
    return paths != "single" and not registers and fields.methods()[method].kind in _KINDS[way]
