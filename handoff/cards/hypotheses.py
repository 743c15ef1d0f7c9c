"""Rank what a recogniser heard over several attempts: votes by rank, likeness, and format."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2
from rapidfuzz.distance import Indel

from handoff.cards.spelling import looks_spelt, sounds
from handoff.domain.dates import Date, names_month, readings
from handoff.domain.extracts import words

_BASE = 0.6
"""What any hypothesis of an attempt weighs against its first, which weighs 1."""
_MOST = 10
_LONGEST = 120
"""Hypotheses of an attempt that are weighed, and characters beyond which one is no value."""
_LATER = 0.02
"""What each further attempt weighs more: people say it again more clearly."""
_SPELT = 1.2
"""What a spelt attempt weighs: each letter was said by itself."""
_LIKE_SOUNDS = str.maketrans(
    {
        **dict.fromkeys("bcdegptvz3", "b"),
        **dict.fromkeys("mn", "n"),
        **dict.fromkeys("sfx", "s"),
        **dict.fromkeys("ahkj8", "a"),
        **dict.fromkeys("iy59", "i"),
        **dict.fromkeys("quw2", "q"),
        **dict.fromkeys("o0", "o"),
    }
)
"""Letters and digits whose names sound alike on the phone, each to one of them."""
_CODES = re2.compile(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}|\d{5}")
"""Postcodes: of the United Kingdom, and five digits as in most of the continent and the US."""
_LONGEST_CODE = 8
"""Characters of a postcode at most, without its space."""
_MOST_PARTS = 4
"""Words of a name at most; spelt letters are compared with each of its parts."""
_BIRTHS = range(1900, 2100)
"""Years that a date may have."""
_DATE_TEXT = 0.3
"""What the likeness of a date's letters weighs beside the votes on year, month and day."""
_WHOLE_DATE = 1.0
_NAMED = 0.8
_PARTED = 0.4
"""What a text gains for being a whole date, and for naming its month or else parting its numbers:
in attempts whose first hypothesis agrees."""
_NOT_A_NAME = 0.8
"""What one word alone, a spelt text or one with digits loses as a name, in the same measure."""

Attempts = Sequence[Sequence[str]]
"""Per attempt its hypotheses, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One hypothesis: as written, its letters and digits, as it sounds, and its weight."""

    text: str
    letters: str
    sound: str
    weight: float


def ranked(kind: str, attempts: Attempts) -> tuple[str, ...]:
    """Return what was most likely said, best first: postcodes, dates and names by what they are."""
    weighed = (_weighed(attempt, 1 + _LATER * place) for place, attempt in enumerate(attempts))
    heard = [hypotheses for hypotheses in weighed if hypotheses]
    match kind:
        case "postcode":
            return _postcodes(heard)
        case "date":
            return _dates(heard)
        case "name":
            return _names(heard)
        case _:
            return _plain(heard)


def _weighed(attempt: Iterable[str], trust: float) -> list[Hypothesis]:
    found = []
    for rank, text in enumerate(list(dict.fromkeys(attempt))[:_MOST]):
        if len(text) <= _LONGEST and (letters := "".join(words(text))):
            weight = trust * (_BASE + (1 - _BASE) / (1 + rank))
            found.append(Hypothesis(text, letters, sounds(text), weight))
    return found


@lru_cache(maxsize=4096)
def _like(one: str, other: str) -> float:
    """Return how alike two are, letter by letter and by the sound of their letters."""
    exact = Indel.normalized_similarity(one, other)
    sound = Indel.normalized_similarity(one.translate(_LIKE_SOUNDS), other.translate(_LIKE_SOUNDS))
    return (exact + sound) / 2


def _support(letters: str, heard: list[list[Hypothesis]]) -> float:
    """Return how well a value agrees with the best hypothesis of each attempt."""
    return sum(
        max(h.weight * max(_like(letters, h.letters), _like(letters, h.sound)) for h in attempt)
        for attempt in heard
    )


def _candidates(heard: list[list[Hypothesis]]) -> dict[str, str]:
    """Return every hypothesis by its letters, in the form heard first."""
    found: dict[str, str] = {}
    for attempt in heard:
        for hypothesis in attempt:
            found.setdefault(hypothesis.letters, hypothesis.text)
    return found


