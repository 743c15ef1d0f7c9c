"""What the scrip in Request Tracker tells of a ticket: `scrip.pl` beside this file."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, JsonValue, ValidationError

from handoff.domain.connector import Said
from handoff.domain.errors import Invalid

NOBODY = "Nobody"
"""RT's name of the owner of what nobody owns."""
RESOLVED = "resolved"
LONGEST = 8_000
"""Characters of what somebody wrote that are kept."""


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class Told(BaseModel):
    """One transaction of a ticket that is ours."""

    id: str = Field(pattern=r"^[0-9]{1,20}$")
    type: Name
    field: str | None = Field(default=None, max_length=200)
    escalation_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")
    status: str = Field(default="", max_length=200)
    owner: str = Field(default="", max_length=200)
    user: Name
    staff: bool = False
    text: Annotated[str, AfterValidator(_without_nul)] = ""


def said(body: bytes, people: Mapping[str, str]) -> tuple[Said, ...]:
    """Return what a transaction says to us, nothing of customers; raise Invalid if malformed."""
    try:
        told = Told.model_validate_json(body)
    except ValidationError as error:
        places = {".".join(map(str, one["loc"])) or "body" for one in error.errors()}
        raise Invalid(f"the callback is malformed at: {', '.join(sorted(places))}") from None
    meant = _meant(told) if told.staff else None
    if meant is None:
        return ()
    verb, user, details = meant
    by = people.get(user, f"rt:{user}"[:200])
    return (Said(f"rt:{told.id}", verb, told.escalation_id, by, details),)


def _meant(told: Told) -> tuple[str, str, dict[str, JsonValue]] | None:
    """Return the verb, who did it, and its details; None of what says nothing to us."""
    text = told.text.strip()[:LONGEST]
    if told.type in ("Comment", "Correspond"):
        verb = "note" if told.type == "Comment" else "message"
        return (verb, told.user, {"text": text}) if text else None
    if told.field == "Owner":
        return ("assigned", told.owner, {}) if told.owner not in ("", NOBODY) else None
    if told.type == "Status" and told.status == RESOLVED:
        return ("resolve", told.user, {})
    return None
