"""What the bot asked for, followed turn by turn: the answer is a secret although nothing says so.

A fold over turns in `index` order: what is remembered is a few words and numbers, so that it can
lie in the conversation's state and costs the same at any length.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import re2
from pydantic import JsonValue

from handoff.domain.digits import ANY_NUMBER, Reading, has_number, in_ascii, read, replaced
from handoff.domain.glance import Glance
from handoff.domain.labelled import free_numbers
from handoff.domain.masking import CARD_MASK, MASKS, PART_MASK, Place, mask, part
from handoff.domain.secret_words import (
    CARD_ASKED,
    CODE_ASKED,
    INNOCENT,
    NAMED,
    REQUEST,
    SIZES,
    SPENT,
    WORD_ASKED,
    Secret,
)
from handoff.domain.turn import Role, Turn

_HINT = (
    r"(?i)card|cvv|cvc|code|\bpin\b|passw|passphrase|\bssn\b|social|iban|kart|kaart|tarjeta|carte"
    r"|carta|cart[aã]o|c[oó]digo|clave|codice|kennwort|contrase|senha|mot de passe|wachtw|has[lł]o"
    r"|visa|amex|american express|maestro|discover|diners"
    r"|tan\b|otp|nummer|n[uú]mero|national|dni|nie|cpf|bsn|pesel|steuer|fiscal|aadh|digits|secu"
)
_HINTED = Glance(_HINT)
_MATTERS = Glance(_HINT, ANY_NUMBER)
_CARD = re2.compile(CARD_ASKED)
_KINDS = {
    Secret.CODE: re2.compile(CODE_ASKED),
    **{kind: re2.compile("|".join(patterns)) for kind, patterns in NAMED.items()},
    Secret.PASSWORD: re2.compile(WORD_ASKED),
}
_REQUEST = re2.compile(REQUEST)
_SPENT = re2.compile(SPENT)
_INNOCENT = re2.compile(INNOCENT)
_ALSO = re2.compile(rf"\b(?:and|or|und|oder|y|et|e|ou|o)\b.{{0,40}}(?:{INNOCENT})")
_REFUSAL = re2.compile(
    r"\b(?:no|nope|not|don'?t|forgot\w*|can'?t|why|what|how|agent|human|help|person|wait|sorry|yes"
    r"|ok|okay|sure|nein|nicht|vergessen|hilfe|warum|olvid\w*|ayuda|persona|oublie|aide|pourquoi)\b"
)
_PART = re2.compile(r"\[card digits ×([0-9]+)\]")

_TURNS = {Secret.CARD: 8}
"""Turns of the customer in which the answer may come; two for all others."""
_COMPLETE = (15, 16)
_WHOLE = 15
"""Digits after which a number is taken for whole: hardly any has more than 16."""
_LONGEST_CARD = 19
_FEW, _SOME = 1, 6
"""Other words beside a number of one or two digits, and beside a longer one."""
_SHORT = 3
"""Digits from which a number counts as a longer one."""
_MOST_WORDS = 3
_LONGEST_WORD = 64
"""Words and characters of an answer that may be a password."""
_CODE_DIGITS = range(3, 5)
_DIGITS = b"0123456789\x7f"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, for how many more turns of the customer, and how much of it came."""

    kind: Secret | None = None
    left: int = 0
    given: int = 0

    @classmethod
    def of(cls, told: JsonValue) -> "Asked":
        """Return it as it was stored."""
        if not isinstance(told, Mapping):
            return NOTHING
        kind, left, given = told.get("kind"), told.get("left"), told.get("given")
        if (
            not isinstance(kind, str)
            or kind not in set(Secret)
            or not isinstance(left, int)
            or not isinstance(given, int)
        ):
            return NOTHING
        return cls(Secret(kind), left, given)

    def stored(self) -> dict[str, JsonValue]:
        """Return it as JSON; nothing asked is an empty object."""
        if self.kind is None:
            return {}
        return {"kind": self.kind.value, "left": self.left, "given": self.given}


NOTHING = Asked()


def glance(turn: Turn) -> tuple[bool, bool]:
    """Tell whether a turn may ask for a secret or speak of a card, and whether it has numbers."""
    said = turn.text
    if turn.nbest or turn.heard is not None:
        said = "\n".join((said, turn.heard or "", *turn.nbest))
    return _seen(said) if said else (False, False)


@lru_cache(maxsize=1)
def _seen(said: str) -> tuple[bool, bool]:
    """Return the same of words; of one turn it is asked three times in a row."""
    seen = _MATTERS(in_ascii(said))
    return 0 in seen, 1 in seen


def after(asked: Asked, turn: Turn) -> Asked:
    """Return what is asked for after a turn that is masked already."""
    if turn.role is Role.CUSTOMER:
        return _answered(asked, turn)
    if turn.role not in (Role.BOT, Role.HUMAN) or not turn.audible:
        return asked
    return _wanted(turn.audible, asked)


