"""Texts made comparable and short: tokens, value keys, sentences, clips, readable names."""

import json
from collections.abc import Iterator

import re2
from pydantic import JsonValue


class _Spaces(dict[int, str]):
    """Character table that keeps letters and digits and turns the rest into spaces."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kept = char if char.isalnum() else " "
        self[code] = kept
        return kept


_WORDS = _Spaces({code: chr(code) if chr(code).isalnum() else " " for code in range(0x250)})
_BEFORE_NUMBERS = "$€£¥₹+- "
_STOP = "."
_WIDE_STOPS = "。！？"
_STOPPED = str.maketrans(dict.fromkeys(f"!?…{_WIDE_STOPS}\n", _STOP))
_CLOSING = "\"')]»”"
"""What may stand between a stop and the space after it."""
_SPACES = " \t\n\f\r"
_CAMEL = re2.compile(r"([a-z0-9])([A-Z])")
_TABLE_LIMIT = 5_000
"""Characters the table remembers: hostile text must not grow it without end."""


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which no encoding carries, replaced by `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def words(text: str) -> list[str]:
    """Return the words of a text, caseless, without punctuation."""
    if len(_WORDS) > _TABLE_LIMIT:
        _WORDS.clear()
    return text.casefold().translate(_WORDS).split()


def flow(text: str) -> str:
    """Return the words of a text joined by single spaces, padded so that ` word ` finds a word."""
    return f" {' '.join(words(text))} "


def value_key(value: JsonValue) -> str:
    """Return what two spellings of one value share: `HAT 113` and `hat113`, 207 and `$207.00`."""
    if isinstance(value, str):
        return _text_key(value)
    if isinstance(value, float):
        return _text_key(f"{value:f}")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(abs(value))
    return _text_key(json.dumps(value, sort_keys=True))


def _text_key(text: str) -> str:
    if text[:1].isalpha():
        return text.casefold() if text.isalnum() else "".join(words(text))
    return _number_key(text.strip()) or "".join(words(text))


def _number_key(text: str) -> str:
    """Return the digits of a plain number, sign, currency and grouping aside; else nothing."""
    whole, _, fraction = text.lstrip(_BEFORE_NUMBERS).partition(".")
    groups = whole.split(",")
    if not all(map(str.isdecimal, groups)) or any(len(group) != 3 for group in groups[1:]):
        return ""
    if fraction and not fraction.isdecimal():
        return ""
    fraction = fraction.rstrip("0")
    return "".join(groups) + (f".{fraction}" if fraction else "")


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, whatever its language ends them with."""
    start = at = 0
    plain = text.translate(_STOPPED)
    while (at := plain.find(_STOP, at)) >= 0:
        end, ends = _end(text, plain, at)
        if ends:
            if sentence := text[start:end].strip():
                yield sentence
            start = end
        at = end
    if sentence := text[start:].strip():
        yield sentence


def _end(text: str, plain: str, at: int) -> tuple[int, bool]:
    """Return the place after the marks that begin at one, and whether a sentence ends there."""
    end = at + 1
    if text[at] == "\n":
        return end, True
    wide = text[at] in _WIDE_STOPS
    while (
        plain[end : end + 1] == _STOP and text[end] != "\n" and (text[end] in _WIDE_STOPS) is wide
    ):
        end += 1
    if wide:
        return end, True
    after = end
    while text[after : after + 1] in _CLOSING and after < len(text):
        after += 1
    return (after, True) if text[after : after + 1] in _SPACES else (end, False)


def clip(text: str, limit: int) -> str:
    """Return the text on one line, cut at a word within `limit` characters, a cut shown by `…`."""
    line = " ".join(text[: limit * 4].split())
    if len(line) <= limit:
        return line if len(text) <= limit * 4 else line + "…"
    cut = line[: limit - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip() + "…"


def label(name: str) -> str:
    """Return a machine's name as a person reads it: `user_id` → `user id`."""
    parted = encodable(name).replace("_", " ").replace("-", " ").replace(".", " ")
    spaced = _CAMEL.sub(r"\1 \2", parted)
    return " ".join(word if word.isupper() else word.lower() for word in spaced.split())
