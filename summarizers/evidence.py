"""What the cited turns really say, laid out so that a sentence can be held to it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import re2
from pydantic import JsonValue

from handoff.cards.results import leaves, read_result
from handoff.domain.card import Card, CardAction, Claim
from handoff.domain.extracts import label
from handoff.domain.turn import Role, Turn
from summarizers.atoms import Atom, atoms, plain
from summarizers.lexicon import Lexicon, numerals, stem
from summarizers.moments import Day, moments, spoken

CURRENCIES = {
    "$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "bucks": "usd",
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur",
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp",
    "¥": "jpy", "jpy": "jpy", "yen": "jpy", "₹": "inr", "inr": "inr", "rupees": "inr",
    "chf": "chf", "pln": "pln",
}  # fmt: skip
_MEASURE = re2.compile(r"^(\d+)[a-z]{1,3}$")
"""A number with its unit: `20kg`, `24h`."""
_LEAVES = 400
_REACH = 2
"""Words beside a number that may be what it counts."""
_AFTER_NEGATOR = 5


@dataclass(frozen=True, slots=True)
class Speech:
    """What one side says in the cited turns: its words, and which of them it denies."""

    words: frozenset[str]
    stems: frozenset[str]
    affirmed: frozenset[str]
    """Stems that stand somewhere outside the reach of a negator."""
    denied: frozenset[str]
    """Stems that are the first content word after a negator."""
    doubted: frozenset[str]
    """Stems within some words after one."""
    fails: bool
    """Whether a negator or a word of failure stands in it at all."""


@dataclass(slots=True)
class Evidence:
    """All that the cited turns say, with the structured state that rests on them."""

    language: str
    """In which its numbers and dates are read: that of the sentence."""
    squeezed: str = " "
    """Every atom, joined, each with its place among `edges`."""
    edges: set[int] = field(default_factory=set)
    lengths: dict[int, int] = field(default_factory=dict)
    """Where an atom begins → its length."""
    numbers: set[Decimal] = field(default_factory=set)
    counted: dict[str, set[Decimal]] = field(default_factory=lambda: defaultdict(set))
    """Stem of a word → the numbers that stand beside it."""
    currencies: dict[Decimal, set[str]] = field(default_factory=lambda: defaultdict(set))
    days: set[Day] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    texts: list[tuple[Role, str]] = field(default_factory=list)
    """Plain texts by who said them, for `speech`."""
    raw: list[str] = field(default_factory=list)

    def holds(self, key: str, *, shortest: int = 4) -> bool:
        """Tell whether letters and digits stand there as whole atoms: `hat113` in `HAT 113`."""
        at = self.squeezed.find(key)
        while at >= 0:
            if at in self.edges and at + len(key) in self.edges:
                whole = self.lengths.get(at) == len(key)
                spelt = all(self.lengths.get(at + i, 0) == 1 for i in range(len(key)))
                if whole or spelt or len(key) >= shortest:
                    return True
            at = self.squeezed.find(key, at + 1)
        return False

    def speech(self, known: Lexicon, roles: Iterable[Role]) -> Speech:
        """Return what some of the sides say."""
        wanted = frozenset(roles)
        return _speech(known, [text for role, text in self.texts if role in wanted])


def gather(
    turns: Iterable[Turn], card: Card, actions: Mapping[int, CardAction], language: str
) -> Evidence:
    """Return the evidence of the cited turns; `card` adds the claims that rest on them."""
    cited = tuple(turns)
    evidence = Evidence(language)
    indexes = {turn.index or 0 for turn in cited}
    for turn in cited:
        role = Role.BOT if turn.role is Role.HUMAN else turn.role
        for text in (turn.audible, *turn.nbest):
            _read(evidence, role, text)
        for text in structured(turn, actions.get(turn.index or 0)):
            _read(evidence, Role.TOOL if turn.tool_call else role, text, named=True)
    for claim in (*card.facts, *card.customer.claimed):
        if not claim.turns or indexes & set(claim.turns):
            for text in _stated(claim):
                _read(evidence, Role.SYSTEM, text, named=True)
    return evidence


def _stated(claim: Claim) -> Iterator[str]:
    for value in (claim.value, *claim.alternatives):
        for leaf in leaves(value)[:_LEAVES]:
            yield f"{label(claim.name)} {leaf.value}"


def structured(turn: Turn, action: CardAction | None) -> Iterator[str]:
    """Yield a turn's slots, arguments and results in words: `passengers 2`."""
    trees: list[JsonValue] = [turn.slots] if turn.slots else []
    if turn.tool_call is not None:
        yield label(turn.tool_call.name)
        trees += [turn.tool_call.arguments, read_result(turn.tool_call.result)]
        if action is not None and action.result:
            yield action.result
    for tree in trees:
        for leaf in leaves(tree)[:_LEAVES]:
            yield f"{label(leaf.path[-1]) if leaf.path else ''} {leaf.value}"


