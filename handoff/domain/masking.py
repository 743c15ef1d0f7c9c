"""Masking of secrets in one text: cards and their codes, bank accounts, ids, passwords, keys.

What is masked says what it was, and of a card or an account its last four characters.
"""

from collections.abc import Iterable, Iterator

from handoff.domain.card_numbers import card_numbers
from handoff.domain.credentials import SUSPECT, keys, passwords
from handoff.domain.digits import ANY_NUMBER, DENSE, PAIR, Reading, read, replaced
from handoff.domain.extracts import encodable
from handoff.domain.glance import Glance
from handoff.domain.labelled import labelled
from handoff.domain.national_ids import ibans, national_ids
from handoff.domain.secret_words import HINTS, Secret
from handoff.domain.security_codes import security_codes

CARD_MASK = "[card ••"
"""How the mask of a card number begins; its last four digits follow."""
IBAN_MASK = "[iban ••"
"""How the mask of a bank account begins; its last four characters follow."""
CODE_MASK = "[code]"
"""What stands where a security code stood."""
KEYS_MASK = "[digits]"
"""What stands where digits were keyed in: a PIN, an account; a menu's choice stays."""
MASKS = {kind: f"[{kind}]" for kind in Secret}
"""What stands where a secret of each kind stood, if nothing of it may be told."""
PART_MASK = "[card digits ×"
"""How the mask of a part of a card number begins; the count of its digits follows."""

_SHORTEST = len("CVV 123")
_GLANCE = Glance(DENSE, PAIR, ANY_NUMBER, f"(?i){HINTS}", SUSPECT)
_DENSE, _PAIR, _NUMBER, _HINT, _SUSPECT = range(5)

Place = tuple[int, int]


def mask(number: str) -> str:
    """Return the form a card number is kept in: its last four digits."""
    return f"{CARD_MASK}{number[-4:]}]"


def part(count: int) -> str:
    """Return what stands where so many digits of a card number stood."""
    return f"{PART_MASK}{count}]"


def redact_text(text: str) -> tuple[str, int]:
    """Return `text` with the secrets in it masked, and how many there were."""
    if len(text) < _SHORTEST:
        return text, 0
    read_as = encodable(text)  # as long as the text itself
    digits, secretive = _signs(read_as)
    if not digits and not secretive:
        return text, 0
    masks = places(read_as, digits=digits, secretive=secretive)
    return (replaced(text, masks), len(masks)) if masks else (text, 0)


def may_hide(texts: Iterable[str]) -> bool:
    """Tell at one look whether any of some texts may have something to mask."""
    return any(_signs(encodable("\n".join(texts))))


def _signs(text: str) -> tuple[bool, bool]:
    """Tell whether a text has digits that may be a secret, and words of a key or a password."""
    seen = _GLANCE(text)
    digits = _DENSE in seen or _PAIR in seen or (_NUMBER in seen and _HINT in seen)
    return digits, _SUSPECT in seen


def places(text: str, *, digits: bool = True, secretive: bool = True) -> dict[Place, str]:
    """Return where secrets stand, (start, end), and the mask of each; none overlaps another.

    `digits`: it has some; `secretive`: something in it reads like a key or a password.
    """
    kept = _Kept(text)
    if secretive:
        kept.take((place, MASKS[Secret.KEY]) for place in keys(text))
    if digits:
        _numbers(text, read(text), kept)
    if secretive:
        kept.take((place, MASKS[Secret.PASSWORD]) for place in passwords(text))
    return kept.masks


def _numbers(text: str, reading: Reading, kept: "_Kept") -> None:
    """Take what has digits, the surest first."""
    kept.take(((start, end), f"{IBAN_MASK}{last}]") for start, end, last in ibans(reading))
    cards = card_numbers(reading)
    kept.take(((card.start, card.end), mask(card.digits)) for card in cards)
    kept.take((place, MASKS[kind]) for place, kind in national_ids(reading).items())
    kept.take((place, CODE_MASK) for place in sorted(security_codes(text, reading, cards)))
    kept.take((place, MASKS[kind]) for place, kind in labelled(text, reading).items())


class _Kept:
    """The masks so far; what comes later gives way, as does what is masked already."""

    def __init__(self, text: str) -> None:
        """Begin with none."""
        self._text = text
        self._taken = bytearray()
        self.masks: dict[Place, str] = {}

    def take(self, found: Iterable[tuple[Place, str]]) -> None:
        """Keep what overlaps nothing that was taken before."""
        for (start, end), masked in found:
            if self._free(start, end):
                self._mark(start, end)
                self.masks[start, end] = masked

    def _free(self, start: int, end: int) -> bool:
        return start < end and not any(self._taken[start:end]) and not self._told(start, end)

    def _mark(self, start: int, end: int) -> None:
        if not self._taken:
            self._taken = bytearray(len(self._text))
        self._taken[start:end] = b"\x01" * (end - start)

    def _told(self, start: int, end: int) -> bool:
        """Tell whether these are the last digits in a mask of ours: masking twice is as once."""
        before = (CARD_MASK, IBAN_MASK, PART_MASK)
        return self._text.endswith(before, 0, start) and self._text.startswith("]", end)


def masked_parts(text: str) -> Iterator[str]:
    """Yield each mask in a text, without its brackets: what was there ("card ••4242", "code")."""
    for piece in text.split("[")[1:] if "[" in text else ():
        inside, closed, _ = piece.partition("]")
        if closed and (inside in _INSIDES or inside.startswith(_BEGINNINGS)):
            yield inside


_INSIDES = frozenset(
    {*(m[1:-1] for m in MASKS.values()), CODE_MASK[1:-1], KEYS_MASK[1:-1]} - {"card", "iban"}
)
_BEGINNINGS = (CARD_MASK[1:], IBAN_MASK[1:], PART_MASK[1:])
