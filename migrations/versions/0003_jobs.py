"""jobs

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("due_at IS NOT NULL")
# Only the table itself is looked at: what it refers to is not told in full.
ALONE = {"resolve_fks": False}
BY_JOB = sa.text("job_id IS NOT NULL")


# Table -> its columns and constraints.
TABLES = {
    "jobs": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("cursor", sa.String(255), nullable=False),
        sa.Column("total", BIG_ID, nullable=False),
        sa.Column("done", BIG_ID, nullable=False),
        sa.Column("failed", BIG_ID, nullable=False),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.String(36), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("uid", name="uq_jobs_uid"),
    ),
    "job_errors": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("job_id", BIG_ID, nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("field", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_errors_job_id_jobs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_job_errors"),
    ),
}


def upgrade() -> None:
    for name, parts in TABLES.items():
        op.create_table(name, *parts)
    op.create_index("ix_jobs_due", "jobs", ["due_at", "id"], postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index("ix_jobs_finished", "jobs", ["finished_at"])
    op.create_index("ix_job_errors_job", "job_errors", ["job_id", "id"])
    with op.batch_alter_table("transitions", reflect_kwargs=ALONE) as transitions:
        transitions.add_column(sa.Column("job_id", BIG_ID, nullable=True))
        transitions.create_foreign_key(
            "fk_transitions_job_id_jobs", "jobs", ["job_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(
        "ix_transitions_job",
        "transitions",
        ["job_id", "message_id"],
        postgresql_where=BY_JOB,
        sqlite_where=BY_JOB,
    )


def downgrade() -> None:
    op.drop_index("ix_transitions_job", "transitions")
    with op.batch_alter_table("transitions", reflect_kwargs=ALONE) as transitions:
        transitions.drop_constraint("fk_transitions_job_id_jobs", type_="foreignkey")
        transitions.drop_column("job_id")
    for name in reversed(TABLES):
        op.drop_table(name)
