"""An aggregate's name and sources (protocol: From the OMS, aggregate_management; F06)."""

from typing import Annotated, Final

import msgspec

from webapp.oms.spellings import Code, also, read_struct

TOPIC: Final = "magento.inventory.aggregate_management.updated"


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """A stock the OMS sums up from its sources; `name` is "" where the peer gave none."""

    id: Annotated[Code, also("aggregate_id")]
    name: str = ""
    sources: tuple[str, ...] = ()

    @property
    def aggregate_id(self) -> str:
        """The id by which the aggregate's messages are kept in order."""
        return self.id


class _Params(msgspec.Struct, frozen=True):
    aggregate: Aggregate


def read(params: object) -> Aggregate:
    """The message's one form; raises `Refused` naming the field."""
    return read_struct(params, _Params).aggregate
