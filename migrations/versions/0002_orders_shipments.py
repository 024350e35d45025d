"""orders and their shipments

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

# Table -> its columns and constraints.
TABLES = {
    "orders": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("increment_id", sa.String(64), nullable=False),
        sa.Column("entity_id", sa.String(255), nullable=False),
        sa.Column("store_id", sa.String(255), nullable=False),
        sa.Column("website", sa.String(255), nullable=False),
        sa.Column("channel", sa.String(255), nullable=False),
        sa.Column("state", sa.String(255), nullable=False),
        sa.Column("status", sa.String(255), nullable=False),
        sa.Column("customer_name", sa.String(400), nullable=False),
        sa.Column("customer_email", sa.String(400), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("grand_total", sa.BigInteger(), nullable=False),
        sa.Column("total_refunded", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("reading", sa.String(20), nullable=False),
        sa.Column("noted_content", sa.LargeBinary(), nullable=True),
        sa.Column("export_state", sa.String(20), nullable=False),
        sa.Column("export_reason", sa.Text(), nullable=False),
        sa.Column("export_message_id", BIG_ID, nullable=True),
        sa.Column("oms_status", sa.String(255), nullable=True),
        sa.Column("oms_status_reason", sa.String(255), nullable=True),
        sa.Column("oms_status_date", TIME, nullable=True),
        sa.Column("loaded_at", TIME, nullable=True),
        sa.Column("attention", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("pieces_shipped", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_message_id"],
            ["messages.id"],
            name="fk_orders_export_message_id_messages",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("increment_id", name="uq_orders_increment_id"),
    ),
    "told_skus": (
        sa.Column("sku", sa.String(255), nullable=False),
        sa.Column("told_at", TIME, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_told_skus_message_id_messages", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("sku", name="pk_told_skus"),
    ),
    "order_comments": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("oms_date", TIME, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("message_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_order_comments_message_id_messages", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_comments_order_id_orders", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_comments"),
    ),
    "order_events": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("once", sa.String(600), nullable=False),
        sa.Column("status", sa.String(255), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("date", TIME, nullable=True),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_order_events_message_id_messages", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_events_order_id_orders", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
        sa.UniqueConstraint("order_id", "kind", "once", name="uq_order_events_order_id_kind_once"),
    ),
    "order_lines": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(255), nullable=False),
        sa.Column("parent_line_number", sa.Integer(), nullable=True),
        sa.Column("product_type", sa.String(12), nullable=False),
        sa.Column("sku", sa.String(255), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("net_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("gross_amount", sa.BigInteger(), nullable=False),
        sa.Column("original_price", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(255), nullable=True),
        sa.Column("status_reason", sa.String(255), nullable=True),
        sa.Column("status_date", TIME, nullable=True),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_lines_order_id_orders", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_order_lines"),
        sa.UniqueConstraint("order_id", "line_number", name="uq_order_lines_order_id_line_number"),
    ),
    "shipments": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("increment_id", sa.String(80), nullable=False),
        sa.Column("request_id", sa.String(255), nullable=True),
        sa.Column("package_key", sa.String(520), nullable=True),
        sa.Column("shipped_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("message_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_shipments_message_id_messages", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_shipments_order_id_orders", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shipments"),
        sa.UniqueConstraint("increment_id", name="uq_shipments_increment_id"),
        sa.UniqueConstraint("order_id", "package_key", name="uq_shipments_order_id_package_key"),
    ),
    "shipment_lines": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("shipment_id", BIG_ID, nullable=False),
        sa.Column("order_line_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_lines.id"],
            name="fk_shipment_lines_order_line_id_order_lines",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipments.id"],
            name="fk_shipment_lines_shipment_id_shipments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shipment_lines"),
        sa.UniqueConstraint("order_line_id", name="uq_shipment_lines_order_line_id"),
    ),
    "shipment_tracks": (
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("shipment_id", BIG_ID, nullable=False),
        sa.Column("carrier", sa.String(120), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"],
            ["shipments.id"],
            name="fk_shipment_tracks_shipment_id_shipments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_shipment_tracks"),
        sa.UniqueConstraint(
            "shipment_id", "number", "carrier", name="uq_shipment_tracks_shipment_id_number_carrier"
        ),
    ),
}
# Name, table, columns, and which rows alone are in it.
INDEXES = (
    ("ix_orders_attention", "orders", ["id"], sa.text("attention <> ''")),
    ("ix_orders_customer", "orders", ["customer_email"], None),
    ("ix_orders_export", "orders", ["export_state", "id"], None),
    ("ix_orders_placed", "orders", ["placed_at", "id"], None),
    ("ix_orders_status", "orders", ["status", "id"], None),
    ("ix_orders_total", "orders", ["grand_total", "id"], None),
    ("ix_orders_unwritten", "orders", ["export_state", "id"], sa.text("export_message_id IS NULL")),
    ("ix_order_comments_order_id", "order_comments", ["order_id"], None),
    ("ix_order_lines_item", "order_lines", ["item_id"], None),
    ("ix_order_lines_sku", "order_lines", ["sku"], None),
    ("ix_shipments_request_id", "shipments", ["request_id"], None),
    ("ix_shipment_lines_shipment_id", "shipment_lines", ["shipment_id"], None),
    ("ix_shipment_tracks_number", "shipment_tracks", ["number"], None),
)


def upgrade() -> None:
    for name, parts in TABLES.items():
        op.create_table(name, *parts)
    for name, table, columns, only in INDEXES:
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
