"""The customer speaks a language the bot does not."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Listing, Memory, Setting, Settings, Signal
from handoff.domain.text import TurnView
from handoff.domain.turn import Role

NAME: Final = "language_unsupported"


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength on a customer turn in a language that is not listed.

    The language is what the runtime says of the turn or the conversation, else the attribute
    `language`; `es-MX` is served by `es` and the other way round.
    """
    languages = settings.lists.get("languages", ())
    if not languages or view.role is not Role.CUSTOMER:
        return memory, None
    spoken = view.known.language or view.known.attributes.get("language")
    if (
        not isinstance(spoken, str)
        or not spoken
        or any(_serves(each, spoken) for each in languages)
    ):
        return memory, None
    return memory, Evidence(NAME, 1.0, spoken[:35], settings["threshold"], (view.index,))


def _serves(listed: str, spoken: str) -> bool:
    mine, theirs = _tag(listed), _tag(spoken)
    return mine == theirs or mine.startswith(f"{theirs}-") or theirs.startswith(f"{mine}-")


def _tag(language: str) -> str:
    return language.strip().casefold().replace("_", "-")


SIGNAL: Final = Signal(
    name=NAME,
    reason="language_not_supported",
    explains="The language is none of the listed ones; by default none is listed: all are served.",
    fails=(
        "Does not detect languages itself: blind where the runtime does not tell, wrong where a "
        "name or a greeting misleads its detection."
    ),
    settings={
        "threshold": Setting(0.5, 0.0, 1.0, "strength it is compared with; it is always 1"),
        "weight": Setting(3.0, 0.0, 20.0, "how much it moves the score"),
    },
    lists={"languages": Listing((), "tags of languages that the bot speaks; empty: all")},
    observe=observe,
)
