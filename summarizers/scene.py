"""What one sentence is held to: the sentence read, and the turns and the card it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import re2

from handoff.domain.card import Card, CardAction
from handoff.domain.turn import Role, Turn
from summarizers.atoms import Atom, atoms, plain
from summarizers.evidence import Evidence
from summarizers.lexicon import Lexicon, language_of
from summarizers.moments import spoken

_OWNER = re2.compile(r"['’]s\b|['’]\B")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a summary, read."""

    raw: str
    text: str
    """Plain, numbers said in words written in digits."""
    parts: tuple[Atom, ...]
    words: tuple[str, ...]
    known: Lexicon
    """Of the sentence's language."""
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The turns that a sentence cites, and what of the conversation bears on them."""

    turns: tuple[Turn, ...]
    evidence: Evidence
    card: Card
    actions: Mapping[int, CardAction]
    """Index of a turn → the call that was made there, of the whole conversation."""

    @property
    def roles(self) -> frozenset[Role]:
        """Return who speaks in the cited turns; a human counts as the bot: not the customer."""
        return frozenset(Role.BOT if t.role is Role.HUMAN else t.role for t in self.turns)

    @property
    def cited_actions(self) -> tuple[CardAction, ...]:
        """Return the calls that were made in the cited turns."""
        found = (self.actions.get(turn.index or 0) for turn in self.turns)
        return tuple(action for action in found if action is not None)


def read(raw: str, turns: Sequence[int], likely: str = "") -> Told | None:
    """Return a sentence read; None where its language is none that can be checked.

    `likely` is the conversation's language, in which a sentence is read that might be in two.
    """
    folded = plain(_OWNER.sub(" 's ", raw))
    known = language_of(folded.split(), likely)
    if known is None:
        return None
    for phrase in known.not_numbers:
        if phrase in folded:
            folded = folded.replace(phrase, " ".join(w for w in phrase.split() if w != "one"))
    said = spoken(folded, atoms(folded, known.language))
    parts = atoms(said, known.language)
    return Told(raw, said, parts, tuple(part.text for part in parts), known, tuple(turns))
