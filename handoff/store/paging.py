"""Pages of a listing, and the cursors between them: bound to a tenant and a listing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_core import from_json, to_json
from sqlalchemy import Column, Connection, Integer, Select, literal, tuple_

from handoff.domain.errors import Invalid
from handoff.domain.records import Listed, Page
from handoff.store.types import Instant, instant, micros

Item = TypeVar("Item")
MOST = 500
"""Items of one page, whatever is asked."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a listing is sorted by: columns that together are unique, all in one direction."""

    listing: str
    by: tuple[Column[Any], ...]
    newest_first: bool = False

    def cursor(self, tenant: str, row: Sequence[object]) -> str:
        """Return the cursor of the place after a row's values of `by`."""
        place = [
            micros(value) if isinstance(column.type, Instant) else value  # type: ignore[arg-type] # Instant columns hold datetimes
            for column, value in zip(self.by, row, strict=True)
        ]
        return urlsafe_b64encode(to_json([tenant, self.listing, place])).rstrip(b"=").decode()

    def place(self, tenant: str, cursor: str) -> tuple[object, ...]:
        """Return the values that `cursor` made the cursor of; raise Invalid if it did not."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            whose, listing, place = from_json(urlsafe_b64decode(padded))
            values = tuple(
                _value(column, value) for column, value in zip(self.by, place, strict=True)
            )
        except (ValueError, TypeError, OverflowError) as error:
            raise Invalid("the cursor is not one of ours") from error
        if (whose, listing) != (tenant, self.listing):
            raise Invalid("the cursor is of another listing")
        return values


def listed(
    connection: Connection,
    tenant: str,
    statement: Select[Any],
    order: Order,
    page: Page,
    item: Callable[[Sequence[Any]], Item],
) -> Listed[Item]:
    """Return a page of a select, which must start with the columns that `item` reads."""
    limit = min(max(page.limit, 1), MOST)
    columns = order.by
    if page.cursor is not None:
        here = tuple_(*columns)
        last = tuple_(
            *(
                literal(value, column.type)
                for column, value in zip(columns, order.place(tenant, page.cursor), strict=True)
            )
        )
        statement = statement.where(here < last if order.newest_first else here > last)
    ordered = [column.desc() if order.newest_first else column.asc() for column in columns]
    rows = connection.execute(
        statement.add_columns(*(column.label(f"by_{column.name}") for column in columns))
        .order_by(*ordered)
        .limit(limit + 1)
    ).all()
    shown = rows[:limit]
    more = len(rows) > limit
    width = len(columns)
    return Listed(
        tuple(item(row[:-width]) for row in shown),
        order.cursor(tenant, shown[-1][-width:]) if more else None,
    )


def _value(column: Column[Any], value: object) -> object:
    """Return a cursor's value as its column holds it; raise TypeError or OverflowError."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if isinstance(column.type, Instant) and isinstance(value, int) and whole:
        return instant(value)
    if not (whole if isinstance(column.type, Integer) else isinstance(value, str)):
        raise TypeError(column.name)
    return value
