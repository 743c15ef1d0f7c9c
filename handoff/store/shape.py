"""How a value of the domain lies in a table whose columns carry its fields' names."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Column, Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


class Shape(Generic[T]):
    """The columns of a dataclass, in the order of its fields; one field, one column."""

    def __init__(self, table: Table, made: type[T]) -> None:
        """Look every field up among the columns; raise KeyError if one has none."""
        self._made = made
        self.names = tuple(field.name for field in fields(made))
        self._get = attrgetter(*self.names)
        self.columns: tuple[Column[Any], ...] = tuple(table.c[name] for name in self.names)

    def values(self, item: T, **more: object) -> dict[str, object]:
        """Return the row of a value, with `more` columns that are no fields of it."""
        return dict(zip(self.names, self._get(item), strict=True)) | more

    def item(self, row: Sequence[Any]) -> T:
        """Return the value of a row that was selected by `columns`."""
        return self._made(*row)
