"""Driving the OMS as a whole: `/control/…` (contract: Sandbox OMS)."""

import uuid
from collections.abc import Callable, Iterator
from functools import partial

from flask import Blueprint, Response, request

from webapp.sandbox import callbacks, clock, dialects, faults, oauth, paths, registration, signature, stock
from webapp.sandbox.fields import enums
from webapp.sandbox.given import Given, given_argument, given_body
from webapp.sandbox.lifecycle import STOPS, may_go_on
from webapp.sandbox.oms import running
from webapp.sandbox.order_book import find_order, keep_order
from webapp.sandbox.order_controls import UnknownOrder, json_answer
from webapp.sandbox.received import received_calls
from webapp.sandbox.refusal import missing, wrong
from webapp.sandbox.state import Database, keep_setting, setting
from webapp.sandbox.strictness import is_datetime, is_integer
from webapp.sandbox.wire import Json, write

blueprint = Blueprint("controls", __name__, url_prefix="/control")

_MODES = tuple(enums()["magento.inventory.snapshot_mode"])


@blueprint.get("/received")
def received() -> Response:
    """Every call in order, `{items: […], next}`; `?limit=` and `?cursor=` for a part of them."""
    return _stream(partial(received_calls, running().state))


@blueprint.get("/callbacks")
def sent() -> Response:
    """Every callback in order, and how many are in each state; as `received`, `?order=` for one order's."""
    order_id = request.args.get("order")
    with running().state.transaction() as db:
        states = callbacks.callback_states(db)
    key = f"order:{order_id}" if order_id else None
    return _stream(partial(callbacks.list_callbacks, running().state, key), {"states": states})


def _stream(items_after: Callable[[int, int | None], Iterator[Json]], more: Json | None = None) -> Response:
    """`{items, next}` as it is read, so that a day's calls are never held whole."""
    limit, cursor = given_argument("limit", 1), given_argument("cursor", 0)
    items = items_after(cursor or 0, limit)

    def pieces() -> Iterator[bytes]:
        count, last = 0, None
        yield b'{"items":['
        for item in items:
            yield (b"," if count else b"") + write(item)
            count, last = count + 1, item["seq"]
        yield b"]," + write({"next": last if count == limit else None, **(more or {})})[1:]

    return Response(pieces(), content_type="application/json")


@blueprint.post("/callback")
def callback() -> Response:
    """`{method, params, id?, key?}` (id null: none), or `{body}` as it is; sent, subscribed to or not."""
    given = given_body("method", "params", "id", "key", "body")
    if given.has("body"):
        method, message_id, body = "", None, str(given.plain("body")).encode("utf-8", "surrogatepass")
    else:
        method = given.needed_text("method")
        message_id = given.plain("id") if given.has("id") else str(uuid.uuid4())
        told = {"jsonrpc": "2.0", "method": method, "params": given.plain("params")}
        told |= {} if message_id is None else {"id": message_id}
        body = _written(told)
    with running().state.transaction() as db:
        known_as = None if message_id is None else str(message_id)
        seq = callbacks.say_raw(db, body, method, known_as, given.text("key"))
    running().sender.wake()
    return json_answer({"seq": seq, "id": message_id}, 202)


def _written(call: Json) -> bytes:
    try:
        return write(call)
    except (UnicodeEncodeError, TypeError):
        raise wrong("params", "what a writer of JSON can write; anything else goes as body", "this") from None


@blueprint.route("/auto", methods=["GET", "POST"])
def auto() -> Response:
    """`{enabled?, stop_after?, pace?, order?, call_back_first?}`: how orders go by themselves.

    With `order`, the stop is that order's alone, which need not exist yet; else that of orders to come.
    """
    if request.method == "POST":
        given = given_body("enabled", "stop_after", "pace", "order", "call_back_first")
        stop = given.word("stop_after", STOPS) if given.plain("stop_after") is not None else None
        with running().state.transaction() as db:
            for name, kept in (("enabled", "auto"), ("call_back_first", "call_back_first")):
                if (flag := given.flag(name)) is not None:
                    keep_setting(db, kept, flag)
            if given.has("stop_after"):
                _set_stop(db, given.text("order"), stop)
        if given.plain("pace") is not None:
            running().lifecycle.pace = 0.0 if given.plain("pace") == 0 else given.seconds("pace") or 0.0
    with running().state.transaction() as db:
        told = {
            "enabled": setting(db, "auto", True),
            "stop_after": setting(db, "stop_after"),
            "pace": running().lifecycle.pace,
            "call_back_first": setting(db, "call_back_first", False),
        }
    return json_answer(told)