def _read(evidence: Evidence, role: Role, text: str, *, named: bool = False) -> None:
    if not text.strip():
        return
    evidence.raw.append(text)
    folded = plain(text)
    parts = atoms(folded, evidence.language)
    evidence.texts.append((role, folded))
    _squeeze(evidence, parts)
    _count(evidence, folded, parts, named=named)
    said = spoken(folded, parts)
    for mention in moments(said, atoms(said, evidence.language), evidence.language):
        evidence.days |= mention.days
        evidence.minutes |= mention.minutes
    weekdays = numerals(evidence.language).weekdays
    for part in parts:
        evidence.words.add(part.text)
        evidence.words.update(part.said.split())
        if (day := weekdays.get(part.text)) is not None:
            evidence.weekdays.add(day)


def _squeeze(evidence: Evidence, parts: Sequence[Atom]) -> None:
    at = len(evidence.squeezed)
    pieces: list[str] = []
    for part in parts:
        key = "".join(char for char in part.text if char.isalnum())
        evidence.edges.update((at, at + len(key)))
        evidence.lengths[at] = len(key)
        pieces.append(key)
        at += len(key)
    evidence.squeezed += "".join(pieces) + " "


def _count(evidence: Evidence, text: str, parts: Sequence[Atom], *, named: bool) -> None:
    """Note each number with the currency and the words after it, if `named` before it too."""
    for at, part in enumerate(parts):
        if measure := _MEASURE.match(part.text):
            evidence.numbers.add(Decimal(measure.group(1)))
        if not part.values:
            continue
        evidence.numbers |= part.values
        for word in (*beside(parts, at), *(beside(parts, at, back=True) if named else ())):
            evidence.counted[stem(word)] |= part.values
        for value in part.values:
            evidence.currencies[value].add(currency(text, parts, at))


def beside(parts: Sequence[Atom], at: int, *, back: bool = False) -> list[str]:
    """Return the words next to a number, up to another number."""
    step = -1 if back else 1
    found: list[str] = []
    place = at + step
    while 0 <= place < len(parts) and len(found) < _REACH and not parts[place].values:
        found.append(parts[place].text)
        place += step
    return found


def currency(text: str, parts: Sequence[Atom], at: int) -> str:
    """Return the currency of a number, empty where none is said."""
    part = parts[at]
    before = text[max(part.start - 2, 0) : part.start].strip()[-1:]
    after = text[part.end : part.end + 2].strip()[:1]
    following = parts[at + 1].text if at + 1 < len(parts) else ""
    found = (CURRENCIES.get(sign, "") for sign in (before, after, following))
    return next((code for code in found if code), "")


def _speech(known: Lexicon, texts: Iterable[str]) -> Speech:
    words: set[str] = set()
    affirmed: set[str] = set()
    denied: set[str] = set()
    doubted: set[str] = set()
    fails = False
    for text in texts:
        said = [part.text for part in atoms(text, known.language)]
        words.update(said)
        fails = fails or any(known.fails(word) for word in said)
        near, after = negated(known, said)
        denied |= near
        doubted |= after
        affirmed.update(
            stem(word)
            for at, word in enumerate(said)
            if not any(one in known.negators for one in said[max(at - _AFTER_NEGATOR, 0) : at])
        )
    stems = frozenset(map(stem, words))
    return Speech(
        frozenset(words), stems, frozenset(affirmed), frozenset(denied), frozenset(doubted), fails
    )


def negated(known: Lexicon, said: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the first content words after negators, and of all within their reach."""
    near: set[str] = set()
    reach: set[str] = set()
    quiet = known.function | known.reporting | known.negators
    for at, word in enumerate(said):
        if word in known.negators:
            after = said[at + 1 : at + 1 + _AFTER_NEGATOR]
            content = [stem(one) for one in after if one not in quiet]
            near.update(content[:1])
            reach.update(map(stem, after))
    return frozenset(near), frozenset(reach)
