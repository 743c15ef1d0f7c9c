"""Replays conversations under two policies: what differs, when, why, and whether it is better."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from handoff.detection import Decision, Detector
from handoff.detection.replay import Change, change, first_escalation
from handoff.domain.decision import Action
from handoff.evaluation.gold import Case
from handoff.evaluation.judge import Point, read
from handoff.evaluation.metrics import Confusion, confusion
from handoff.evaluation.replay import Played, play


@dataclass(frozen=True, slots=True)
class TurnChange:
    """A turn after which the two policies do different things."""

    turn: int
    old: Action
    new: Action


@dataclass(frozen=True, slots=True)
class Compared:
    """One conversation under both policies."""

    conversation_id: str
    source: str
    job: str
    change: Change
    old: Decision | None
    new: Decision | None
    """The first escalation under either."""
    turns: tuple[TurnChange, ...] = ()
    old_points: tuple[Point, ...] = ()
    new_points: tuple[Point, ...] = ()
    """What gold says of either, where there is any."""
    shadow: frozenset[str] = frozenset()
    """Rules of the new policy in shadow mode that would have acted."""

    @property
    def differs(self) -> bool:
        """Tell whether anything was done otherwise."""
        return bool(self.turns) or self.change is Change.OTHER_REASON


@dataclass(frozen=True, slots=True)
class Tally:
    """What changed in a group of conversations, and how right either policy is in it."""

    conversations: int
    changes: Counter[Change]
    old_escalated: int
    new_escalated: int
    old: Confusion | None = None
    new: Confusion | None = None
    """By whether it escalated; None without gold."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Reason codes of the new policy's first escalations."""
    shadow: Counter[str] = field(default_factory=Counter)
    """Conversations in which each shadow rule would have acted."""


def compare(cases: Iterable[Case], old: Detector, new: Detector) -> Iterator[Compared]:
    """Yield each conversation under both policies; their turns are numbered, gold is optional."""
    for case in cases:
        yield compared(case, play(old, case.conversation), play(new, case.conversation))


def compared(case: Case, old: Played, new: Played) -> Compared:
    """Return how two replays of one conversation differ."""
    before, after = first_escalation(old.decisions), first_escalation(new.decisions)
    pairs = zip(old.decisions, new.decisions, strict=True)
    return Compared(
        conversation_id=case.conversation.conversation_id,
        source=case.source,
        job=case.conversation.job or "",
        change=change(before, after),
        old=before,
        new=after,
        turns=tuple(
            TurnChange(a.turn_index, a.action, b.action) for a, b in pairs if a.action != b.action
        ),
        old_points=read(case, old).points,
        new_points=read(case, new).points,
        shadow=frozenset(
            reason.rule for one in new.decisions for reason in one.shadow if reason.rule
        ),
    )


def tally(found: Sequence[Compared]) -> Tally:
    """Return the sums over compared conversations."""
    return Tally(
        conversations=len(found),
        changes=Counter(one.change for one in found),
        old_escalated=sum(one.old is not None for one in found),
        new_escalated=sum(one.new is not None for one in found),
        old=_rightness(chain.from_iterable(one.old_points for one in found)),
        new=_rightness(chain.from_iterable(one.new_points for one in found)),
        reasons=Counter(one.new.reason_code or "other" for one in found if one.new),
        shadow=Counter(rule for one in found for rule in one.shadow),
    )


def by_job(found: Iterable[Compared]) -> dict[tuple[str, str], Tally]:
    """Return the sums by source and job, in the order they came."""
    groups: dict[tuple[str, str], list[Compared]] = {}
    for one in found:
        groups.setdefault((one.source, one.job), []).append(one)
    return {key: tally(group) for key, group in groups.items()}


def _rightness(points: Iterable[Point]) -> Confusion | None:
    kept = [(point.acted, point.so) for point in points]
    return confusion(kept) if kept else None
