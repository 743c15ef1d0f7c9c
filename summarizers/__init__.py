"""Prose for cards, by name; a card's first version has the extractive one."""

from importlib import import_module
from typing import Protocol, cast

from pydantic import BaseModel

from handoff.domain.connector import Outbound
from handoff.domain.errors import Invalid, MissingExtra
from handoff.domain.summary import Summarizer

SUMMARIZERS: dict[str, str] = {
    "extractive": "summarizers.extractive:Extractive",
    "llm": "summarizers.llm:LanguageModel",
}
"""Name to `module:attribute`, resolved on use."""


class SummarizerClass(Protocol):
    """What every summarizer class offers: its settings, and one way to make it."""

    Config: type[BaseModel]

    def __call__(self, config: BaseModel, outbound: Outbound) -> Summarizer: ...


def resolve(name: str) -> SummarizerClass:
    """Return a summarizer's class; raise Invalid if there is none, MissingExtra if it lacks."""
    target = SUMMARIZERS.get(name)
    if target is None:
        raise Invalid(f"there is no summarizer {name!r}; there are: {', '.join(SUMMARIZERS)}")
    module, _, attribute = target.partition(":")
    try:
        return cast(SummarizerClass, getattr(import_module(module), attribute))
    except ModuleNotFoundError as error:
        raise MissingExtra(f"the summarizer {name!r} needs the package {error.name!r}") from error
