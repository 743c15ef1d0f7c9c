"""Pages of listings, and the cursor from one to the next."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import Field, JsonValue

from handoff.api.fields import Body
from handoff.domain.records import Listed, Page

Item = TypeVar("Item")


class Paged(Body):
    """Which page of a listing."""

    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=2_000, description="from the page before")

    def page(self) -> Page:
        """Return it as the ports know it."""
        return Page(self.limit, self.cursor)


def listing(found: Listed[Item], view: Callable[[Item], dict[str, JsonValue]]) -> JsonValue:
    """Return a page as answers show it; a null cursor says that there is no more."""
    return {"items": [view(item) for item in found.items], "cursor": found.cursor}
