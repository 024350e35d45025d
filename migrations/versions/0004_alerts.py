"""alerts, their notices, and what is done every so often

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

# Table -> its columns and constraints.
TABLES = {
    "alerts": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sample", sa.String(36), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("over_at", TIME, nullable=True),
        sa.Column("told", sa.String(20), nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    ),
    "notices": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", TIME, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("uid", name="uq_notices_uid"),
    ),
    "chores": (
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("cursor", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chores"),
    ),
}
# Name, table, columns, unique, and which rows alone are in it.
INDEXES = (
    ("uq_alerts_open", "alerts", ["kind", "key"], True, sa.text("over_at IS NULL")),
    ("ix_alerts_over_at", "alerts", ["over_at"], False, None),
    ("ix_notices_due", "notices", ["next_try_at"], False, sa.text("next_try_at IS NOT NULL")),
    ("ix_notices_created_at", "notices", ["created_at"], False, None),
)


def upgrade() -> None:
    for name, parts in TABLES.items():
        op.create_table(name, *parts)
    for name, table, columns, unique, only in INDEXES:
        op.create_index(name, table, columns, unique=unique, postgresql_where=only, sqlite_where=only)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
