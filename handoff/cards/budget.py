"""What goes first where a form is small, and what is said of the rest: nothing is cut at random.

An item is shown whole, or by its short form, or not at all; a number, a name or a value is never
cut. Whatever was left out is counted by kind, and the whole card is one link away.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from handoff.cards.wording import Words
from handoff.domain.extracts import clip


class Part(StrEnum):
    """A part of a card, in the order of what a person needs first."""

    WHY = "why"
    WANTS = "wants"
    FLAGS = "flags"
    NEXT = "next"
    CHANGED = "changed"
    UNSURE = "unsure"
    FAILED = "failed"
    OPEN = "open"
    PROMISED = "promised"
    IDENTITY = "identity"
    VERIFIED = "verified"
    STATED = "stated"
    INFERRED = "inferred"
    LINKED = "linked"
    QUOTES = "quotes"
    NOTE = "note"
    LOOKED_UP = "looked_up"
    CONSENTS = "consents"
    KNOWN = "known"
    STORY = "story"
    WRITTEN = "written"


PRIORITY = {part: rank for rank, part in enumerate(Part)}
"""Who finds room first."""
STORIES = frozenset({Part.STORY, Part.WRITTEN})
"""The story in the conversation's own sentences, or as a model wrote it: never under one label."""
_PLACE = {part: PRIORITY[Part.NEXT] + 0.5 if part in STORIES else PRIORITY[part] for part in Part}
"""The order of shown parts: the story is read near the top though it finds room last."""
FEW: Mapping[Part, int] = {Part.WHY: 3, Part.PROMISED: 3, Part.QUOTES: 1}
"""How many of a part a small form shows at most; the others are counted as left out."""
DETAIL = frozenset({Part.CONSENTS, Part.KNOWN})
"""What small forms do without: the names not to ask for tell what other parts say, given consents
ask for nothing; what was refused is among the flags."""
FACTS = (Part.VERIFIED, Part.STATED, Part.INFERRED)
_KINDS = {
    **dict.fromkeys(FACTS, "fact"),
    Part.QUOTES: "quote",
    **dict.fromkeys((Part.CHANGED, Part.UNSURE, Part.FAILED, Part.LOOKED_UP), "action"),
}
_ORDER = ("fact", "action", "quote", "item")
_IN_RUNS = frozenset("-_./@+#:")
"""What stands inside identifiers, addresses and numbers."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to show, as plain text that is not yet escaped."""

    part: Part
    text: str
    name: str = ""
    """What a fact is called; empty for anything else."""
    short: str = ""
    """What stands for it where the whole finds no room; then it still counts as left out."""
    turns: tuple[int, ...] = ()
    count: int = 1
    """How many values it shows."""

    @property
    def line(self) -> str:
        """Return it with its name before it."""
        return f"{self.name}: {self.text}" if self.name else self.text


@dataclass(frozen=True, slots=True)
class Fitted:
    """What found room, in order, and how many of what did not."""

    items: tuple[Item, ...]
    left_out: Mapping[str, int]

    def parts(self) -> dict[Part, list[Item]]:
        """Return the items by part, in the order of parts."""
        parts: dict[Part, list[Item]] = {}
        for item in sorted(self.items, key=lambda item: _PLACE[item.part]):
            parts.setdefault(item.part, []).append(item)
        return parts


Cost = Callable[[Item], int]
"""What an item takes, in the form's own measure, escaped and with its separators."""


def fit(
    items: Iterable[Item],
    room: int,
    cost: Cost,
    *,
    heading: Callable[[Part], int] = lambda _part: 0,
    most: int | None = None,
    few: Mapping[Part, int] | None = None,
) -> Fitted:
    """Return what fits into `room`: by `PRIORITY`, in the order given within a part.

    `heading` is what a part takes in addition once it has an item, `most` what one item may take,
    `few` how many items a part may show.
    """
    taken: list[Item] = []
    left_out: Counter[str] = Counter()
    shown: Counter[Part] = Counter()
    for item in sorted(items, key=lambda item: PRIORITY[item.part]):
        begins = 0 if shown[item.part] else heading(item.part)
        limit = min(room - begins, most if most is not None else room)
        full = few is not None and shown[item.part] >= few.get(item.part, len(taken) + 1)
        found = None if full else _variant(item, limit, cost)
        if found is not item:
            left_out[_KINDS.get(item.part, "item")] += item.count
        if found is not None:
            taken.append(found)
            shown[item.part] += 1
            room -= begins + cost(found)
    return Fitted(tuple(taken), left_out)


def _variant(item: Item, room: int, cost: Cost) -> Item | None:
    """Return the item, or its short form, whichever fits first."""
    if cost(item) <= room:
        return item
    brief = Item(item.part, item.short, turns=item.turns)
    return brief if item.short and cost(brief) <= room else None


def counted(items: Iterable[Item]) -> Mapping[str, int]:
    """Return how many of what there are in all: no more than these can be left out."""
    total: Counter[str] = Counter()
    for item in items:
        total[_KINDS.get(item.part, "item")] += item.count
    return total


def left_out_words(left_out: Mapping[str, int], words: Words) -> str:
    """Return what was left out, `3 facts, 2 quotes`; empty if nothing was."""
    return ", ".join(words.counted(kind, left_out[kind]) for kind in _ORDER if left_out.get(kind))


def left_out_line(left_out: Mapping[str, int], words: Words, link: str | None) -> str:
    """Return what was left out and where it is; empty if nothing was."""
    if not (listed := left_out_words(left_out, words)):
        return ""
    where = f": {link}" if link else f" ({words.say['on_card']})"
    return f"{words.say['left_out']}: {listed}{where}"


def shortened(text: str, limit: int) -> str:
    """Return words of at most `limit` characters on one line, a cut shown by `…`.

    It is cut between words, and never between or inside the groups of a number.
    """
    line = " ".join(text[: limit * 4].split())
    if len(line) <= limit and len(text) <= limit * 4:
        return line
    at = min(limit - 1, len(line))
    space = line.rfind(" ", 0, at + 1)
    if space > limit // 2:
        at = space
    while 0 < at < len(line) and _in_run(line[at - 1]) and _in_run(line[at]):
        at -= 1
    kept, after = line[:at].rstrip().split(" "), line[at:].split(" ")
    following = next(filter(None, after), "")
    while kept[-1] and _has_digit(kept[-1]) and _has_digit(following):
        following = kept.pop()
        kept = kept or [""]
    return clip(" ".join(kept), limit - 1) + "…"


def _in_run(char: str) -> bool:
    return char in _IN_RUNS or (char.isascii() and char.isalnum()) or char.isdigit()


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
