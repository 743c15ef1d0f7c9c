"""Finds text that tries to instruct the bot or whoever reads the card, however it is hidden.

What is found is shown to the human as a flag; nothing else of the card depends on it.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import product

import re2
import yaml

from handoff.cards.reading import Call, Reading, index_of
from handoff.domain.glance import Glance
from handoff.domain.turn import Role, Turn

_JOINED = 3
"""A customer's turns in a row that are read as one text: an order may be given in pieces."""
_SHORTEST = 8
"""Characters that an order has at least."""
_TAGS = 0xE0000
"""Where characters begin that look like nothing and stand for ASCII."""
_FRAMED = Glance(r"(?im)^\W*(?:system|developer|assistant)\b")
"""What only the beginning of a turn shows, or of a line."""
_INVISIBLE = re2.compile(
    r"[\x{00AD}\x{034F}\x{061C}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{200B}-\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FE00}-\x{FE0F}\x{FEFF}\x{E0000}-\x{E0FFF}]"
)
_LOOKALIKES = str.maketrans("аеорсухіјѕԁоᴀᴇɪᴏ", "aeopcyxijsdoaeio")
_RAW: dict[str, list[str]] = yaml.safe_load(
    files("handoff.cards").joinpath("injections.yaml").read_text("utf-8")
)
_ORDERS = Glance(
    "(?i)" + "|".join(f"(?:{pattern})" for patterns in _RAW.values() for pattern in patterns)
)


def said_by_customer(reading: Reading) -> tuple[int, ...]:
    """Return the customer's turns that try to instruct, some perhaps only together."""
    turns = [turn for turn in reading.turns if turn.role is Role.CUSTOMER and turn.audible]
    if not (_together(turns) or _FRAMED("\n".join(turn.audible for turn in turns))):
        return ()
    found = {index_of(turn) for turn in turns if instructs(turn.audible)}
    for size, at in product(range(2, _JOINED + 1), range(len(turns))):
        some = turns[at : at + size]
        if not found & {index_of(turn) for turn in some} and _together(some):
            found.update(index_of(turn) for turn in some)
    return tuple(sorted(found))


def brought_by_tools(reading: Reading) -> tuple[int, ...]:
    """Return the calls whose result tries to instruct."""
    return tuple(call.index for call in reading.calls if instructs("\n".join(_texts(call))))


def instructs(text: str) -> bool:
    """Tell whether a text tries to instruct, in plain letters or hidden ones."""
    if _matches(text):
        return True
    return not text.isascii() and any(_matches(shown) for shown in _unhidden(text))


def _together(turns: Sequence[Turn]) -> bool:
    """Tell whether turns read as one text do; one look at all of them spares most conversations."""
    return instructs(" ".join(turn.audible for turn in turns))


def _texts(call: Call) -> Iterator[str]:
    for leaf in call.results:
        if isinstance(leaf.value, str) and len(leaf.value) >= _SHORTEST:
            yield leaf.value


def _matches(text: str) -> bool:
    return bool(_ORDERS(text))


def _unhidden(text: str) -> Iterator[str]:
    """Yield what a text says in letters that are not seen, and what it says without those."""
    seen = _INVISIBLE.sub("", text)
    if len(seen) < len(text):
        tags = (ord(char) - _TAGS for char in text if ord(char) > _TAGS)
        yield "".join(chr(code) for code in tags if 0x20 <= code <= 0x7E)
    if not unicodedata.is_normalized("NFKC", seen):
        seen = unicodedata.normalize("NFKC", seen)
    seen = seen.translate(_LOOKALIKES)
    if seen != text:
        yield seen
