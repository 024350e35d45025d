"""The words for where a message, an order and a job stand; stored and shown as they are here."""

from enum import StrEnum


class Direction(StrEnum):
    """Seen from the connector."""

    OUT = "out"
    IN = "in"


class Endpoint(StrEnum):
    """The far sides."""

    OMS = "oms"
    STORE = "store"


class MessageStatus(StrEnum):
    """A message's life (house rule 3)."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    HELD = "held"
    SUPERSEDED = "superseded"
    SKIPPED = "skipped"


class ExportState(StrEnum):
    """Where an order's export to the OMS stands (F20)."""

    WAITING = "waiting"
    QUEUED = "queued"
    SENT = "sent"
    LOADED = "loaded"
    FAILED = "failed"
    NOT_EXPORTED = "not_exported"


class JobState(StrEnum):
    """Where a job stands (contract: GET /api/v1/jobs)."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AlertKind(StrEnum):
    """What people are told of (F04): failed for good, waiting too long, the OMS not answering."""

    FAILED = "failed"
    BACKLOG = "backlog"
    SILENCE = "silence"


class Told(StrEnum):
    """What was last told of an alert."""

    NOTHING = "nothing"
    RAISED = "raised"
    OVER = "over"


class Channel(StrEnum):
    """How people are told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class Role(StrEnum):
    """What a person may do (contract: Pages)."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
