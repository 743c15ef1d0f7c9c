"""The handoff card: built from a conversation, rendered in every form that is needed."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import cast

from handoff.cards.build import build_card
from handoff.cards.context import Context, safe_link
from handoff.domain.card import Card
from handoff.domain.errors import Invalid

__all__ = [
    "RENDERERS",
    "Context",
    "about",
    "build_card",
    "limit",
    "media_type",
    "render",
    "renderer",
    "safe_link",
]

RENDERERS = {
    "json": "handoff.cards.json:render",
    "text": "handoff.cards.text:render",
    "markdown": "handoff.cards.markdown:render",
    "html": "handoff.cards.html:render",
    "slack": "handoff.cards.slack:render",
    "zendesk": "handoff.cards.zendesk:render",
    "intercom": "handoff.cards.intercom:render",
    "chatwoot": "handoff.cards.chatwoot:render",
    "sunshine": "handoff.cards.sunshine:render",
    "taskrouter": "handoff.cards.taskrouter:render",
    "botframework": "handoff.cards.botframework:render",
    "agent_assist": "handoff.cards.agent_assist:render",
    "whisper": "handoff.cards.whisper:render",
    "hold": "handoff.cards.hold:render",
    "uui": "handoff.cards.uui:render",
}
"""Form to `module:attribute`, resolved on use; `MEDIA_TYPE` and `LIMIT` say what it makes."""

Renderer = Callable[[Card, Context], str]
NOTHING_ELSE = Context()


@cache
def renderer(form: str) -> Renderer:
    """Return the function that renders a form; `Invalid` names the forms there are."""
    module, attribute = _place(form)
    return cast("Renderer", getattr(import_module(module), attribute))


def render(card: Card, form: str, context: Context = NOTHING_ELSE) -> str:
    """Return the card in a form of `RENDERERS`; raise Invalid if `context` lacks what it needs."""
    return renderer(form)(card, context)


def media_type(form: str) -> str:
    """Return the media type of a form."""
    module, _ = _place(form)
    return cast("str", import_module(module).MEDIA_TYPE)


def limit(form: str) -> str:
    """Return in words how much a form may hold."""
    module, _ = _place(form)
    return cast("str", import_module(module).LIMIT)


def about(form: str) -> str:
    """Return in a sentence what a form is, as its module begins."""
    module, _ = _place(form)
    return (import_module(module).__doc__ or "").partition("\n")[0]


def _place(form: str) -> tuple[str, str]:
    if form not in RENDERERS:
        raise Invalid(f"Unknown card form {form!r}; known: {', '.join(RENDERERS)}.")
    module, _, attribute = RENDERERS[form].partition(":")
    return module, attribute
