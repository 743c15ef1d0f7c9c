"""The handoff card: built from a conversation, rendered in every form that is needed."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import cast

from handoff.cards.build import build_card
from handoff.domain.card import Card
from handoff.domain.errors import Invalid

__all__ = ["RENDERERS", "build_card", "media_type", "render", "renderer"]

RENDERERS = {
    "json": "handoff.cards.json:render",
    "text": "handoff.cards.text:render",
    "markdown": "handoff.cards.markdown:render",
    "html": "handoff.cards.html:render",
}
"""Form to `module:attribute`, resolved on use; the module's `MEDIA_TYPE` says what it makes."""

Renderer = Callable[[Card], str]


@cache
def renderer(form: str) -> Renderer:
    """Return the function that renders a form; `Invalid` names the forms there are."""
    module, attribute = _place(form)
    return cast("Renderer", getattr(import_module(module), attribute))


def render(card: Card, form: str) -> str:
    """Return the card in a form of `RENDERERS`."""
    return renderer(form)(card)


def media_type(form: str) -> str:
    """Return the media type of a form."""
    module, _ = _place(form)
    return cast("str", import_module(module).MEDIA_TYPE)


def _place(form: str) -> tuple[str, str]:
    if form not in RENDERERS:
        raise Invalid(f"Unknown card form {form!r}; known: {', '.join(RENDERERS)}.")
    module, _, attribute = RENDERERS[form].partition(":")
    return module, attribute
