"""Hashes words and names: what a learned score knows them by, and all that it remembers."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

from handoff.domain.signal import EMPTY
from handoff.domain.text import TurnView, in_words
from handoff.domain.turn import Role

TOOL: Final = "t"
SLOT: Final = "s"
"""With which the keys of tools and of slots begin; those of intents begin with who had it."""

_SLOTS: Final = 8
_HEAD: Final = 200
"""Characters of a name that tell it apart."""
_LETTERS: Final = {Role.CUSTOMER: b"c:", Role.BOT: b"b:", Role.TOOL: b"t:"}


def key_of(name: str) -> str:
    """Return the short key of an intent, tool or slot: its kind and a hash of its name."""
    return f"{name[0]}{_hash(name) & 0xFFFFFF:x}"


@lru_cache(maxsize=1_024)
def _key(kind: str, name: str, more: str = "") -> str:
    """Return the key of a name as a runtime spells it: few names come, again and again."""
    return key_of(f"{kind} {in_words(name)}{more}")


def keys_of(view: TurnView) -> Iterator[str]:
    """Yield the turn's intent, tool with its outcome, and slots, each with who it is from."""
    role = view.role.value[0]
    turn = view.turn
    if view.intent:
        yield key_of(f"{role} {view.intent}")
    if turn.tool_call is not None:
        name = turn.tool_call.name[:_HEAD]
        yield _key(TOOL, name)
        yield _key(TOOL, name, f" {turn.tool_call.ok}")
    if turn.slots:
        for name, value in [*turn.slots.items()][:_SLOTS]:
            if value not in EMPTY:
                yield _key(f"{SLOT} {role}", name[:_HEAD])


def heard(words: Iterable[str]) -> list[bytes]:
    """Return words as they are hashed, each after a space."""
    return [f" {word}".encode("utf-8", "surrogatepass") for word in words]


def grams_of(
    role: Role, words: Sequence[bytes], keys: Iterable[str], before: Sequence[str]
) -> list[int]:
    """Return the hashes of names and the two before them, of words and pairs of words.

    `crc32(b, crc32(a))` is the hash of both in a row, so that no text has to be put together.
    """
    found = []
    for key in keys:
        found.append(_hash(key))
        if before and key[0] != SLOT:
            found.append(_hash(f"{before[-1]}>{key}"))
            found.append(_hash(f"{'>'.join(before)}>>{key}"))
    if words:
        alone = crc32(_LETTERS.get(role, b"s:"))
        last = crc32(b" ^", alone)
        for word in words:
            found.append(crc32(word, last))
            last = crc32(word, alone)
            found.append(last)
        found.append(crc32(b" $", last))
    return found


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