def _wanted(text: str, asked: Asked) -> Asked:
    """Return what a bot's words ask for; words that ask for nothing leave it as it was."""
    if asked.kind is None and not _HINTED(text):
        return NOTHING
    said = read(text).text
    kind = _kind(said) if _REQUEST.search(said) else None
    if kind is not None:
        same = kind is asked.kind
        return Asked(kind, _TURNS.get(kind, 2), asked.given if same else 0)
    return NOTHING if "?" in said and _INNOCENT.search(said) else asked


def _kind(said: str) -> Secret | None:
    if _SPENT.search(said) is not None:
        return None
    if match := _CARD.search(said):
        return None if _ALSO.search(said[match.end() :]) else Secret.CARD
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(said)), None)


def _answered(asked: Asked, turn: Turn) -> Asked:
    given = sum(int(match.group(1)) for match in _PART.finditer(turn.audible))
    if _announces(turn.audible):
        asked = Asked(Secret.CARD, _TURNS[Secret.CARD], 0 if asked.kind is None else asked.given)
    if asked.kind is None:
        return asked
    if asked.kind is Secret.CARD and CARD_MASK in turn.audible:
        return NOTHING
    total = asked.given + given
    if asked.left <= 1 or total >= _WHOLE:
        return NOTHING
    return Asked(asked.kind, asked.left - 1, total)


def _announces(text: str) -> bool:
    """Tell whether a customer speaks of the number on their card, and not of its last digits."""
    if not _HINTED(text):
        return False
    said = read(text).text
    return _CARD.search(said) is not None and _SPENT.search(said) is None


def masks(asked: Asked, role: Role, text: str) -> dict[Place, str]:
    """Return what in a text of `role` is to be masked, and how, because of what was asked for."""
    if not text:
        return {}
    if role is Role.CUSTOMER:
        announced = _announces(text)
        if asked.kind is Secret.CARD or announced:
            return _card_digits(asked, text, announced=announced)
        return {} if asked.kind is None else _answer(asked.kind, text)
    if asked.kind is Secret.CARD and asked.given and has_number(text):
        return _read_back(text)
    return {}


def _card_digits(asked: Asked, text: str, *, announced: bool) -> dict[Place, str]:
    """Return the parts of a card number in a text, the one that completes it by its last four."""
    if not has_number(text):
        return {}
    reading = read(text)
    if _SPENT.search(reading.text):
        return {}
    match = _CARD.search(reading.text) if announced and asked.kind is not Secret.CARD else None
    begin = len(text) if CARD_MASK in text else match.end() if match else 0
    found: dict[Place, str] = {}
    total = asked.given
    others = other_words(reading)
    for start, end, digits in _fitting(text, reading, begin):
        if others > (_SOME if len(digits) >= _SHORT else _FEW) and not announced:
            continue
        if total >= _WHOLE:
            break
        total += len(digits)
        whole = total in _COMPLETE and len(digits) >= len("4242")
        found[start, end] = mask(digits) if whole else part(len(digits))
    return found


def _fitting(text: str, reading: Reading, begin: int) -> Iterator[tuple[int, int, str]]:
    for start, end, digits in free_numbers(text, reading):
        if (
            start < begin
            or len(digits) > _LONGEST_CARD
            or PART_MASK in text[max(0, start - 20) : start]
        ):
            continue
        if _INNOCENT.search(reading.text[max(0, start - 24) : start]) is None:
            yield start, end, digits


def _read_back(text: str) -> dict[Place, str]:
    """Return the digits of a card that a bot repeats while it takes the number."""
    reading = read(text)
    if _SPENT.search(reading.text):
        return {}
    return {
        (start, end): part(len(digits))
        for start, end, digits in _fitting(text, reading, 0)
        if len(digits) >= len("4242")
    }


def _answer(kind: Secret, text: str) -> dict[Place, str]:
    """Return the answer to a question for a code, an id or a password."""
    if kind is Secret.PASSWORD:
        return _word(text)
    if not has_number(text):
        return {}
    reading = read(text)
    sizes = _CODE_DIGITS if kind is Secret.CODE else SIZES[kind]
    masked = MASKS[kind]
    return {
        (start, end): masked
        for start, end, digits in free_numbers(text, reading)
        if len(digits) in sizes
        and other_words(reading) <= _SOME
        and _INNOCENT.search(reading.text[max(0, start - 24) : start]) is None
    }


def _word(text: str) -> dict[Place, str]:
    """Return the whole of a short answer to a question for a password, unless it is none."""
    said = text.strip()
    if not said or len(said) > _LONGEST_WORD or len(said.split()) > _MOST_WORDS:
        return {}
    if said.startswith("[") or said.endswith("?") or _REFUSAL.search(said.lower()):
        return {}
    start = text.index(said)
    return {(start, start + len(said)): MASKS[Secret.PASSWORD]}


def other_words(reading: Reading) -> int:
    """Return how many words a text has that are no digits."""
    return len(reading.marks.translate(None, _DIGITS).split())


def masked_text(asked: Asked, role: Role, text: str) -> tuple[str, int]:
    """Return a text of `role` with what was asked for masked, and how often it was there."""
    found = masks(asked, role, text)
    return (replaced(text, found), len(found)) if found else (text, 0)
