"""Whether words that a sentence puts together were put together in its turns, and as surely.

A value may stand in the turns, and a word beside it too, and the two still have nothing to do with
each other: an amount offered as a voucher is no refund. What is compared here are clauses: the
stretch between two marks of punctuation, or all that one tool call tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import re2

from handoff.domain.turn import Role, Turn
from summarizers.atoms import Atom, atoms, plain
from summarizers.evidence import CURRENCIES, structured
from summarizers.lexicon import Lexicon, stem
from summarizers.scene import Scene, Told

_MARKS = re2.compile(r"[.!?…,;:()\[\]]+(?:\s|$)|[。！？、，]+|\s[-–—]\s|\n+")
_NEAR = 4
"""Words on either side of a value that say what it is of."""
_TAKEN_BACK = 3
"""Words before a verb in which `could` or `will` keeps it from having happened."""
_PAST = "ed"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words said together."""

    role: Role
    words: tuple[str, ...]
    stems: frozenset[str]
    numbers: frozenset[Decimal]
    content: frozenset[str]
    """Stems of the words that carry meaning, names among them."""


def clauses(turns: Sequence[Turn], scene: Scene, known: Lexicon) -> list[Clause]:
    """Return what the cited turns say, clause by clause."""
    return [_clause(text, role, known) for turn in turns for role, text in _said(turn, scene)]


def together(told: Told, scene: Scene) -> bool:
    """Tell whether each number and each name stands, somewhere, beside what it is said of."""
    said = clauses(scene.turns, scene, told.known)
    customer = {
        part.text
        for claim in scene.card.customer.claimed
        for part in atoms(plain(str(claim.value)))
    }
    for at, part in enumerate(told.parts):
        if part.values:
            where = [one for one in said if one.numbers & part.values]
            near = told.parts[max(at - _NEAR, 0) : at + 1 + _NEAR]
        elif _is_name(told, part) and part.text not in customer:
            where = [one for one in said if part.text in one.words]
            near = told.parts
        else:
            continue
        beside = {one.text for one in near if one is not part and _carries(one, told.known)}
        if where and beside and not any(_joins(one, part, beside, told) for one in where):
            return False
    return True


def certain(told: Told, scene: Scene) -> bool:
    """Tell whether nothing that was only guessed, possible or still to come is told as a fact."""
    known = told.known
    said = clauses(scene.turns, scene, known)
    if set(told.words) & known.future and not _foretold(told, said):
        return False
    if set(told.words) & (known.doubts | known.hedges | known.saying):
        return True
    for word in {part.text for part in told.parts if _carries(part, known)}:
        where = [one for one in said if stem(word) in one.stems]
        if where and all(known.doubts & set(one.words) for one in where):
            return False
    past = [word for word in told.words if word.endswith(_PAST)] if known.language == "en" else []
    return not any(_only_possible(said, word, known) for word in past)


def _said(turn: Turn, scene: Scene) -> Iterator[tuple[Role, str]]:
    role = Role.BOT if turn.role is Role.HUMAN else turn.role
    for text in (turn.audible, *turn.nbest):
        yield from ((role, piece) for piece in _MARKS.split(plain(text)) if piece.strip())
    told = " ".join(structured(turn, scene.actions.get(turn.index or 0)))
    if told:
        yield Role.TOOL, plain(told)


def _clause(text: str, role: Role, known: Lexicon) -> Clause:
    parts = atoms(text, known.language)
    return Clause(
        role=role,
        words=tuple(part.text for part in parts),
        stems=frozenset(stem(part.text) for part in parts),
        numbers=frozenset(value for part in parts for value in part.values),
        content=frozenset(stem(part.text) for part in parts if _carries(part, known)),
    )


def _carries(part: Atom, known: Lexicon) -> bool:
    word = part.text
    quiet = (known.function, known.reporting, known.customer, known.bot, known.negators)
    ordinary = any(word in words for words in quiet) or word in CURRENCIES
    return len(word) > 1 and word.isalpha() and not part.values and not ordinary


def _is_name(told: Told, part: Atom) -> bool:
    """Tell whether a word of the sentence is written with a capital inside of it."""
    if not _carries(part, told.known):
        return False
    return any(
        plain(word.strip(".,;:!?\"'()")) == part.text and word[:1].isupper()
        for word in told.raw.split()[1:]
    )


def _joins(clause: Clause, part: Atom, beside: set[str], told: Told) -> bool:
    """Tell whether a clause with a value has one of the words beside it, or no other words."""
    others = clause.content - {stem(part.text)}
    if not others:
        return True
    return any(
        stem(word) in clause.stems or told.known.alike(word) & set(clause.words) for word in beside
    )


def _foretold(told: Told, said: Sequence[Clause]) -> bool:
    """Tell whether somebody said of one of these things that it will be."""
    content = {stem(part.text) for part in told.parts if _carries(part, told.known)}
    return any(
        told.known.future & set(one.words) and (not content or content & one.content)
        for one in said
    )


def _only_possible(said: Sequence[Clause], word: str, known: Lexicon) -> bool:
    """Tell whether every form of a verb that was said comes after `could`, `if` or `will`."""
    unsure = known.hedges | known.future
    before = [
        one.words[max(at - _TAKEN_BACK, 0) : at]
        for one in said
        for at, other in enumerate(one.words)
        if stem(other) == stem(word)
    ]
    return bool(before) and all(unsure & set(words) for words in before)
