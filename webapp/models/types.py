"""Column types: exact money, aware times, enums as text, secrets encrypted at rest."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, LargeBinary, String, text
from sqlalchemy.types import TypeDecorator

from webapp import encryption

T = TypeVar("T", bound=StrEnum)

# Money has four decimals at the most (F17.3); SQLite would keep a NUMERIC as a float.
MONEY_SCALE = 10_000

# SQLite gives row ids by itself only to INTEGER primary keys.
BigId = BigInteger().with_variant(Integer, "sqlite")


def storable(words: str, most: int | None = None) -> str:
    """A text that both databases take, cut to `most`: no NUL (PostgreSQL), no lone surrogate (either)."""
    return words.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:most]


def index_where_set(name: str, column: str) -> Index:
    """An index over the rows in which this column is set at all."""
    is_set = text(f"{column} IS NOT NULL")
    return Index(name, column, postgresql_where=is_set, sqlite_where=is_set)


class Money(TypeDecorator[Decimal]):
    """An amount with up to four decimals, kept as a whole number of ten-thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value) * MONEY_SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"money has four decimals at the most, got {value}")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / MONEY_SCALE


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[T], Generic[T]):
    """One of an enum's words, kept as plain text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, words: type[T]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        return None if value is None else self.words(value)


class Encrypted(TypeDecorator[str]):
    """A secret, encrypted under SECRET_KEY."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else encryption.encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else encryption.decrypt(value)
