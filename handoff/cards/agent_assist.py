"""The card as the sections of a Google Agent Assist summary: SITUATION, ACTION, RESOLUTION.

https://docs.cloud.google.com/agent-assist/docs/summarization
"""

import json
from collections.abc import Iterator, Mapping

from handoff.cards.budget import FACTS, FEW, Fitted, Part, counted, fit, left_out_line
from handoff.cards.context import Context
from handoff.cards.pieces import headline, labels, pieces
from handoff.cards.wording import words_of
from handoff.domain.card import Card
from handoff.templating import one_line

MEDIA_TYPE = "application/json"
BUDGET = 4_000
"""Characters of all summaries: ours; a panel beside the conversation is read at a glance."""
LIMIT = f"{BUDGET:,} characters of summaries"
SECTIONS: Mapping[str, tuple[Part, ...]] = {
    "SITUATION": (
        Part.WHY,
        Part.WANTS,
        Part.STORY,
        Part.WRITTEN,
        Part.FLAGS,
        Part.IDENTITY,
        Part.LINKED,
        Part.QUOTES,
    ),
    "ACTION": (Part.CHANGED, Part.UNSURE, Part.FAILED, Part.LOOKED_UP, Part.NOTE),
    "RESOLUTION": (Part.NEXT, Part.OPEN, Part.PROMISED),
    "ENTITIES": FACTS,
}
"""Section to the parts of the card that it tells."""
_NOTHING = "–"


def render(card: Card, context: Context) -> str:
    """Return `summarySections` as JSON, every section there; each claim under how it is known."""
    words = words_of(context.language)
    label = labels(card, words)
    shown = {part for parts in SECTIONS.values() for part in parts}
    items = [item for item in pieces(card, words) if item.part in shown]
    first = one_line(headline(card, words))
    rest = left_out_line(counted(items), words, context.link)
    found = fit(
        items,
        BUDGET - len(first) - len(rest) - len(SECTIONS) - 2,
        lambda item: len(one_line(item.line)) + 2,
        heading=lambda part: len(label[part]) + 2,
        few=FEW,
    )
    summaries = {name: "\n".join(_lines(found, parts, label)) for name, parts in SECTIONS.items()}
    summaries["SITUATION"] = "\n".join(filter(None, (first, summaries["SITUATION"])))
    left_out = left_out_line(found.left_out, words, context.link)
    summaries["RESOLUTION"] = "\n".join(filter(None, (summaries["RESOLUTION"], left_out)))
    told = [{"section": name, "summary": text or _NOTHING} for name, text in summaries.items()]
    return json.dumps({"summarySections": told}, ensure_ascii=False)


def _lines(found: Fitted, parts: tuple[Part, ...], label: Mapping[Part, str]) -> Iterator[str]:
    """Yield a line per part."""
    there = found.parts()
    for part in parts:
        if items := there.get(part):
            yield f"{label[part]}: {'; '.join(one_line(item.line) for item in items)}"
