"""Orders as they came from the store, as the OMS was told them, and what has happened to them since."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.states import ExportState
from webapp.extensions import Model
from webapp.models.types import BigId, Money, UTCDateTime, Words, index_where_set

NUMBER_LENGTH = 64


class Order(Model):
    """One order; `increment_id` is its number here and in the OMS.

    `content` is Magento's JSON as the store last sent it, before export as it stands, after export as
    it was exported; `noted_content` what the store has sent since, while it is unknown whether the OMS has
    the order (F15). `content_hash` is the hash of what the OMS would be told. `state` and `status` are
    Magento's; `oms_status` and what follows is where the order stands in the OMS (F18), null before its
    first word. `export_message_id` is the create that carries the order.
    """

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    increment_id: Mapped[str] = mapped_column(String(NUMBER_LENGTH), unique=True)
    entity_id: Mapped[str] = mapped_column(String(255), default="")
    store_id: Mapped[str] = mapped_column(String(255), default="")
    website: Mapped[str] = mapped_column(String(255), default="")
    channel: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(255))
    customer_name: Mapped[str] = mapped_column(String(400), default="")
    customer_email: Mapped[str] = mapped_column(String(400), default="")
    currency: Mapped[str] = mapped_column(String(3))
    grand_total: Mapped[Decimal] = mapped_column(Money)
    total_refunded: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    warnings: Mapped[str] = mapped_column(Text, default="")
    reading: Mapped[str] = mapped_column(String(20), default="")
    noted_content: Mapped[bytes | None] = mapped_column(LargeBinary)
    export_state: Mapped[ExportState] = mapped_column(Words(ExportState))
    export_reason: Mapped[str] = mapped_column(Text, default="")
    export_message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    oms_status: Mapped[str | None] = mapped_column(String(255))
    oms_status_reason: Mapped[str | None] = mapped_column(String(255))
    oms_status_date: Mapped[datetime | None] = mapped_column(UTCDateTime)
    loaded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attention: Mapped[str] = mapped_column(Text, default="")
    pieces: Mapped[int] = mapped_column(default=0)
    pieces_shipped: Mapped[int] = mapped_column(default=0)

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.line_number", back_populates="order")
    comments: Mapped[list["OrderComment"]] = relationship(order_by="OrderComment.id", viewonly=True)

    __table_args__ = (
        Index("ix_orders_export", "export_state", "id"),
        Index("ix_orders_placed", "placed_at", "id"),
        Index("ix_orders_status", "status", "id"),
        Index("ix_orders_total", "grand_total", "id"),
        Index("ix_orders_customer", "customer_email"),
        # The few that a person must look at, asked for on every page.
        Index("ix_orders_attention", "id", postgresql_where=text("attention <> ''"),
              sqlite_where=text("attention <> ''")),
        Index("ix_orders_unwritten", "export_state", "id", postgresql_where=text("export_message_id IS NULL"),
              sqlite_where=text("export_message_id IS NULL")),
        index_where_set("ix_orders_export_message", "export_message_id"),
    )  # fmt: skip


class OrderLine(Model):
    """A unit line: one piece of one order item, as the OMS knows it (F17).

    `item_id` is Magento's order item id; `quantity` is 1 except for a fractional row. `status` is the
    OMS's, the one with the latest date; SHIPPED and CANCELLED are final.
    """

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    line_number: Mapped[int]
    item_id: Mapped[str] = mapped_column(String(255))
    parent_line_number: Mapped[int | None]
    product_type: Mapped[str] = mapped_column(String(12))
    sku: Mapped[str] = mapped_column(String(255), index=True)
    name: Mapped[str] = mapped_column(String(512), default="")
    quantity: Mapped[Decimal] = mapped_column(Money, default=Decimal(1))
    net_amount: Mapped[Decimal] = mapped_column(Money)
    tax_amount: Mapped[Decimal] = mapped_column(Money)
    gross_amount: Mapped[Decimal] = mapped_column(Money)
    original_price: Mapped[Decimal] = mapped_column(Money)
    status: Mapped[str | None] = mapped_column(String(255))
    status_reason: Mapped[str | None] = mapped_column(String(255))
    status_date: Mapped[datetime | None] = mapped_column(UTCDateTime)
    shipped: Mapped[bool] = mapped_column(default=False)

    order: Mapped[Order] = relationship(back_populates="lines")

    __table_args__ = (UniqueConstraint("order_id", "line_number"), Index("ix_order_lines_item", "item_id"))


class OrderComment(Model):
    """A line of the order's history (F19): `status` is Magento's after it; `message_id` what caused it."""

    __tablename__ = "order_comments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    oms_date: Mapped[datetime | None] = mapped_column(UTCDateTime)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))

    __table_args__ = (
        index_where_set("ix_order_comments_message", "message_id"),
    )  # fmt: skip


class OrderEvent(Model):
    """What the OMS has said once of an order: the business key that makes an effect happen once (rule 6).

    `kind` is `created`, `status` or `line`; `once` is the key within it (protocol: "once by").
    """

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    once: Mapped[str] = mapped_column(String(600))
    status: Mapped[str] = mapped_column(String(255), default="")
    reason: Mapped[str] = mapped_column(String(255), default="")
    date: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("order_id", "kind", "once"),
        index_where_set("ix_order_events_message", "message_id"),
    )  # fmt: skip
