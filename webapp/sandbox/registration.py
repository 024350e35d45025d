"""Who is registered: where callbacks go, what they are signed with, which topics are wanted (F01)."""

from urllib.parse import urlsplit

from webapp.sandbox import clock, fields, signature
from webapp.sandbox.refusal import BAD_SIGNATURE, Refusal, missing, wrong
from webapp.sandbox.state import Database, keep_setting, setting
from webapp.sandbox.wire import Json


def registration(db: Database) -> Json | None:
    """`{id, url, secret, subscribes, contracts, labels, registered_at, probe}`, None before any."""
    found: Json | None = setting(db, "registration")
    return found


def register(db: Database, params: Json) -> Json:
    """Keep the peer that registers, in place of any before; answers the bus's `remote_endpoint`."""
    _check_registration(params)
    kept = {
        "id": params["id"],
        "url": params["url"],
        "secret": params.get("secret"),
        "subscribes": params.get("subscribes") or [],
        "contracts": params.get("contracts") or [],
        "labels": params.get("labels") or {},
        "registered_at": clock.rfc3339(clock.now()),
        "probe": None,
    }
    keep_setting(db, "registration", kept)
    return {
        "id": kept["id"],
        "peer_url": kept["url"],
        "contracts": kept["contracts"],
        "subscribes": kept["subscribes"],
        "labels": kept["labels"],
    }


def unregister(db: Database, params: Json) -> bool:
    """Forget the peer; its callbacks wait for the next one."""
    known = registration(db)
    if known is None or known["id"] != params.get("id"):
        raise wrong("id", "the id of a registered application", params.get("id"))
    keep_setting(db, "registration", None)
    return True


def _check_registration(params: Json) -> None:
    for name in ("id", "url"):
        if not params.get(name):
            raise missing(name, "a string that is not empty")
    address = urlsplit(params["url"])
    if address.scheme not in ("http", "https") or not address.hostname:
        raise wrong("url", "an http or https address", params["url"])
    for index, topic in enumerate(params.get("subscribes") or []):
        if topic not in fields.methods() or fields.methods()[topic].kind != "event":
            raise wrong(f"subscribes[{index}]", "an event this OMS sends", topic)


def note_probe(db: Database, outcome: str) -> None:
    """What the probe of the callback address found, for the page and for `control/registration`."""
    known = registration(db)
    if known is not None:
        keep_setting(db, "registration", {**known, "probe": outcome})


def secret_in_force(db: Database) -> str | None:
    """The secret set by hand (`control/secret`), else the one that came with the registration."""
    known = registration(db)
    by_hand: str | None = setting(db, "secret")
    return by_hand or (known["secret"] if known else None)


def check_signature(db: Database, body: bytes, header: str | None, offered: str | None) -> str:
    """ "verified", or "unchecked" where no secret is known; else raises Refusal with HTTP 401.

    `offered` is the secret inside a registration, which may sign itself unless one is set by hand.
    """
    known = secret_in_force(db)
    secrets = [known] if known else []
    if offered and not setting(db, "secret"):
        secrets.append(offered)
    if not secrets:
        return "unchecked"
    if not header:
        raise _unsigned("X-Signature is missing, and a secret is set")
    if not any(signature.matches(secret, body, header) for secret in secrets):
        raise _unsigned("X-Signature does not match the body under the secret in force")
    return "verified"


def _unsigned(sentence: str) -> Refusal:
    return Refusal(sentence, code=BAD_SIGNATURE, http_status=401)
