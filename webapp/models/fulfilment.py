"""Shipments: what left, in which package, with which tracking (F21)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.orders import OrderLine
from webapp.models.types import BigId, UTCDateTime, index_where_set


class Shipment(Model):
    """One package of an order. `shipped_at` is the OMS's date; `package_key` makes it once where the
    OMS names both request (or shipment) and package."""

    __tablename__ = "shipments"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    increment_id: Mapped[str] = mapped_column(String(80), unique=True)
    request_id: Mapped[str | None] = mapped_column(String(255), index=True)
    package_key: Mapped[str | None] = mapped_column(String(520))
    shipped_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    comment: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))

    lines: Mapped[list["ShipmentLine"]] = relationship(back_populates="shipment", order_by="ShipmentLine.id")
    tracks: Mapped[list["Track"]] = relationship(back_populates="shipment", order_by="Track.id")

    __table_args__ = (
        UniqueConstraint("order_id", "package_key"),
        index_where_set("ix_shipments_message", "message_id"),
    )  # fmt: skip


class ShipmentLine(Model):
    """A piece in a package; a line ships once, by the database's own word."""

    __tablename__ = "shipment_lines"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id", ondelete="CASCADE"), unique=True)

    shipment: Mapped[Shipment] = relationship(back_populates="lines")
    line: Mapped[OrderLine] = relationship()


class Track(Model):
    """How a package is followed; `url` is http or https, or empty."""

    __tablename__ = "shipment_tracks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id", ondelete="CASCADE"))
    carrier: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[str] = mapped_column(String(200), default="", index=True)
    url: Mapped[str] = mapped_column(Text, default="")

    shipment: Mapped[Shipment] = relationship(back_populates="tracks")

    __table_args__ = (UniqueConstraint("shipment_id", "number", "carrier"),)
