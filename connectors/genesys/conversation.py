"""A conversation at Genesys as it stands: who is in it, who had it, and what it carries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from pydantic import JsonValue

from handoff.domain.answers import told_in

MEDIA = ("calls", "messages", "chats", "emails", "callbacks", "socialExpressions")
UP = frozenset({"connected", "hold", "parked"})
COMING = frozenset({"alerting", "offering", "contacting", "dialing", "converting", "scheduled"})
PEOPLE = frozenset({"agent", "user"})
CUSTOMERS = frozenset({"customer", "external"})


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody or something in a conversation."""

    id: str
    purpose: str
    user: str = ""
    queue: str = ""
    states: frozenset[str] = frozenset()
    """Of their communications, the last of each medium."""
    voice: bool = False
    had: bool = False
    """Whether they were ever connected."""
    wrapped: bool = False
    carried: dict[str, str] = field(default_factory=dict)

    @property
    def up(self) -> bool:
        """Tell whether they are in it now."""
        return bool(self.states & UP)

    @property
    def coming(self) -> bool:
        """Tell whether it is being offered to them."""
        return bool(self.states & COMING)

    @classmethod
    def of(cls, told: JsonValue) -> Self:
        """Return a participant as the API tells it."""
        last = [one[-1] for name in MEDIA if (one := _list(told, name))]
        states = frozenset(told_in(one, "state").casefold() for one in last)
        held = told.get("attributes") if isinstance(told, dict) else None
        carried = {k: v for k, v in held.items() if isinstance(v, str)} if _is(held) else {}  # type: ignore[union-attr] # an object
        return cls(
            id=told_in(told, "id"),
            purpose=told_in(told, "purpose").casefold(),
            user=told_in(told, "userId"),
            queue=told_in(told, "queueId"),
            states=states,
            voice=bool(_list(told, "calls")),
            had=any(told_in(one, "connectedTime") for one in last) or bool(states & UP),
            wrapped=bool(told_in(told, "wrapup", "code")),
            carried=carried,
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """Its participants, in order of their coming."""

    id: str
    participants: tuple[Participant, ...]

    @classmethod
    def of(cls, told: JsonValue) -> Self:
        """Return a conversation as the API tells it."""
        return cls(told_in(told, "id"), tuple(map(Participant.of, _list(told, "participants"))))

    @property
    def customer(self) -> str:
        """Return the id of whose data it is: the customer's, else the first participant's."""
        found = _having(self.participants, CUSTOMERS)
        return found[0].id if found else self.participants[0].id if self.participants else ""

    @property
    def carried(self) -> dict[str, str]:
        """Return the customer's data."""
        wanted = self.customer
        return next((one.carried for one in self.participants if one.id == wanted), {})

    @property
    def holder(self) -> str | None:
        """Return who has the customer now and can hand them over: a bot, a flow, a person."""
        others = [
            one
            for one in self.participants
            if one.up and one.purpose not in CUSTOMERS and one.purpose != "acd"
        ]
        return others[-1].id if others else None

    @property
    def people(self) -> tuple[Participant, ...]:
        """Return the people of the house who are or were in it."""
        return _having(self.participants, PEOPLE)

    @property
    def waits(self) -> bool:
        """Tell whether it waits in a queue."""
        return any(one.purpose == "acd" and (one.up or one.coming) for one in self.participants)

    @property
    def left(self) -> bool:
        """Tell whether the customer is gone."""
        customers = _having(self.participants, CUSTOMERS)
        return bool(customers) and not any(one.up or one.coming for one in customers)

    def handed_to(self, queue: str) -> bool:
        """Tell whether it waits in a queue, or a person has it or is rung."""
        waits = any(
            one.purpose == "acd" and one.queue == queue and (one.up or one.coming)
            for one in self.participants
        )
        return waits or any(one.up or one.coming for one in self.people)


def _having(all_: Iterable[Participant], purposes: frozenset[str]) -> tuple[Participant, ...]:
    return tuple(one for one in all_ if one.purpose in purposes)


def _list(told: JsonValue, name: str) -> list[JsonValue]:
    found = told.get(name) if isinstance(told, dict) else None
    return found if isinstance(found, list) else []


def _is(value: JsonValue) -> bool:
    return isinstance(value, dict)
