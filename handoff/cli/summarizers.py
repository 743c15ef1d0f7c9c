"""Finds what writes prose for cards: by a name of `SUMMARIZERS`, or as `module:attribute`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from handoff.cli.registry import attribute_of
from handoff.domain.card import Card
from handoff.domain.errors import Invalid
from handoff.domain.turn import Conversation
from handoff.evaluation.cards.prose import Prose, prose_of

DETERMINISTIC: Final = "deterministic"
"""The card as it is built, without a summarizer."""
_REGISTRY: Final = "summarizers:SUMMARIZERS"
_OUTBOUND: Final = "handoff.outbound:GuardedClient"


def summarizer_of(name: str, settings: Sequence[str] = ()) -> Prose:
    """Return a summarizer; `settings` are `NAME=VALUE` for one that takes any. Raise Invalid."""
    if name == DETERMINISTIC:
        return _as_it_is
    known = cast("Mapping[str, str]", attribute_of(_REGISTRY, "all"))
    target = known.get(name, name)
    if ":" not in target:
        names = ", ".join((DETERMINISTIC, *known))
        raise Invalid(f"no summarizer {name!r}; there are: {names}, or give module:attribute")
    try:
        found = attribute_of(target, "all")
    except (ImportError, AttributeError, ValueError) as error:
        raise Invalid(f"--summarizer {name}: {error}") from None
    made = _made(name, found, settings) if isinstance(found, type) else found
    prose = prose_of(made)
    if not callable(prose):
        raise Invalid(f"--summarizer {name}: it cannot be called")
    return prose


def _as_it_is(_conversation: Conversation, card: Card) -> Card:
    return card


def _made(name: str, kind: Any, settings: Sequence[str]) -> Any:
    """Return an object of a class that is made of its settings and of a way out."""
    config: type[BaseModel] | None = getattr(kind, "Config", None)
    if config is None:
        return kind()
    try:
        told = config.model_validate(dict(map(_setting, settings)))
    except ValidationError as error:
        # Only places and rules: a message with the input in it could show a secret.
        causes = (f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors())
        raise Invalid(f"--set for {name}: {'; '.join(causes)}") from None
    outbound = attribute_of(_OUTBOUND, "server")
    return kind(told, outbound(allow_loopback=True))


def _setting(told: str) -> tuple[str, str]:
    name, given, value = told.partition("=")
    if not given:
        raise Invalid(f"--set {told[:100]}: NAME=VALUE")
    return name, value
