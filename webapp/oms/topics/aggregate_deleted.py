"""An aggregate is gone from the OMS (protocol: From the OMS, aggregate_management; F06)."""

from typing import Annotated, Final

import msgspec

from webapp.oms.spellings import Code, also, read_struct

TOPIC: Final = "magento.inventory.aggregate_management.deleted"


class DeletedAggregate(msgspec.Struct, frozen=True, kw_only=True):
    """The id of the aggregate that is gone."""

    aggregate_id: Annotated[Code, also("id")]


def read(params: object) -> DeletedAggregate:
    """The message's one form; raises `Refused` naming the field."""
    return read_struct(params, DeletedAggregate)
