"""Lay out a transcript: what the card cites marked and linked back, what was masked shown so."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2
from pydantic import JsonValue

from handoff.cards.secrets import masked_tree
from handoff.domain.card import Card
from handoff.domain.conversation import StoredTurn
from handoff.domain.extracts import clip
from handoff.domain.turn import Role, ToolCall, Turn
from handoff.web.citations import citations
from handoff.web.words import clock, iso

WHO = {
    Role.CUSTOMER: "Customer",
    Role.BOT: "Bot",
    Role.HUMAN: "Human agent",
    Role.TOOL: "Tool",
    Role.SYSTEM: "System",
}
SHOWN = 200
"""Latest turns that are laid out without being asked for; older ones only where cited."""
_VALUE = 2_000
_MASK = re2.compile(r"\[card ••\d{0,4}\]|\[code\]|•{4}(?: \d{4})?")
"""What redaction leaves where a value stood."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, or the mask of a value that was not kept."""

    text: str
    masked: bool


@dataclass(frozen=True, slots=True)
class CallItem:
    """A tool call as it is shown."""

    name: str
    outcome: str
    arguments: tuple[tuple[str, str], ...]
    result: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies between a turn and the one above it on the page."""

    skipped: int
    """Turns that are stored but not laid out here."""
    missing: int
    """Turn numbers that never arrived."""


@dataclass(frozen=True, slots=True)
class TurnItem:
    """One turn as it is shown."""

    index: int
    role: str
    who: str
    time: str
    instant: str
    pieces: tuple[Piece, ...]
    unheard: str
    """What the bot meant to say and the customer did not hear."""
    understood: str
    """What the runtime took it for: intent, confidence, how it was put in."""
    remarks: tuple[str, ...]
    slots: tuple[tuple[str, str], ...]
    call: CallItem | None
    cited_by: tuple[str, ...]
    """What on the card rests on this turn."""
    gap: Gap
    opened_here: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of a conversation, and how many of them there are."""

    items: tuple[TurnItem, ...]
    total: int
    language: str

    @property
    def skipped(self) -> int:
        """Return how many turns are not laid out."""
        return self.total - len(self.items)


def transcript(
    turns: Sequence[StoredTurn],
    card: Card | None,
    opened_at: int | None,
    language: str | None,
    *,
    whole: bool = False,
) -> Transcript:
    """Return the turns laid out: all, or the latest ones and those that the card cites."""
    cited = citations(card) if card else {}
    first = 0 if whole else max(len(turns) - SHOWN, 0)
    kept = [
        (place, stored)
        for place, stored in enumerate(turns)
        if place >= first or (stored.turn.index or 0) in cited
    ]
    items = tuple(_items(kept, cited, opened_at))
    return Transcript(items, len(turns), language or "")


def _items(
    kept: Iterable[tuple[int, StoredTurn]],
    cited: dict[int, tuple[str, ...]],
    opened_at: int | None,
) -> Iterator[TurnItem]:
    before_place, before_index = -1, -1
    for place, stored in kept:
        index = stored.turn.index or 0
        skipped = place - before_place - 1
        missing = max(index - before_index - 1 - skipped, 0)
        yield _item(stored, cited.get(index, ()), Gap(skipped, missing), opened_at)
        before_place, before_index = place, index


def _item(
    stored: StoredTurn, cited_by: tuple[str, ...], gap: Gap, opened_at: int | None
) -> TurnItem:
    turn = stored.turn
    at = turn.at or stored.stored_at
    return TurnItem(
        index=turn.index or 0,
        role=turn.role.value,
        who=WHO[turn.role],
        time=clock(at),
        instant=iso(at),
        pieces=pieces(turn.audible),
        unheard=_unheard(turn),
        understood=_understood(turn),
        remarks=tuple(_remarks(stored)),
        slots=tuple((name, _in_words(name, value)) for name, value in turn.slots.items()),
        call=_call(turn.tool_call) if turn.tool_call else None,
        cited_by=cited_by,
        gap=gap,
        opened_here=opened_at is not None and turn.index == opened_at,
    )


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the text cut where something was masked."""
    found: list[Piece] = []
    end = 0
    for match in _MASK.finditer(text):
        found.append(Piece(text[end : match.start()], masked=False))
        found.append(Piece(match.group(), masked=True))
        end = match.end()
    found.append(Piece(text[end:], masked=False))
    return tuple(piece for piece in found if piece.text)


def _unheard(turn: Turn) -> str:
    if turn.heard is None or turn.heard == turn.text:
        return ""
    return turn.text.removeprefix(turn.heard).strip()


def _understood(turn: Turn) -> str:
    said: list[str] = []
    if turn.intent:
        sure = "" if turn.confidence is None else f" ({turn.confidence:.0%})"
        said.append(f"intent {turn.intent}{sure}")
    if turn.recognition_confidence is not None:
        said.append(f"recognised with {turn.recognition_confidence:.0%}")
    others = [other for other in turn.nbest if other != turn.text][:3]
    if others:
        said.append("or: " + " / ".join(clip(other, 120) for other in others))
    return ", ".join(said)


def _remarks(stored: StoredTurn) -> Iterator[str]:
    turn = stored.turn
    if stored.after_handoff:
        yield "after the handoff"
    if turn.heard is not None and turn.heard != turn.text:
        yield "interrupted"
    if not turn.final:
        yield "not final"
    if turn.secure_capture:
        yield "secure capture: no words are kept"
    if turn.input is not None and turn.input.value == "dtmf":
        yield "keypad"


def _call(call: ToolCall) -> CallItem:
    outcome = {True: "done", False: "failed", None: "unknown"}[call.ok]
    return CallItem(
        name=call.name,
        outcome=outcome,
        arguments=tuple((name, _in_words(name, value)) for name, value in call.arguments.items()),
        result="" if call.result is None else _in_words("", call.result),
    )


def _in_words(name: str, value: JsonValue) -> str:
    """Return a value of a slot, an argument or a result, what its name calls secret masked."""
    kept = masked_tree(name, value)
    text = kept if isinstance(kept, str) else json.dumps(kept, ensure_ascii=False)
    return clip(text, _VALUE)
