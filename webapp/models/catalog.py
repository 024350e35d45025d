"""What the OMS has been told of SKUs."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.types import UTCDateTime, index_where_set


class ToldSku(Model):
    """A SKU the OMS took a product message for; one that is not here goes ahead of its order (F11)."""

    __tablename__ = "told_skus"

    sku: Mapped[str] = mapped_column(String(255), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(UTCDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))

    __table_args__ = (
        index_where_set("ix_told_skus_message", "message_id"),
    )  # fmt: skip
