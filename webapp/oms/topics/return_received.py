"""A return has arrived (protocol: From the OMS, return_management.received; F23)."""

from datetime import datetime
from typing import Final

import msgspec

from webapp.oms.spellings import read_struct
from webapp.oms.topics.return_updated import Return, ReturnHead, as_return

TOPIC: Final = "magento.postsales.return_management.received"


class _Received(ReturnHead, frozen=True, kw_only=True):
    origin_date: datetime | None = None


class _Params(msgspec.Struct, frozen=True):
    return_: _Received = msgspec.field(name="return")


def read(params: object) -> Return:
    """The message as a return in status RECEIVED at `origin_date` (None: the time it came).

    Raises `Refused` naming the field.
    """
    told = read_struct(params, _Params).return_
    return as_return(told, status="RECEIVED", status_date=told.origin_date)
