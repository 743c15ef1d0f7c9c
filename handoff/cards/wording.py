"""What the forms say themselves, per language: labels, states, counts, and how numbers are read."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from handoff.domain.card import CardReason
from handoff.domain.languages import language_code
from handoff.domain.reasons import REASONS

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")
"""Those that `words/*.yaml` and `messages/*.txt` are written in; the first stands in for others."""


class Speech(BaseModel):
    """How numbers, dates and amounts are read out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    point: str = Field(description="between the whole and the decimals")
    date: str = Field(description="of {day}, {month} and {year}")
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    money: dict[str, str] = Field(description="a currency's sign or code to its name")


class Words(BaseModel):
    """One language's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: dict[str, str] = Field(description="before the items of a part, where room is short")
    title: dict[str, str] = Field(description="over a section, where there is room")
    status: dict[str, str]
    outcome: dict[str, str]
    check: dict[str, str]
    say: dict[str, str]
    count: dict[str, tuple[str, str]] = Field(description="noun for one, noun for several")
    whisper: dict[str, str]
    speech: Speech
    languages: dict[str, str]
    reasons: dict[str, str] = Field(description="reason code to a sentence")

    def heading(self, part: str) -> str:
        """Return the title of a part; its label where it has none of its own."""
        return self.title.get(part, self.label.get(part, part))

    def reason(self, reason: CardReason) -> str:
        """Return the reason's sentence in this language; as the card has it where that is newer."""
        translated = self.reasons.get(reason.code)
        return translated if translated and reason.code in REASONS else reason.sentence

    def cited(self, turns: Sequence[int]) -> str:
        """Return which turns, counted from 1 as people do: `turn 3`, `turns 4, 6, 8`."""
        if not turns:
            return ""
        noun = self.say["turns" if len(turns) > 1 else "turn"]
        return f"{noun} {', '.join(str(turn + 1) for turn in turns)}"

    def counted(self, kind: str, number: int) -> str:
        """Return a number of things: `1 fact`, `3 facts`."""
        one, several = self.count[kind]
        return f"{number} {one if number == 1 else several}"


def known_language(language: str | None) -> str:
    """Return which of `LANGUAGES` a language tag asks for; the first for any other."""
    code = language_code(language)
    return code if code in LANGUAGES else LANGUAGES[0]


def words_of(language: str | None) -> Words:
    """Return the words of a language tag such as `de-AT`; English where we have none."""
    return _read(known_language(language))


@cache
def _read(language: str) -> Words:
    text = files("handoff.cards").joinpath("words", f"{language}.yaml").read_text("utf-8")
    return Words.model_validate(yaml.safe_load(text))
