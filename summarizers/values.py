"""Whether the values in a sentence (links, dates, numbers, amounts, names) stand in its turns."""

import re2

from handoff.domain.turn import Role
from summarizers.atoms import atoms, plain
from summarizers.evidence import beside, currency
from summarizers.lexicon import Lexicon, numerals, stem
from summarizers.moments import moments
from summarizers.scene import Scene, Told

_LINK = re2.compile(
    r"(?i)\b[a-z][a-z0-9+.-]{1,15}://\S+|\b(?:javascript|data|mailto|tel):\S+|\bwww\.\S+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|co|de|info|biz|app|dev|ly|me|uk|fr|es|pl|eu|us|ru|cn|xyz|site|online)\b(?:/\S*)?"
)
_EMAIL = re2.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*")
_CAPITAL = re2.compile(r"\p{Lu}[\pL\pM\pN]*(?:['’-]\pL[\pL\pM]*)*")
_TRIMMED = ".,;:!?)]}>'\"”»"
_BEFORE_NAMES = ("is", "was", "named", "called", "mr", "mrs", "ms")
_HALVES = frozenset({"am", "pm", "a", "m", "p", "uhr", "oclock"})


def contacts(told: Told, scene: Scene) -> bool:
    """Tell whether every link and e-mail address stands in a cited turn, letter by letter."""
    source = "\n".join(scene.evidence.raw).casefold()
    found = (*_LINK.findall(told.raw), *_EMAIL.findall(told.raw))
    return all(one.rstrip(_TRIMMED).casefold() in source for one in found)


def dates(told: Told, scene: Scene) -> bool:
    """Tell whether every date, weekday and month was said, at least as exactly."""
    mentioned = [one for one in moments(told.text, told.parts, told.known.language) if one.days]
    if not all(any(d.fits(e) for d in m.days for e in scene.evidence.days) for m in mentioned):
        return False
    tables = numerals(told.known.language)
    weekdays = {
        tables.weekdays[word] for word in told.words if len(word) > 3 and word in tables.weekdays
    }
    return weekdays <= scene.evidence.weekdays


def times(told: Told, scene: Scene) -> bool:
    """Tell whether every clock time was said."""
    mentioned = (
        one.minutes for one in moments(told.text, told.parts, told.known.language) if one.minutes
    )
    return all(minutes & scene.evidence.minutes for minutes in mentioned)


def numbers(told: Told, scene: Scene) -> bool:
    """Tell whether every number and every code with digits stands there."""
    evidence = scene.evidence
    taken = [(m.start, m.end) for m in moments(told.text, told.parts, told.known.language)]
    for part in told.parts:
        if any(start <= part.start < end for start, end in taken):
            continue
        key = "".join(char for char in part.text if char.isalnum())
        if part.values:
            if not (part.values & evidence.numbers or evidence.holds(key)):
                return False
        elif any(map(str.isdecimal, part.text)) and not evidence.holds(key):
            return False
    return True


def counts(told: Told, scene: Scene) -> bool:
    """Tell whether no number is said of something that has another one in the turns."""
    counted = scene.evidence.counted
    for at, part in enumerate(told.parts):
        if not part.values:
            continue
        counts = (stem(w) for w in beside(told.parts, at) if not _says_nothing(w, told.known))
        key = next((key for key in counts if key in counted), None)
        if key is not None and not counted[key] & part.values:
            return False
    return True


def _says_nothing(word: str, known: Lexicon) -> bool:
    return word in known.function or word in _HALVES


def amounts(told: Told, scene: Scene) -> bool:
    """Tell whether no amount has another currency than it has in the turns."""
    for at, part in enumerate(told.parts):
        named = currency(told.text, told.parts, at) if part.values else ""
        known = {code for value in part.values for code in scene.evidence.currencies.get(value, ())}
        if named and known - {""} and named not in known:
            return False
    return True


def names(told: Told, scene: Scene) -> bool:
    """Tell whether every name stands there, and no two names that stood apart make a person."""
    found = [(match.start(), match.end(), match.group()) for match in _CAPITAL.finditer(told.raw)]
    before: tuple[int, str] | None = None
    for start, end, written in found:
        parts = [word for word in _words(written) if not _is_ordinary(word, told.known)]
        if not all(_is_there(word, scene) for word in parts):
            return False
        if (
            before
            and parts
            and told.raw[before[0] : start] == " "
            and _apart(before[1], parts[0], scene)
        ):
            return False
        before = (end, parts[-1]) if parts else None
    return True


def customer_name(told: Told, scene: Scene) -> bool:
    """Tell whether a name that is said to be the customer's is the one on the card, or theirs."""
    known = {
        word for claim in scene.card.customer.claimed for word in _words(str(claim.value))
    } or scene.evidence.speech(told.known, (Role.CUSTOMER,)).words
    words = told.raw.split()
    for at, word in enumerate(words):
        if "".join(_words(word)) not in told.known.customer or word.endswith((".", ";", ":")):
            continue
        for following in words[at + 1 : at + 3]:
            name = "".join(_words(following))
            if following[:1].isupper() and not _is_ordinary(name, told.known):
                if name not in known:
                    return False
            elif name not in _BEFORE_NAMES:
                break
    return True


def _words(text: str) -> list[str]:
    return [
        part.said or part.text for part in atoms(plain(text.replace("’s", "").replace("'s", "")))
    ]


def _is_ordinary(word: str, known: Lexicon) -> bool:
    """Tell whether a word with a capital needs no name's proof: another check has it, or none."""
    tables = numerals(known.language)
    ordinary = (
        *(known.function, known.reporting, known.customer, known.bot, _HALVES),
        *(tables.weekdays, tables.months, tables.numbers, tables.ordinals),
    )
    return any(char.isdecimal() for char in word) or any(word in words for words in ordinary)


def _is_there(word: str, scene: Scene) -> bool:
    evidence = scene.evidence
    return word in evidence.words or (len(word) > 1 and evidence.holds(word))


def _apart(one: str, other: str, scene: Scene) -> bool:
    """Tell whether two words are only ever said apart, so that they make no name together."""
    evidence = scene.evidence
    if evidence.holds(one + other, shortest=1) or evidence.holds(other + one, shortest=1):
        return False
    spoken = " ".join(
        f" {text} " for role, text in evidence.texts if role in (Role.CUSTOMER, Role.BOT)
    )
    return f" {one} " in f" {spoken} " and f" {other} " in f" {spoken} "
