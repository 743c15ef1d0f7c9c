"""Holds decisions against gold: what is true by data set, and where the score is read for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from handoff.domain.decision import Action
from handoff.domain.turn import Role
from handoff.evaluation.gold import Case, Gold
from handoff.evaluation.replay import Played

TRANSFER: Final = "transfer_to_human_agents"
UTTERANCES: Final = frozenset(
    ("nlupp", "rasa-apache", "rasa-gpl", "bitext", "banking77", "clinc150", "multidogo")
)
"""Data sets of single utterances: each is, or is not, the wish for a person."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is judged: its score, what was done about it, and whether it is so."""

    score: float
    acted: bool
    so: bool
    offered: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The points of one conversation, other ways of reading it, and positions for GT-T."""

    points: tuple[Point, ...] = ()
    also: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    golden: tuple[int, ...] | None = None
    """Places of the turns that should hand over; None where that is not known."""
    predicted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One conversation as figures need it: nothing that was said is kept."""

    source: str
    job: str
    actions: tuple[Action, ...]
    reading: Reading
    stratum: tuple[str, float] | None = None
    """Where a data set over-samples: the stratum, and how many it has by nature."""


Reader = Callable[[Played, Gold], Reading]


def judge(case: Case, played: Played) -> Judged:
    """Return what the decisions in a conversation are worth by its gold, if it has any."""
    conversation, source = played.conversation, case.source
    if source == "dbdc3":  # its languages are judged apart
        source = f"{source}-{conversation.language}"
    return Judged(
        source=source,
        job=conversation.job or "",
        actions=tuple(decision.action for decision in played.decisions),
        reading=read(case, played),
        stratum=_stratum(case.gold),
    )


def read(case: Case, played: Played) -> Reading:
    """Return the points of a conversation; none without gold."""
    if case.gold is None or not played.decisions:
        return Reading()
    if case.source in UTTERANCES:
        return _utterances(played, case.gold)
    return READERS.get(case.source, _handed_off)(played, case.gold)


def _stratum(gold: Gold | None) -> tuple[str, float] | None:
    outcome = {} if gold is None else gold.outcome
    population = outcome.get("stratum_population")
    if not isinstance(population, int | float):
        return None
    return str(outcome.get("stratum")), float(population)


def _point(played: Played, place: int, *, so: bool) -> Point:
    decision = played.decisions[place]
    return Point(
        decision.score,
        decision.action is Action.ESCALATE,
        so,
        offered=decision.action is Action.OFFER,
    )


def _whole(played: Played, places: Sequence[int], score: float, *, so: bool) -> Point:
    """Return the point of a whole conversation, acted on if any of `places` was."""
    actions = {played.decisions[place].action for place in places}
    return Point(score, Action.ESCALATE in actions, so, offered=Action.OFFER in actions)


def _places(played: Played, role: Role) -> Iterator[int]:
    turns = played.conversation.turns
    return (place for place, turn in enumerate(turns) if turn.role is role)


def _escalated(played: Played, places: Sequence[int]) -> tuple[int, ...]:
    return tuple(p for p in places if played.decisions[p].action is Action.ESCALATE)


def _highest(played: Played, places: Sequence[int]) -> float:
    return max((played.decisions[place].score for place in places), default=0.0)


def _utterances(played: Played, gold: Gold) -> Reading:
    """Judge each customer turn that is labelled `handoff` or not."""
    turns = played.conversation.turns
    labels = ((p, gold.label(turns[p]).get("handoff")) for p in _places(played, Role.CUSTOMER))
    return Reading(tuple(_point(played, p, so=bool(so)) for p, so in labels if so is not None))


def _betold(played: Played, gold: Gold) -> Reading:
    """Judge a call at the last customer turn that lies two or more turns before its end.

    The role of the very last turn tells where a call was cut. `half` reads the first half alone.
    """
    luhf, length = gold.outcome.get("luhf"), len(played.decisions)
    mine = [place for place in _places(played, Role.CUSTOMER) if place < length - 2]
    if not isinstance(luhf, bool) or not mine:
        return Reading()
    early = [place for place in mine if place < length / 2]
    point = _whole(played, mine, played.decisions[mine[-1]].score, so=luhf)
    half = _whole(played, early, played.decisions[early[-1]].score if early else 0.0, so=luhf)
    golden = (length - 1,) if luhf else ()
    return Reading((point,), {"half": (half,)}, golden, _escalated(played, mine))


