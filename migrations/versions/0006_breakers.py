"""breakers

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WAITING = sa.text("status IN ('pending','retrying')")
DUE = ["lane", "next_try_at", "id"]


def upgrade() -> None:
    op.create_table(
        "breakers",
        sa.Column("endpoint", sa.String(20), nullable=False),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=True),
        sa.Column("probe_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("endpoint", "lane", name="pk_breakers"),
    )
    op.create_table(
        "breaker_changes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("endpoint", sa.String(20), nullable=False),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_breaker_changes"),
    )
    op.create_index("ix_breaker_changes_at", "breaker_changes", ["at"])
    _index_due([*DUE, "expires_at", "endpoint", "direction"])


def downgrade() -> None:
    _index_due(DUE)
    op.drop_table("breaker_changes")
    op.drop_table("breakers")


def _index_due(columns: list[str]) -> None:
    op.drop_index("ix_messages_due", "messages")
    op.create_index("ix_messages_due", "messages", columns, postgresql_where=WAITING, sqlite_where=WAITING)
