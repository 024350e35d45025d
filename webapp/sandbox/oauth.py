"""OAuth2 client credentials in front of the OMS (protocol: Token); off until `control/oauth` sets it."""

import hmac
import secrets
from http import HTTPStatus

from webapp.sandbox import clock
from webapp.sandbox.dialects import dialect_in_force
from webapp.sandbox.state import Database, keep_setting, setting
from webapp.sandbox.wire import Json

_KEPT_TOKENS = 1_000


def oauth(db: Database) -> Json | None:
    """`{client_id, client_secret, status, expires_in}` while tokens are asked for, else None.

    The last two may be null: the status is then the dialect's, and tokens live for ever.
    """
    found: Json | None = setting(db, "oauth")
    return found


def set_oauth(db: Database, asked: Json | None) -> None:
    """Ask for tokens from now on, or no more; those given out before are worth nothing."""
    keep_setting(db, "oauth", asked)
    revoke_tokens(db)


def revoke_tokens(db: Database) -> None:
    """Every token given out is worth nothing from now on."""
    db.execute("DELETE FROM tokens")


def give_token(
    db: Database, grant: str | None, client_id: str | None, client_secret: str | None
) -> tuple[int, Json]:
    """HTTP status and body for a token request; a peer was seen to answer 201 with the token alone."""
    asked = oauth(db)
    if asked is None:
        return 404, {"error": "not_found"}
    if grant != "client_credentials":
        return 400, {"error": "unsupported_grant_type"}
    known = (str(asked["client_id"]), str(asked["client_secret"]))
    told = (client_id or "", client_secret or "")
    if not all(
        hmac.compare_digest(left.encode(), right.encode()) for left, right in zip(known, told, strict=True)
    ):
        return 401, {"error": "invalid_client"}
    token = secrets.token_urlsafe(24)
    lifetime = asked["expires_in"]
    expires_at = None if lifetime is None else clock.timestamp() + lifetime
    db.execute("INSERT INTO tokens VALUES (?, ?)", (token, expires_at))
    db.execute("DELETE FROM tokens WHERE expires_at <= ?", (clock.timestamp(),))
    db.execute("DELETE FROM tokens WHERE rowid <= (SELECT max(rowid) FROM tokens) - ?", (_KEPT_TOKENS,))
    answer: Json = {"access_token": token}
    status = asked["status"] or dialect_in_force(db).token_status
    if status == HTTPStatus.OK or lifetime is not None:
        answer |= {"token_type": "Bearer"}
    if lifetime is not None:
        answer["expires_in"] = lifetime
    return int(status), answer


def is_let_in(db: Database, authorization: str | None) -> bool:
    """Whether the Authorization header opens the door, where there is one."""
    if oauth(db) is None:
        return True
    scheme, _, token = (authorization or "").partition(" ")
    row = db.execute("SELECT expires_at FROM tokens WHERE token = ?", (token,)).fetchone()
    if scheme != "Bearer" or row is None:
        return False
    return row["expires_at"] is None or row["expires_at"] > clock.timestamp()
