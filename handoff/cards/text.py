"""The card as plain text, for a ticket or a terminal: most useful first, within a budget."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handoff.cards.view import STATUS_WORDS, ActionView, CardView, FactView, card_view, grouped
from handoff.domain.card import Card, OpenItem, Outcome, Status
from handoff.domain.extracts import clip, flow
from handoff.templating import render_template

MEDIA_TYPE = "text/plain; charset=utf-8"

BUDGET = 2_400
"""Characters (600 tokens); most cards need a third of it, but identifiers must not be lost."""
_LINE = 110
_FEW = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is about, and its items, the most useful first."""

    label: str
    items: tuple[str, ...]


def render(card: Card) -> str:
    """Return the card as text of at most `BUDGET` characters, saying how much was left out."""
    view = card_view(card)
    lead = tuple(_lead(view))
    lines, left_out = _within((*lead, *_facts(view, lead), *_rest(view)))
    context = {"headline": card.headline, "lines": lines, "left_out": left_out}
    return render_template("cards/card.txt", context)


def _lead(view: CardView) -> Iterator[Line]:
    """Yield what to read before anything else."""
    card = view.card
    yield Line("Why", tuple(_evidence(view)))
    if card.situation:
        yield Line("Wants", (f"“{clip(card.situation.text, _LINE * 2)}”",))
    yield Line("Flags", tuple(flag.text for flag in card.flags))
    yield Line("Next", (clip(card.next_step, _LINE * 2),))
    yield Line("Changed", tuple(_changes(view.writes, Outcome.DONE)))
    yield Line("Unsure", tuple(_changes(view.writes, Outcome.UNKNOWN)))
    yield Line(
        "Failed", tuple(f"{clip(t.what, _LINE)}: {clip(t.ended, _LINE)}" for t in card.tried)
    )
    yield Line("Open", tuple(clip(item.text, _LINE) for item in card.open if _adds(item, card)))
    yield Line("Promised", tuple(clip(promise.text, _LINE) for promise in card.promises[-_FEW:]))
    checks = (f"{name} {result}" for name, result, _ in view.checks)
    yield Line("Identity", (f"authentication {view.auth}", *checks))


def _rest(view: CardView) -> Iterator[Line]:
    """Yield what only helps when there is room."""
    card = view.card
    if card.quotes:
        yield Line("Last said", (f"“{clip(card.quotes[-1].text, _LINE)}”",))
    if card.bot_note:
        yield Line("Bot's note, not verified", (f"“{clip(card.bot_note, _LINE * 2)}”",))
    lookups = Counter(action.name for action in view.lookups if action.outcome == Outcome.DONE)
    yield Line("Looked up", tuple(f"{n} ×{k}" if k > 1 else n for n, k in lookups.items()))


def _adds(item: OpenItem, card: Card) -> bool:
    return item.text not in card.next_step


def _evidence(view: CardView) -> Iterator[str]:
    for line in view.evidence[:_FEW]:
        yield clip(f"{line.text} ({line.where})" if line.where else line.text, _LINE)


def _changes(writes: Iterable[ActionView], outcome: Outcome) -> Iterator[str]:
    for action in writes:
        if action.outcome == outcome:
            yield f"{action.name}: {action.details}" if action.details else action.name


def _facts(view: CardView, lead: Iterable[Line]) -> Iterator[Line]:
    """Yield the facts by status, without those an earlier line already shows as done."""
    shown = "".join(flow(item) for line in lead if line.label == "Changed" for item in line.items)
    facts = [fact for fact in (*view.customer, *view.facts) if _is_new(fact, shown)]
    for status in Status:
        groups = grouped(fact for fact in facts if fact.status == status)
        items = (f"{name}: {', '.join(map(_value, group))}" for name, group in groups.items())
        yield Line(STATUS_WORDS[status].capitalize(), tuple(items))


def _is_new(fact: FactView, shown: str) -> bool:
    return fact.superseded or bool(fact.alternatives) or flow(fact.value) not in shown


def _value(fact: FactView) -> str:
    if fact.superseded:
        return f"(was {fact.value})"
    others = " / ".join(fact.alternatives)
    return f"{fact.value} (or {others})" if others else fact.value


def _within(lines: Iterable[Line]) -> tuple[list[Line], int]:
    """Take items line by line until the budget is spent; count those that found no room."""
    room = BUDGET - _LINE
    taken: list[Line] = []
    left_out = 0
    for line in lines:
        kept: list[str] = []
        for item in line.items:
            if room < len(item) + 2:
                left_out += 1
            else:
                kept.append(item)
                room -= len(item) + 2
        if kept:
            room -= len(line.label) + 3
            taken.append(Line(line.label, tuple(kept)))
    return taken, left_out
