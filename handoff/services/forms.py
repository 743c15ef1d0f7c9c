"""Say what a card's forms need beside it: its address, the languages, the wait, a signing key."""

from datetime import datetime, timedelta

from handoff.cards import Context, safe_link
from handoff.cards.pointer import Pointer, followed, pointed
from handoff.domain.errors import Invalid, Unauthenticated
from handoff.domain.escalation import Escalation, State
from handoff.services.deps import Deps

POINTER_LIFE = timedelta(hours=4)
"""How long a call's pointer holds: longer than a call with its transfers, shorter than a shift."""


def card_link(base_url: str, escalation_id: str) -> str:
    """Return where people read a whole card; the page asks them to log in."""
    return safe_link(f"{base_url}/desk/escalations/{escalation_id}")


def context_of(deps: Deps, escalation: Escalation, language: str, at: datetime) -> Context:
    """Return what the forms of an escalation's card need, labelled in `language`."""
    waits = escalation.contact_at if escalation.state is State.DEFERRED else None
    return Context(
        link=card_link(deps.base_url, escalation.escalation_id),
        language=language,
        customer_language=escalation.language,
        key=deps.pointer_key,
        expires_at=at + POINTER_LIFE,
        wait=max(waits - at, timedelta()) if waits is not None else None,
    )


def call_pointer(deps: Deps, escalation: Escalation, at: datetime) -> str | None:
    """Return the `User-to-User` header of a call; None where no key signs it."""
    if deps.pointer_key is None:
        return None
    return pointed(Pointer(escalation.escalation_id, at + POINTER_LIFE), deps.pointer_key)


def follow(deps: Deps, header: str, at: datetime) -> Pointer:
    """Return the pointer in a call's header; raise Invalid if it is not one of ours that holds."""
    try:
        return followed(header, (deps.pointer_key,) if deps.pointer_key else (), at)
    except Unauthenticated as error:
        raise Invalid(error.message) from None
