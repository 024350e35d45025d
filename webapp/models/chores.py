"""What is done every so often, by whoever comes first (house rule 1: times live in the database)."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.types import UTCDateTime


class Chore(Model):
    """Something done every so often: whoever moves `due_at` on does it this time. `cursor` is its own."""

    __tablename__ = "chores"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cursor: Mapped[str] = mapped_column(String(255), default="")