def _set_stop(db: Database, order_id: str | None, stop: str | None) -> None:
    if order_id is None:
        keep_setting(db, "stop_after", stop)
        return
    held = find_order(db, order_id)
    if held is None:
        db.execute("INSERT OR REPLACE INTO stops VALUES (?, ?)", (order_id, stop))
        return
    held.stop_after = stop
    held.advancing = may_go_on(held)
    keep_order(db, held)


@blueprint.route("/faults", methods=["GET", "POST"])
def fault() -> Response:
    """`{kind, calls?, seconds?, delay?, method?}`: for so many calls, so long, or else until deleted.

    `delay` is slow's, in seconds; `method` the only topic that reject refuses.
    """
    with running().state.transaction() as db:
        if request.method == "POST":
            given = given_body("kind", "calls", "seconds", "delay", "method")
            kind = given.word("kind", faults.KINDS)
            seconds, delay = given.seconds("seconds"), given.seconds("delay")
            told = {"delay": delay, "method": given.text("method")}
            options: Json = {name: value for name, value in told.items() if value is not None}
            faults.set_fault(db, kind, given.whole("calls"), seconds, options)
        return json_answer({"items": faults.standing_faults(db)})


@blueprint.delete("/faults")
def no_faults() -> Response:
    """All faults end; what they held back goes on at once."""
    end_faults()
    return json_answer({"items": []})


def end_faults() -> None:
    """Clear them and wake whoever waits because of one."""
    with running().state.transaction() as db:
        faults.clear_faults(db)
        callbacks.release_held(db)
    running().stop_dawdling()
    running().sender.wake()


@blueprint.route("/dialect", methods=["GET", "POST"])
def dialect() -> Response:
    """`{dialect}`: how it speaks from now on."""
    with running().state.transaction() as db:
        if request.method == "POST":
            keep_setting(db, "dialect", given_body("dialect").word("dialect", tuple(dialects.DIALECTS)))
        return json_answer({"dialect": dialects.name_of_dialect(db)})


@blueprint.route("/paths", methods=["GET", "POST"])
def set_paths() -> Response:
    """`{paths: any|single|bus}`: by which addresses calls may come."""
    with running().state.transaction() as db:
        if request.method == "POST":
            keep_setting(db, "paths", given_body("paths").word("paths", paths.PATHS))
        return json_answer({"paths": paths.paths_in_force(db)})


@blueprint.route("/unknown_skus", methods=["GET", "POST"])
def unknown_skus() -> Response:
    """`{refuse}`: whether an order's SKUs must be in the catalog."""
    with running().state.transaction() as db:
        if request.method == "POST":
            refuse = given_body("refuse").flag("refuse")
            if refuse is None:
                raise missing("refuse", "true or false")
            keep_setting(db, "refuse_unknown_skus", refuse)
        return json_answer({"refuse": setting(db, "refuse_unknown_skus", True)})


@blueprint.post("/secret")
def secret() -> Response:
    """`{secret?, algorithm?}`: a secret of its own (null: the registration's again), sha1 or sha256."""
    given = given_body("secret", "algorithm")
    with running().state.transaction() as db:
        if given.has("secret"):
            keep_setting(db, "secret", given.text("secret"))
        if given.has("algorithm"):
            keep_setting(db, "signature", given.word("algorithm", tuple(signature.ALGORITHMS)))
        told = {"set": setting(db, "secret") is not None, "algorithm": setting(db, "signature", "sha1")}
    return json_answer(told)


