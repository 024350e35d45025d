"""OAuth2 client credentials (protocol: Token). Keeping the token is the business of whoever asked."""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from webapp.domain.numbers import read_quantity
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.oms.client import Client
from webapp.oms.wire import WireError, decode

# A lifetime beyond this says no more than "long".
_LONGEST_LIFE: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Token:
    """`value` goes after `Bearer`; `expires_at` is aware UTC, or None where the answer named no lifetime."""

    value: str = field(repr=False)
    expires_at: datetime | None


def fetch_token(
    client: Client, token_url: str, client_id: str, client_secret: str, *, now: datetime
) -> Token | Outcome:
    """Asks `token_url` for a token; an outcome that says why where there is none.

    The credentials go in the header as RFC 6749 asks for; a server that turns them down there gets them
    in the form, as some only read them there. Answers of 200 and 201 are taken.
    """
    form = {"grant_type": "client_credentials"}
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    outcome = client.post_form(token_url, urlencode(form).encode(), basic)
    if outcome.http_status in (400, 401, 403):
        form |= {"client_id": client_id, "client_secret": client_secret}
        outcome = client.post_form(token_url, urlencode(form).encode(), {})
    if outcome.http_status is None:
        return replace(outcome, reason=outcome.reason.replace("The OMS", "The token address", 1))
    return _read_token(outcome, now)


def _read_token(outcome: Outcome, now: datetime) -> Token | Outcome:
    status = outcome.http_status
    try:
        answer = decode(outcome.answer or b"")
    except WireError:
        answer = None
    said = answer if isinstance(answer, dict) else {}
    value = said.get("access_token")
    if status in (200, 201) and isinstance(value, str) and value.isascii() and value.isprintable() and value:
        return Token(value, _expiry(said.get("expires_in"), now))
    why = said.get("error_description") or said.get("error")
    if status in (200, 201):
        reason = f"The token address answered HTTP {status} without an access_token"
    else:
        reason = f"The token address gave no token (HTTP {status}): " + (
            why[:500] if isinstance(why, str) and why else "check client id and client secret"
        )
    silent = status in (502, 503, 504)
    return replace(
        outcome,
        verdict=Verdict.SILENT if silent else Verdict.ERROR_ANSWER,
        reason=reason,
        cause=f"oms.token.http_{status}",
        # What it answered may hold a token.
        answer=None,
    )


def _expiry(seconds: object, now: datetime) -> datetime | None:
    try:
        life = read_quantity(seconds, "expires_in")
    except Refused:
        return None
    return now + min(timedelta(seconds=float(life)), _LONGEST_LIFE)
