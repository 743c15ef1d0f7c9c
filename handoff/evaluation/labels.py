"""What is to be learned of labelled recordings: at which turns, and what the truth is there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import cel
from pydantic import JsonValue

from handoff.detection.conditions import BOUND
from handoff.domain.errors import Invalid
from handoff.domain.turn import Role, Turn
from handoff.evaluation.gold import Case

EARLY: Final = 0.5
"""Weight of the turn half way, next to that of the last one: a score should tell early too."""
MARGIN: Final = 2
"""Turns before the end of a call that are left out: its last words would give it away."""
SOON: Final = 6
"""Turns before a handoff at which it should be foreseen."""
ROOTS: Final = ("outcome", "label", "turn", "job", "source", "attributes")
"""What a condition can look at."""
TRANSFER: Final = "transfer_to_human_agents"


@dataclass(frozen=True, slots=True)
class Target:
    """One turn to learn from: its place in the conversation, the truth, and how much it counts."""

    place: int
    truth: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """What is learned. `targets` are a conversation's; `reads` whose turns the score looks at."""

    says: str
    reads: tuple[str, ...]
    targets: Callable[[Case], list[Target]]


def label_of(source: str) -> Label:
    """Return the label of a known data set, else whether a person took over."""
    return _KNOWN.get(source, _HANDED_OFF)


def label_by(condition: str, reads: tuple[str, ...] = (Role.CUSTOMER,)) -> Label:
    """Return the label that a CEL condition over `outcome label turn job source attributes` gives.

    One that looks at `label` or `turn` is asked of every turn of those who are read that has a
    label, any other of the conversation. Raises Invalid where it does not compile or has a name
    that stands for nothing.
    """
    try:
        program = cel.compile(condition)
    except ValueError as error:
        raise Invalid(f"--label is not CEL: {str(error).splitlines()[0][:160]}") from None
    bound = {*ROOTS, *BOUND.findall(condition)}
    unknown = [name for name in program.variables() if name not in bound and name[:1] != "@"]
    if unknown:
        raise Invalid(
            f"--label knows no `{unknown[0][:80]}`: a condition is over {', '.join(ROOTS)}"
        )
    of_turns = bool({"label", "turn"} & set(program.variables()))

    def true(case: Case, turn: Turn | None) -> bool | None:
        gold = case.gold
        values: dict[str, JsonValue] = {
            "outcome": dict(gold.outcome) if gold else {},
            "label": dict(gold.label(turn)) if gold and turn else {},
            "turn": turn.model_dump(mode="json") if turn else {},
            "job": case.conversation.job,
            "source": case.source,
            "attributes": dict(case.conversation.attributes),
        }
        try:
            found = program.execute(cel.Context(values))
        except Exception:  # noqa: BLE001 # the engine raises what the condition makes it: no label here
            return None
        return found if isinstance(found, bool) else None

    def of_each_turn(case: Case) -> list[Target]:
        said = [(place, true(case, turn)) for place, turn in _read(case, reads)]
        return [Target(place, truth) for place, truth in said if truth is not None]

    def of_all(case: Case) -> list[Target]:
        truth = true(case, None)
        return [] if truth is None else _late(case, truth, reads)

    return Label(condition, reads, of_each_turn if of_turns else of_all)


def _read(case: Case, reads: tuple[str, ...]) -> Iterator[tuple[int, Turn]]:
    for place, turn in enumerate(case.conversation.turns):
        if turn.role in reads:
            yield place, turn


def _late(case: Case, truth: bool, reads: tuple[str, ...]) -> list[Target]:  # noqa: FBT001 # one of a pair of values, not a switch
    """Return the last turn that is read before the end shows, and the one half way."""
    stop = len(case.conversation.turns) - MARGIN
    places = [place for place, _ in _read(case, reads) if place < stop]
    if not places:
        return []
    half = [place for place in places if place < len(case.conversation.turns) / 2]
    found = [Target(places[-1], truth)]
    return found if half[-1:] in ([], places[-1:]) else [Target(half[-1], truth, EARLY), *found]


def _said(case: Case) -> Mapping[str, JsonValue]:
    return case.gold.outcome if case.gold else {}


def _tells(said: Mapping[str, JsonValue], *names: str) -> bool:
    return any(said.get(name) is not None for name in names)


def _call(case: Case) -> list[Target]:
    truth = _said(case).get("luhf")
    return _late(case, truth, (Role.CUSTOMER,)) if isinstance(truth, bool) else []


def _unhelpful(case: Case) -> list[Target]:
    """Return the last turn: nobody saying so is a no here, as it is where figures are made."""
    said, turns = _said(case), case.conversation.turns
    if not turns or not {"annoyed", "user_says_helpful"} & said.keys():
        return []
    truth = said.get("annoyed") is True or said.get("user_says_helpful") is False
    return [Target(len(turns) - 1, truth)]


def _airline(case: Case) -> list[Target]:
    said, turns = _said(case), case.conversation.turns
    if not _tells(said, "reward", "handed_off"):
        return []
    calls = [
        n for n, turn in enumerate(turns) if turn.tool_call and turn.tool_call.name == TRANSFER
    ]
    stop = calls[0] if calls else len(turns)
    truth = said.get("reward") == 0 or bool(said.get("handed_off"))
    late = [Target(stop - 1, truth, 1.0)] if stop else []
    # Its highest score counts: what stays low before the end is learned from a few earlier turns.
    return [Target(place, truth=False, weight=0.02) for place in range(0, stop - 1, 3)] + late


def _transferable(case: Case) -> list[Target]:
    gold = case.gold
    labels = [(n, gold.label(t)) for n, t in _read(case, (Role.CUSTOMER,))] if gold else []
    return [
        Target(n, bool(label["transferable"])) for n, label in labels if "transferable" in label
    ]


def _breakdown(case: Case) -> list[Target]:
    gold = case.gold
    labels = [(n, gold.label(t)) for n, t in _read(case, (Role.BOT,))] if gold else []
    return [Target(n, label["majority"] == "X") for n, label in labels if label.get("majority")]


def _handed_off(case: Case) -> list[Target]:
    gold = case.gold
    truth = gold.handed_off() if gold else None
    if gold is None or truth is None:
        return []
    at, turns = gold.handoff_turn(), case.conversation.turns
    end = next((n for n, turn in enumerate(turns) if turn.index == at), len(turns))
    # Every turn counts alike: farewells, which only the others have, must not give them away.
    return [
        Target(place, truth and place >= end - SOON)
        for place, _ in _read(case, (Role.CUSTOMER,))
        if place < end
    ]


_EVERYBODY: Final = (Role.CUSTOMER, Role.BOT, Role.TOOL)
_HANDED_OFF: Final = Label(
    f"a person takes over within {SOON} turns", (Role.CUSTOMER,), _handed_off
)
_KNOWN: Final[Mapping[str, Label]] = {
    "betold": Label("the caller asked to be forwarded or hung up, late", (Role.CUSTOMER,), _call),
    "star": Label("annoyed, or not helped", _EVERYBODY, _unhelpful),
    "tau-airline": Label("failed or handed off, before the transfer", _EVERYBODY, _airline),
    "mhch-makeup": Label("should be transferred at this turn", (Role.CUSTOMER,), _transferable),
    "dbdc3": Label("the bot's turn breaks the dialogue", (Role.BOT,), _breakdown),
}