def _star(played: Played, gold: Gold) -> Reading:
    """Judge a conversation at its last turn: the customer was annoyed, or was not helped."""
    outcome = gold.outcome
    if "annoyed" not in outcome and "user_says_helpful" not in outcome:
        return Reading()
    so = outcome.get("annoyed") is True or outcome.get("user_says_helpful") is False
    places = range(len(played.decisions))
    point = _whole(played, places, played.decisions[-1].score, so=so)
    highest = _whole(played, places, _highest(played, places), so=so)
    return Reading((point,), {"max": (highest,)})


def _tau(played: Played, gold: Gold) -> Reading:
    """Judge a conversation strictly before the transfer call: it failed or was handed off."""
    outcome = gold.outcome
    if "reward" not in outcome and "handed_off" not in outcome:
        return Reading()
    failed, handed = outcome.get("reward") == 0, bool(outcome.get("handed_off"))
    calls = (turn.tool_call for turn in played.conversation.turns)
    transfers = (place for place, call in enumerate(calls) if call and call.name == TRANSFER)
    before = range(next(transfers, len(played.decisions)))
    score = _highest(played, before)

    def against(*, so: bool) -> tuple[Point, ...]:
        return (_whole(played, before, score, so=so),)

    also = {
        "against_handed_off": against(so=handed),
        "against_reward_0": against(so=failed),
        "against_reward_0_among_not_handed_off": () if handed else against(so=failed),
        "against_should_hand_off": against(so=bool(outcome.get("should_hand_off"))),
    }
    golden = (len(before),) if handed else ()
    return Reading(against(so=failed or handed), also, golden, _escalated(played, before))


def _mhch(played: Played, gold: Gold) -> Reading:
    """Judge each labelled customer turn: a person should answer it."""
    labelled = [(p, gold.label(t)) for p, t in enumerate(played.conversation.turns)]
    customers = set(_places(played, Role.CUSTOMER))
    points = (
        _point(played, place, so=bool(label.get("transferable")))
        for place, label in labelled
        if label and place in customers
    )
    golden = tuple(place for place, label in labelled if label.get("transferable"))
    return Reading(tuple(points), {}, golden, _escalated(played, range(len(labelled))))


def _dbdc3(played: Played, gold: Gold) -> Reading:
    """Judge each voted bot turn: most annotators call it a breakdown (X)."""
    turns = played.conversation.turns
    voted = [(p, gold.label(turns[p]).get("majority")) for p in _places(played, Role.BOT)]
    points = tuple(_point(played, p, so=vote == "X") for p, vote in voted if vote)
    wider = tuple(_point(played, p, so=vote in ("T", "X")) for p, vote in voted if vote)
    golden = tuple(place for place, vote in voted if vote == "X")
    everywhere = _escalated(played, range(len(turns)))
    return Reading(points, {"against_T_or_X": wider}, golden if points else None, everywhere)


def _handed_off(played: Played, gold: Gold) -> Reading:
    """Judge any other conversation before its handoff, if its file says whether there was one."""
    handed, turn = gold.handed_off(), gold.handoff_turn()
    if handed is None:
        return Reading()
    indices = [decision.turn_index for decision in played.decisions]
    known = handed and turn is not None
    before = [p for p, index in enumerate(indices) if not known or index < (turn or 0)]
    point = _whole(played, before, _highest(played, before), so=handed)
    golden = ((len(before),) if known else None) if handed else ()
    return Reading((point,), {}, golden, _escalated(played, before))


READERS: Final[Mapping[str, Reader]] = {
    "betold": _betold,
    "star": _star,
    "tau-airline": _tau,
    "mhch-makeup": _mhch,
    "dbdc3": _dbdc3,
}
"""Data set to how it is read; all others are judged by whether they were handed off."""