@blueprint.post("/oauth")
def set_oauth() -> Response:
    """`{client_id, client_secret, status?: 200|201, expires_in?}`; `{}` ends it; `{revoke: true}`.

    Without `status` it is the dialect's.
    """
    given = given_body("client_id", "client_secret", "status", "expires_in", "revoke")
    with running().state.transaction() as db:
        if given.flag("revoke"):
            oauth.revoke_tokens(db)
        elif not given.has("client_id"):
            oauth.set_oauth(db, None)
        else:
            status = given.whole("status")
            if status not in (None, 200, 201):
                raise wrong("status", "200 or 201", status)
            asked = {"client_id": given.needed_text("client_id"), "status": status}
            asked |= {
                "client_secret": given.needed_text("client_secret"),
                "expires_in": None if given.seconds("expires_in") is None else given.whole("expires_in"),
            }
            oauth.set_oauth(db, asked)
        return json_answer({"on": oauth.oauth(db) is not None})


@blueprint.get("/registration")
def registered() -> Response:
    """Who is registered, without the secret; null before anyone is."""
    with running().state.transaction() as db:
        known = registration.registration(db)
    return json_answer(known and {**known, "secret": known["secret"] is not None})


@blueprint.post("/stock")
def tell_stock() -> Response:
    """`{aggregate_id, mode, stock: [{sku, quantity?, unlimited?}], created_on?}`; null: undated.

    Without `created_on` it is dated now, by peers whose snapshots have a date.
    """
    given = given_body("aggregate_id", "mode", "stock", "created_on")
    rows = given.objects("stock", ("sku", "quantity", "unlimited", "inflight_backorders"))
    if rows is None:
        raise missing("stock", "a list")
    created_on = given.text("created_on")
    if created_on is not None and not is_datetime(created_on):
        raise wrong("created_on", "an RFC 3339 date and time with offset", created_on)
    told = [_stock_row(row) for row in rows]
    with running().state.transaction() as db:
        if not given.has("created_on") and dialects.dialect_in_force(db).dates_snapshots:
            created_on = stock.now_as_created_on()
        mode = given.word("mode", _MODES)
        messages = stock.tell_stock(db, given.needed_text("aggregate_id"), mode, told, created_on)
    running().sender.wake()
    return json_answer({"messages": messages, "skus": len(told), "created_on": created_on}, 202)


def _stock_row(given: Given) -> Json:
    unlimited = given.flag("unlimited")
    quantity = given.plain("quantity")
    if quantity is None and unlimited:
        quantity = 0
    row: Json = {"sku": given.needed_text("sku"), "quantity": quantity}
    if unlimited is not None:
        row["unlimited"] = unlimited
    if given.plain("inflight_backorders") is not None:
        row["inflight_backorders"] = given.plain("inflight_backorders")
    for name in ("quantity", "inflight_backorders"):
        if name in row and not is_integer(row[name]):
            raise wrong(given.at(name), "a whole number", row[name])
    return row


@blueprint.post("/aggregate")
def tell_aggregate() -> Response:
    """`{id, name?, sources?, event?: created|updated|deleted}`."""
    given = given_body("id", "name", "sources", "event")
    event = given.word("event", ("created", "updated", "deleted")) if given.has("event") else "created"
    aggregate: Json = {"id": given.needed_text("id")}
    aggregate["name"] = given.text("name") or aggregate["id"]
    if (sources := given.list_of("sources")) is not None:
        aggregate["sources"] = sources
    with running().state.transaction() as db:
        stock.tell_aggregate(db, event, aggregate)
    running().sender.wake()
    return json_answer({"event": event, **aggregate}, 202)


@blueprint.post("/reset")
def reset() -> Response:
    """Forget everything, the registration too."""
    running().state.forget()
    running().stop_dawdling()
    return json_answer({"reset": clock.rfc3339(clock.now())})


def not_found(unknown: UnknownOrder) -> Response:
    """No such order."""
    return json_answer(
        {"error": {"code": "not_found", "message": f"No order {unknown} was created here"}}, 404
    )
