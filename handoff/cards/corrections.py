"""Which values a later one replaced: the customer corrected the date, so the last one stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from handoff.cards.ledger import Entry, Source


@dataclass(frozen=True, slots=True)
class Event:
    """Values given for one name in one turn."""

    name: str
    source: Source
    entries: tuple[Entry, ...]
    corrects: bool = False
    """The customer said that they correct something."""


@dataclass(slots=True)
class _Standing:
    """What stands for a name now: statements in order, and the form a call used the last one in."""

    stated: list[Entry] = field(default_factory=list)
    latest: tuple[Entry, ...] = ()
    used: list[Entry] = field(default_factory=list)


def mark_superseded(events: Iterable[Event]) -> None:
    """Mark, in order of the events, each entry that a later value of its name replaced.

    A statement replaces what stood if the customer said so (“actually …”) or a call had used what
    stood; else both stand, since two drinks may both be wanted, until a call settles it. The first
    call after a statement uses its value in the call's own form (`1st of March`, `2019-03-01`), so
    both stand; a further call with another value replaces both. Names that only calls use are left
    alone: looking at two reservations corrects neither.
    """
    standing: dict[str, _Standing] = {}
    for event in events:
        if event.source is Source.SAID:
            _state(standing.setdefault(event.name, _Standing()), event)
        elif event.name in standing:
            _use(standing[event.name], event)


def _state(now: _Standing, event: Event) -> None:
    if all(entry in now.stated or entry in now.used for entry in event.entries):
        return
    if now.used or event.corrects:
        _replace([*now.stated, *now.used])
        now.stated, now.used = [], []
    now.latest = event.entries
    _stand(now.stated, event.entries)


def _use(now: _Standing, event: Event) -> None:
    kept = {id(entry) for entry in event.entries}
    repeated = all(entry in now.used or entry in now.stated for entry in event.entries)
    if not now.used and not repeated:
        kept |= {id(entry) for entry in now.latest}
    elif now.used and all(entry in now.used or entry in now.latest for entry in event.entries):
        kept |= {id(entry) for entry in (*now.latest, *now.used)}
    _replace(entry for entry in (*now.stated, *now.used) if id(entry) not in kept)
    now.stated = [entry for entry in now.stated if id(entry) in kept]
    now.used = [entry for entry in now.used if id(entry) in kept]
    _stand(now.used, event.entries)


def _replace(entries: Iterable[Entry]) -> None:
    for entry in entries:
        entry.superseded = True


def _stand(standing: list[Entry], entries: Iterable[Entry]) -> None:
    for entry in entries:
        entry.superseded = False
        if entry not in standing:
            standing.append(entry)
