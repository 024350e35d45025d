"""what speaks of a message is found when that is removed

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Index, table, the column that speaks of a message.
INDEXES = (
    ("ix_messages_superseded_by", "messages", "superseded_by"),
    ("ix_orders_export_message", "orders", "export_message_id"),
    ("ix_order_comments_message", "order_comments", "message_id"),
    ("ix_order_events_message", "order_events", "message_id"),
    ("ix_shipments_message", "shipments", "message_id"),
    ("ix_told_skus_message", "told_skus", "message_id"),
)


def upgrade() -> None:
    for name, table, column in INDEXES:
        set_at_all = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], postgresql_where=set_at_all, sqlite_where=set_at_all)


def downgrade() -> None:
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
