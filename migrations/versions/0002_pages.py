"""sign-in tries; what a person must see to, and what is searched for, by index

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pair", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tries")),
    )
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_tries_pair", ["pair", "at"], unique=False)
        batch_op.create_index("ix_sign_in_tries_address", ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_tries_at"), ["at"], unique=False)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(
            "ix_orders_attention",
            ["id"],
            unique=False,
            postgresql_where=sa.text("attention <> ''"),
            sqlite_where=sa.text("attention <> ''"),
        )
        batch_op.create_index(
            "ix_orders_unwritten",
            ["export_state", "id"],
            unique=False,
            postgresql_where=sa.text("export_message_id IS NULL"),
            sqlite_where=sa.text("export_message_id IS NULL"),
        )
    with op.batch_alter_table("shipment_tracks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_tracks_number"), ["number"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("shipment_tracks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_tracks_number"))
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_unwritten")
        batch_op.drop_index("ix_orders_attention")
    op.drop_table("sign_in_tries")