def _plain(heard: list[list[Hypothesis]]) -> tuple[str, ...]:
    found = _candidates(heard)
    return tuple(found[c] for c in sorted(found, key=lambda c: -_support(c, heard)))


def _postcodes(heard: list[list[Hypothesis]]) -> tuple[str, ...]:
    """Return the postcodes inside the hypotheses by support, then whatever else was heard."""
    codes = {code: None for attempt in heard for h in attempt for code in _codes_in(h.text)}
    whole: list[str] = []
    for code in sorted(codes, key=lambda code: -_support(code, heard)):
        if not any(code in better for better in whole):
            whole.append(code)
    rest = (text for text in _plain(heard) if "".join(words(text)) not in codes)
    return (*map(_written, whole), *rest)


def _codes_in(text: str) -> Iterable[str]:
    parts = words(text)
    for start in range(len(parts)):
        code = ""
        for part in parts[start:]:
            code += part
            if len(code) > _LONGEST_CODE:
                break
            if _CODES.fullmatch(code):
                yield code


def _written(code: str) -> str:
    """Return a postcode as it is written: `EH5V 3TF`; digits alone stay together."""
    return code if code.isdecimal() else f"{code[:-3]} {code[-3:]}".upper()


def _names(heard: list[list[Hypothesis]]) -> tuple[str, ...]:
    found = _candidates(heard)

    def support(letters: str) -> float:
        parts = words(found[letters])
        agreement = sum(max(h.weight * _name_like(parts, h) for h in attempt) for attempt in heard)
        odd = len(parts) < 2 or looks_spelt(found[letters]) or not letters.isalpha()
        return agreement - (_NOT_A_NAME if odd else 0)

    return tuple(found[letters] for letters in sorted(found, key=lambda c: -support(c)))


def _name_like(parts: list[str], heard: Hypothesis) -> float:
    """Return how alike a name and a hypothesis are; a spelt one may be one part of the name."""
    whole = "".join(parts)
    if not looks_spelt(heard.text):
        return _like(whole, heard.letters)
    if len(parts) > _MOST_PARTS:
        return _like(whole, heard.sound)
    places = range(1, len(parts))
    pieces = {
        whole,
        *("".join(parts[:at]) for at in places),
        *("".join(parts[at:]) for at in places),
    }
    return _SPELT * max(Indel.normalized_similarity(piece, heard.sound) for piece in pieces)


def _dates(heard: list[list[Hypothesis]]) -> tuple[str, ...]:
    """Return one text per date by votes on year, month and day, then texts that are no date."""
    votes = _votes(heard)
    best: dict[object, tuple[float, str]] = {}
    texts = {h.text: h.letters for attempt in heard for h in attempt}
    for text, letters in texts.items():
        dates = _plausible(text)
        voted = max((_voted(date, votes) for date in dates), default=0.0)
        score = voted + _DATE_TEXT * _support(letters, heard) + _clearness(text, dates)
        key = dates or letters
        if key not in best or score > best[key][0]:
            best[key] = (score, text)
    return tuple(text for _, text in sorted(best.values(), key=lambda scored: -scored[0]))


def _clearness(text: str, dates: frozenset[Date]) -> float:
    """Return what a text is worth for being a whole date, more if it names its month or parts it.

    Among texts of one date a person reads `21 August 2002` rather than `2108 2002`.
    """
    if not dates:
        return 0.0
    return _WHOLE_DATE + (_NAMED if names_month(text) else _PARTED * (len(words(text)) > 2))


def _plausible(text: str) -> frozenset[Date]:
    return frozenset(date for date in readings(text) if date.year in _BIRTHS)


def _votes(heard: list[list[Hypothesis]]) -> Counter[tuple[str, int]]:
    """Count each part of a date once an attempt, by the weight of the hypothesis that has it."""
    votes: Counter[tuple[str, int]] = Counter()
    for attempt in heard:
        seen: dict[tuple[str, int], float] = {}
        for hypothesis in attempt:
            dates = _plausible(hypothesis.text)
            for date in dates:
                for part in zip(Date._fields, date, strict=True):
                    seen.setdefault(part, hypothesis.weight / len(dates))
        votes.update(seen)
    return votes


def _voted(date: Date, votes: Counter[tuple[str, int]]) -> float:
    return sum(votes[part] for part in zip(Date._fields, date, strict=True))
