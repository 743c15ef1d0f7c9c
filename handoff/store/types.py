"""Column types that mean the same on every database: instants, words, JSON."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Column, Dialect, Integer, Text, text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

T = TypeVar("T")
Word_ = TypeVar("Word_", bound=StrEnum)


def micros(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970 UTC; raise TypeError if it is naive."""
    return (at - EPOCH) // MICROSECOND


def instant(value: int) -> datetime:
    """Return the instant of `micros`."""
    return EPOCH + timedelta(microseconds=value)


def month() -> Column[int]:
    """Return the column of the month that a row's conversation began in: its partition."""
    return Column("month", Integer, nullable=False, server_default=text("0"))


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC: exact, ordered, portable."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 # SQLAlchemy's signature
        """Return microseconds."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 # SQLAlchemy's signature
        """Return an aware datetime in UTC."""
        return None if value is None else instant(value)


class Word(TypeDecorator[Word_]):
    """A member of a StrEnum, kept as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[Word_]) -> None:
        """Keep which words there are."""
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Word_ | None, dialect: Dialect) -> str | None:  # noqa: ARG002 # SQLAlchemy's signature
        """Return the text."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Word_ | None:  # noqa: ARG002 # SQLAlchemy's signature
        """Return the member."""
        return None if value is None else self.words(value)


class Json(TypeDecorator[T]):
    """A value kept as JSON text, read back as the type its adapter names.

    `sparse` leaves out what equals its default, where the reader's defaults fill it in again.
    """

    impl = Text
    cache_ok = True

    def __init__(self, adapter: TypeAdapter[T], *, sparse: bool = False) -> None:
        """Keep how the value is written and read."""
        super().__init__()
        self.adapter = adapter
        self.sparse = sparse

    def bind_processor(self, dialect: Dialect) -> Callable[[T | None], str | None]:  # noqa: ARG002 # SQLAlchemy's signature
        """Return what makes JSON text: without the layers a `process_bind_param` goes through."""
        dump, sparse = self.adapter.serializer.to_json, self.sparse

        def process(value: T | None) -> str | None:
            if value is None:
                return None
            return dump(value, by_alias=True, exclude_defaults=sparse, warnings=False).decode()

        return process

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002 # SQLAlchemy's signature
        coltype: object,  # noqa: ARG002 # SQLAlchemy's signature
    ) -> Callable[[str | None], T | None]:
        """Return what reads it back."""
        load = self.adapter.validator.validate_json
        return lambda value: None if value is None else load(value)
