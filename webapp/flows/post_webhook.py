"""Posting a notice to the webhook: JSON, signed where there is a secret, the same id on every try."""

from webapp import clock
from webapp.config import product_version
from webapp.domain.settings import Settings
from webapp.oms.client import Client, Target
from webapp.oms.signature import HEADER, sign
from webapp.oms.wire import encode

SECONDS = 15.0
ID_HEADER = "X-Notice-Id"


def post_webhook(settings: Settings, payload: dict[str, object], uid: str) -> str | None:
    """Post it; None when any 2xx came back, else why not."""
    url = settings.text("alerts.webhook_url")
    body = encode({"id": uid, **payload})
    headers = {"Content-Type": "application/json", "Accept": "*/*", ID_HEADER: uid}
    if settings.is_set("alerts.webhook_secret"):
        headers[HEADER] = sign(body, settings.text("alerts.webhook_secret"), "sha256")
    target = Target(
        url,
        timeout_seconds=SECONDS,
        concurrency=1,
        ca_file=settings.text("oms.ca_file") or None,
        allow_addresses=settings.codes("oms.allow_addresses"),
        version=product_version(),
    )
    client = Client(target, now=clock.now)
    try:
        outcome = client.post_form(url, body, headers)
    finally:
        client.close()
    if outcome.http_status is None:
        return f"The webhook could not be reached: {outcome.cause.removeprefix('oms.').replace('_', ' ')}."
    if 200 <= outcome.http_status < 300:
        return None
    return f"The webhook answered HTTP {outcome.http_status}."
