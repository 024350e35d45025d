"""the journal, settings, people

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

# Table -> its columns and constraints.
TABLES = {
    "api_tokens": (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("name", name="uq_api_tokens_name"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    ),
    "audit_entries": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    ),
    "connections": (
        sa.Column("endpoint", sa.String(20), nullable=False),
        sa.Column("registered_at", TIME, nullable=True),
        sa.Column("registered_version", sa.String(40), nullable=True),
        sa.Column("registered_url", sa.Text(), nullable=True),
        sa.Column("registered_topics", sa.Text(), nullable=False),
        sa.Column("registration_error", sa.Text(), nullable=False),
        sa.Column("registration_answer", sa.LargeBinary(), nullable=True),
        sa.Column("last_out_at", TIME, nullable=True),
        sa.Column("last_in_at", TIME, nullable=True),
        sa.Column("clock_skew", sa.Integer(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", TIME, nullable=True),
        sa.Column("token_lease_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("endpoint", name="pk_connections"),
    ),
    "holds": (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sa.UniqueConstraint("scope", "name", "kind", name="uq_holds_scope_name_kind"),
    ),
    "messages": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("wire_id", sa.String(200), nullable=True),
        sa.Column("once", sa.String(64), nullable=True),
        sa.Column("direction", sa.String(20), nullable=False),
        sa.Column("endpoint", sa.String(20), nullable=False),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("position", BIG_ID, nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("blocks_key", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("series_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("last_tried_at", TIME, nullable=True),
        sa.Column("next_try_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("window_left", sa.Float(), nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("claim_token", sa.String(36), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("order_number", sa.String(64), nullable=True),
        sa.Column("superseded_by", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["messages.id"], name="fk_messages_superseded_by_messages", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("once", name="uq_messages_once"),
        sa.UniqueConstraint("uid", name="uq_messages_uid"),
    ),
    "settings": (
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    ),
    "sign_in_tries": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("pair", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_tries"),
    ),
    "users": (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("session_key", sa.String(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    ),
    "attempts": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("verdict", sa.String(20), nullable=True),
        sa.Column("struck", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("request_headers", sa.LargeBinary(), nullable=True),
        sa.Column("answer_headers", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_attempts_message_id_messages", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    ),
    "transitions": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("before", sa.String(20), nullable=False),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_transitions_message_id_messages", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
    ),
}
# Name, table, columns, and which rows alone are in it.
INDEXES = (
    ("ix_audit_entries_at", "audit_entries", ["at"], None),
    ("ix_audit_entries_subject", "audit_entries", ["subject"], None),
    (
        "ix_messages_due",
        "messages",
        ["lane", "next_try_at", "id"],
        sa.text("status IN ('pending','retrying')"),
    ),
    (
        "ix_messages_failed",
        "messages",
        ["is_open", "topic", "direction", "endpoint", "cause", "settled_at", "status", "id"],
        sa.text("status = 'failed'"),
    ),
    ("ix_messages_key", "messages", ["key", "id"], None),
    ("ix_messages_lease", "messages", ["lease_until"], sa.text("status = 'in_flight'")),
    ("ix_messages_order", "messages", ["order_number", "id"], None),
    ("ix_messages_settled", "messages", ["settled_at"], None),
    ("ix_messages_status", "messages", ["status", "id"], None),
    ("ix_messages_topic", "messages", ["topic", "id"], None),
    ("ix_messages_wire_id", "messages", ["wire_id"], None),
    ("ix_sign_in_tries_address", "sign_in_tries", ["address", "at"], None),
    ("ix_sign_in_tries_at", "sign_in_tries", ["at"], None),
    ("ix_sign_in_tries_pair", "sign_in_tries", ["pair", "at"], None),
    ("ix_attempts_message", "attempts", ["message_id", "number"], None),
    ("ix_transitions_message_id", "transitions", ["message_id"], None),
)


def upgrade() -> None:
    for name, parts in TABLES.items():
        op.create_table(name, *parts)
    for name, table, columns, only in INDEXES:
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)
    # SQLite's planner wants the condition as its own queries write it.
    op.create_index(
        "ix_messages_open_key",
        "messages",
        ["key", sa.text("coalesce(position, id)"), "id"],
        postgresql_where=sa.text("is_open"),
        sqlite_where=sa.text("is_open = 1"),
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
