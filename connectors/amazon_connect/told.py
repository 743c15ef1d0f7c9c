"""What a contact carries of an escalation: attributes that flows and agents' pages read."""

from handoff.cards import Context, render
from handoff.cards.carried import PREFIX, carried
from handoff.domain.connector import Parcel
from handoff.templating import one_line

THING = "amazon"
"""What a mark is for: no other system's mark will do."""
NAME = 200


def attributes(parcel: Parcel, key: str | None) -> dict[str, str]:
    """Return what to route by, and the card for agents' pages; marked with the key of events."""
    return {**carried(parcel, THING, key), f"{PREFIX}summary": description(parcel)}


def name(parcel: Parcel) -> str:
    """Return what a task is called."""
    return one_line(parcel.card.headline)[:NAME] or "handoff"


def description(parcel: Parcel) -> str:
    """Return the card as text: a task holds 4,096 characters, all attributes 32 KB."""
    return render(parcel.card, "text", Context(link=parcel.card_url))
