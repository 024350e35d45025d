"""OAuth2 client credentials (protocol: Token). Keeping the token is the business of whoever asked."""

import base64
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, urlencode

from webapp.domain.numbers import read_quantity
from webapp.domain.outcome import Outcome, Verdict
from webapp.domain.refusals import Refused
from webapp.oms.client import Client
from webapp.oms.wire import WireError, decode

# A lifetime beyond this, in seconds, says no more than "long".
_LONGEST_LIFE: Final = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where a token is asked for, and as whom (settings `oms.token_url`, `oms.client_…`)."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """`value` goes after `Bearer`; `expires_in` is seconds, or None where the answer named no lifetime."""

    value: str = field(repr=False)
    expires_in: float | None


def fetch_token(client: Client, credentials: Credentials) -> Token | Outcome:
    """Asks for a token; an outcome that says why where there is none.

    The credentials go in the header as RFC 6749 asks for; a server that turns them down there gets them
    in the form, as some only read them there. Answers of 200 and 201 are taken.
    """
    token_url, client_id, client_secret = credentials.url, credentials.client_id, credentials.client_secret
    form = {"grant_type": "client_credentials"}
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    outcome = client.post_form(token_url, urlencode(form).encode(), basic)
    if outcome.http_status in (400, 401, 403):
        form |= {"client_id": client_id, "client_secret": client_secret}
        outcome = client.post_form(token_url, urlencode(form).encode(), {})
    if outcome.http_status is None:
        return replace(outcome, reason=outcome.reason.replace("The OMS", "The token address", 1))
    return _read_token(outcome)


def _read_token(outcome: Outcome) -> Token | Outcome:
    status = outcome.http_status
    try:
        answer = decode(outcome.answer or b"")
    except WireError:
        answer = None
    said = answer if isinstance(answer, dict) else {}
    value = said.get("access_token")
    if status in (200, 201) and isinstance(value, str) and value.isascii() and value.isprintable() and value:
        return Token(value, _lifetime(said.get("expires_in")))
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


def _lifetime(seconds: object) -> float | None:
    try:
        return min(float(read_quantity(seconds, "expires_in")), _LONGEST_LIFE)
    except Refused:
        return None
