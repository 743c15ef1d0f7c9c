"""The audit trail: what happened, as it is hashed, and where the chain ends now."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import json_answer
from handoff.api.fields import Instant
from handoff.api.paging import Paged, listing
from handoff.domain.audit import timestamp
from handoff.services.views import audit_view

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=Guarded)


class Filter(Paged):
    """Which entries to list."""

    since: Instant | None = Field(default=None, description="made at or after")


@router.get("", summary="List the entries, oldest first")
def entries(asked: Asking, where: Annotated[Filter, Query()]) -> Response:
    """Return a page of entries with their hashes."""
    page = where.page()
    found = asked.read(lambda tx: tx.audit.list(page, where.since))
    return json_answer(listing(found, audit_view))


@router.get("/checkpoints", summary="Where the chain ends now: keep it where nobody can change it")
def checkpoint(asked: Asking) -> Response:
    """Return the sequence and hash of the last entry."""
    sequence, entry_hash = asked.read(lambda tx: tx.audit.head())
    at = timestamp(asked.deps.clock())
    told: JsonValue = {"sequence": sequence, "entry_hash": entry_hash, "at": at}
    return json_answer({"items": [told]})
