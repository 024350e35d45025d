"""Looking whether the OMS can be reached and how its clock goes, without changing anything there."""

from dataclasses import dataclass

from webapp.domain.outcome import Verdict
from webapp.extensions import read
from webapp.flows.call_oms import open_client
from webapp.flows.hold_integration import is_disabled
from webapp.messaging.journal import new_uid
from webapp.models.stored_settings import read_settings
from webapp.oms.envelope import encode_call

DISCOVER = "magento.service_bus.remote.discover"
# Signed calls and tokens go wrong where the clocks differ by more.
SKEW_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in a sentence."""

    fine: bool
    sentence: str


def check_oms() -> list[Finding]:
    """Call the OMS once with a query that changes nothing; any answer at all says that it is there."""
    with read() as session:
        settings = read_settings(session)
        disabled = is_disabled(session)
    if disabled:
        return [Finding(False, "integration: it is disabled. Run: oms-connector register")]
    if not settings.is_set("oms.url"):
        return [Finding(False, "OMS: no address is set. Run: oms-connector settings set oms.url URL")]
    client = open_client(settings)
    uid = new_uid()
    try:
        outcome = client.call(DISCOVER, encode_call(DISCOVER, {}, uid), uid)
    finally:
        client.close()
    if outcome.verdict in (Verdict.SILENT, Verdict.FAULT) or outcome.http_status in (401, 403):
        return [Finding(False, f"OMS at {settings.text('oms.url')}: {outcome.reason}")]
    findings = [Finding(True, f"OMS: answers at {settings.text('oms.url')}")]
    skew = outcome.clock_skew_seconds
    if skew is not None:
        fine = abs(skew) <= SKEW_SECONDS
        words = f"clock: the OMS's is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ours"
        findings.append(
            Finding(fine, words if fine else f"{words}. Set this machine's clock by a time server.")
        )
    return findings
