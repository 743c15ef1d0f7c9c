"""Do what a person chose on an escalation's page, or show the page again and say why not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from handoff.domain.audit import Actor
from handoff.domain.errors import HandoffError, IllegalMove, NotFound
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.domain.records import Scope
from handoff.services import respond
from handoff.services.card_use import rate_card
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.services.speak import speak
from handoff.web.choices import Choice, choices, holder
from handoff.web.draft import Draft, required
from handoff.web.errors import PageRoute, status_of
from handoff.web.escalation import escalation_page
from handoff.web.pages import shown
from handoff.web.visits import AtDesk, OwnForm, Visit
from handoff.web.words import desk_href

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Doing:
    """A choice being carried out, inside its transaction."""

    tx: Transaction
    deps: Deps
    it: Escalation
    draft: Draft
    by: Actor
    at: datetime


@router.post("/desk/escalations/{escalation_id}/{choice}", dependencies=[OwnForm])
def do(
    visit: AtDesk, escalation_id: str, choice: Choice, draft: Annotated[Draft, Form()]
) -> Response:
    """Do it and show the escalation as it is then."""
    try:
        visit.write(lambda tx: _done(tx, visit, escalation_id, choice, draft))
    except NotFound:
        raise
    except HandoffError as error:
        return _refused(visit, escalation_id, choice, draft, error)
    if choice is Choice.RATE:
        visit.deps.counts.rated(useful=draft.rating)
    return RedirectResponse(desk_href(escalation_id), 303)


def _done(
    tx: Transaction, visit: Visit, escalation_id: str, choice: Choice, draft: Draft
) -> Escalation | None:
    it = found(tx, escalation_id)
    if choice not in choices(it, visit.who.name, oversees=visit.may(Scope.SUPERVISOR)):
        raise IllegalMove(f"{_standing(it)}: {choice.replace('_', ' ')} is not possible now.")
    return WAYS[choice](Doing(tx, visit.deps, it, draft, visit.by, visit.at))


def _refused(
    visit: Visit, escalation_id: str, choice: Choice, draft: Draft, error: HandoffError
) -> Response:
    """Show the page as it is now, with what was typed and why nothing came of it."""
    page = escalation_page(visit, escalation_id, draft=draft, tried=choice, alert=error.message)
    return shown(page, status_of(error))


def _standing(it: Escalation) -> str:
    """Return who has it, or its state where nobody has."""
    who = holder(it)
    return f"It is {it.state.value}" + (f" and {who} has it" if who else "")


def _claim(do: Doing) -> Escalation:
    return respond.claim(do.tx, do.deps, do.it, do.by.name, by=do.by, at=do.at)


def _accept(do: Doing) -> Escalation:
    return respond.accept(do.tx, do.deps, do.it, do.by.name, by=do.by, at=do.at)


def _decline(do: Doing) -> Escalation:
    return respond.decline(do.tx, do.deps, do.it, do.draft.why or None, by=do.by, at=do.at)


def _release(do: Doing) -> Escalation:
    return respond.release(do.tx, do.deps, do.it, do.draft.why or None, by=do.by, at=do.at)


def _transfer(do: Doing) -> Escalation:
    why = do.draft.why or None
    return respond.transfer(do.tx, do.deps, do.it, do.draft.queue, why, by=do.by, at=do.at)


def _defer(do: Doing) -> Escalation:
    contact_at = do.at + do.draft.wait
    return respond.defer(do.tx, do.deps, do.it, contact_at, by=do.by, at=do.at)


def _message(do: Doing) -> Escalation:
    text = required(do.draft.text, "The message")
    turn_id = do.draft.message_id or do.deps.new_id("msg")
    return speak(do.tx, do.deps, do.it, turn_id, text, by=do.by, at=do.at)


def _note(do: Doing) -> None:
    text = required(do.draft.text, "The note")
    respond.note(do.tx, do.it, text, by=do.by, at=do.at)


def _close(do: Doing) -> Escalation:
    disposition = do.draft.disposition or None
    return respond.dispose(do.tx, do.deps, do.it, do.draft.ending, disposition, by=do.by, at=do.at)


def _hand_back(do: Doing) -> Escalation:
    return respond.hand_back(do.tx, do.deps, do.it, do.draft.brief, by=do.by, at=do.at)


def _rate(do: Doing) -> None:
    rate_card(
        do.tx,
        do.it,
        useful=do.draft.rating,
        claim=do.draft.claim or None,
        version=do.draft.card_version,
        by=do.by,
        at=do.at,
    )


WAYS: dict[Choice, Callable[[Doing], Escalation | None]] = {
    Choice.CLAIM: _claim,
    Choice.ACCEPT: _accept,
    Choice.DECLINE: _decline,
    Choice.MESSAGE: _message,
    Choice.NOTE: _note,
    Choice.HAND_BACK: _hand_back,
    Choice.CLOSE: _close,
    Choice.TRANSFER: _transfer,
    Choice.DEFER: _defer,
    Choice.RELEASE: _release,
    Choice.RATE: _rate,
}
"""Choice to how it is carried out."""
