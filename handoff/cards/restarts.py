"""Whether a person asks the customer again for what the card already says.

Only plain requests count: reading a value back to confirm it, asking for another one, and
checking who somebody is are no restarts. Phrases of all languages are read at once, as people mix
them. They lie in `restarts.yaml`; a claim whose name is not there is found by the words of its
name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import re2
import yaml

from handoff.cards.names import is_verifier, name_words, readable
from handoff.cards.phrases import Pattern
from handoff.domain.card import Card, Claim, Status
from handoff.domain.extracts import flow, sentences, words
from handoff.domain.text import capped, unaccented

SITUATION: Final = "situation"
"""What is counted where the customer is to tell everything again."""
_LONGEST: Final = 40
"""Words of a sentence that is read: a longer one tells, and does not ask."""
_VAGUE: Final = frozenset(
    {
        "type", "value", "code", "message", "category", "request", "number", "reference", "item",
        "status", "result", "data", "info", "information", "details", "question", "answer", "kind",
        "reason", "id", "link",
    }
)  # fmt: skip
"""Names that people use in questions about other things."""
_DATA: dict[str, Any] = yaml.safe_load(
    files("handoff.cards").joinpath("restarts.yaml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Restart:
    """A question whose answer is on the card."""

    claim: str
    """The claim's name as a person reads it, or `situation`."""
    question: str


def restarts(card: Card, text: str) -> tuple[Restart, ...]:
    """Return what a person's words to the customer ask for though the card says it.

    Each claim counts once in a text, however often it is asked for.
    """
    found: dict[str, Restart] = {}
    for sentence in sentences(capped(text)):
        folded = _folded(sentence)
        if not folded.strip() or len(folded.split()) > _LONGEST:
            continue
        if _other().search(folded):
            continue
        if card.situation and _opening().search(folded):
            found.setdefault(SITUATION, Restart(SITUATION, sentence))
        else:
            for name in _asked(folded, _known(card), flow(sentence)):
                found.setdefault(name, Restart(name, sentence))
    return tuple(found.values())


def _folded(sentence: str) -> str:
    """Return a sentence's plain words, and whether it ends as a question."""
    mark = " ?" if "?" in sentence[-5:] or "？" in sentence[-5:] else ""
    return " ".join(words(unaccented(sentence.casefold()))) + mark


def _known(card: Card) -> Iterator[Claim]:
    """Yield the claims that a person may rely on: current, certain, no means to check anybody."""
    given = frozenset(card.do_not_ask)
    for claim in (*card.customer.claimed, *card.facts):
        certain = claim.status is not Status.INFERRED or readable(claim.name) in given
        if certain and not (claim.superseded or claim.alternatives or is_verifier(claim.name)):
            yield claim


def _asked(folded: str, known: Iterable[Claim], spoken: str) -> Iterator[str]:
    """Yield the names of the claims that a sentence asks for; the first of each thing."""
    taken: set[str] = set()
    claims = list(known)
    if any(_reads_back(claim, spoken) for claim in claims):
        return
    for claim in claims:
        things = _things(claim.name)
        if taken & set(things):
            continue
        if any(_thing(thing).search(folded) for thing in things) or _named(claim, folded):
            taken.update(things)
            yield readable(claim.name)


def _reads_back(claim: Claim, spoken: str) -> bool:
    """Tell whether the value is in the question: then it is only to be confirmed."""
    value = flow(str(claim.value)) if isinstance(claim.value, str | int | float) else ""
    return bool(value.strip()) and value in spoken


def _named(claim: Claim, folded: str) -> bool:
    """Tell whether a sentence asks for a claim by the very words of its name."""
    named = name_words(claim.name)
    if not named or named <= _VAGUE or _things(claim.name):
        return False
    pattern = _by_name(" ".join(_folded(readable(claim.name)).split()))
    return bool(pattern.search(folded))


@lru_cache(maxsize=4096)
def _things(name: str) -> tuple[str, ...]:
    """Return what a claim of this name tells, as `restarts.yaml` calls it; the first that fits."""
    own = frozenset(_folded(readable(name)).split())
    for thing, told in _DATA["things"].items():
        if own & frozenset(told.get("not", ())):
            continue
        entries = (frozenset([one] if isinstance(one, str) else one) for one in told["names"])
        if any(entry <= own for entry in entries):
            return (thing,)
    return ()


@cache
def _thing(thing: str) -> Pattern:
    """Return the pattern of every way to ask for a thing, in every language."""
    told = _DATA["things"][thing]
    return _compiled((*_forms(told["nouns"]), *told.get("whole", ())))


@lru_cache(maxsize=1024)
def _by_name(name: str) -> Pattern:
    return _compiled(_forms([re2.escape(name)]))


def _forms(nouns: Iterable[str]) -> Iterator[str]:
    what = f"(?:{'|'.join(f'(?:{noun})' for noun in nouns)})"
    for told in _DATA["languages"].values():
        for form in told["asks"]:
            if "{X}" in form:
                yield form.replace("{D}", told["before"]).replace("{X}", what)


@cache
def _opening() -> Pattern:
    return _compiled(form for told in _DATA["languages"].values() for form in told["opening"])


@cache
def _other() -> Pattern:
    return _compiled(told["other"] for told in _DATA["languages"].values())


def _compiled(forms: Iterable[str]) -> Pattern:
    pattern: Pattern = re2.compile("|".join(f"(?:{form})" for form in forms))
    return pattern
