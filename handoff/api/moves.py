"""What people and runtimes do with an escalation: one route per move."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import Changing, Versioned, Whose
from handoff.api.fields import Brief, EscalationId, Id, Instant, Label, Name, Said, Words
from handoff.domain.escalation import AttemptResult, CloseOutcome, Escalation
from handoff.domain.ports import Transaction
from handoff.services import respond
from handoff.services.legs import report_leg
from handoff.services.speak import speak

router = APIRouter(prefix="/v1/escalations/{escalation_id}", tags=["moves"], route_class=Guarded)
NOTHING = Versioned()


class Why(Versioned):
    """Why, in somebody's words."""

    why: Words | None = None


class Reservation(Versioned):
    """For whom."""

    human: Label


class Transfer(Why):
    """Where to."""

    queue: Name


class Deferral(Versioned):
    """When the customer was promised a contact."""

    contact_at: Instant


class Text(Versioned):
    """Somebody's words."""

    text: Said


class Disposition(Versioned):
    """How it ended, and the queue's code for it."""

    outcome: CloseOutcome = CloseOutcome.RESOLVED
    disposition: Label | None = None


class ReturnBrief(Versioned):
    """What was done and promised, for the bot to go on from."""

    brief: Brief = Field(default_factory=dict)


class LegReport(Versioned):
    """What became of a telephone leg towards a human."""

    leg_id: Id
    state: Name
    human: Label | None = None
    result: AttemptResult | None = Field(default=None, description="how a failed leg failed")


@router.post("/reserve", summary="Hold it for one human until a deadline")
def reserve(change: Changing, escalation_id: EscalationId, body: Reservation) -> Response:
    """Return it, reserved."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.reserve(tx, change.deps, it, body.human, by=change.by, at=at),
    )


@router.post("/claim", summary="Take it from the queue")
def claim(change: Changing, escalation_id: EscalationId, body: Versioned = NOTHING) -> Response:
    """Return it, taken by the asker."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.claim(tx, change.deps, it, change.by.name, by=change.by, at=at),
    )


@router.post("/accept", summary="Take what is reserved for you")
def accept(change: Changing, escalation_id: EscalationId, body: Versioned = NOTHING) -> Response:
    """Return it, accepted by the asker."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.accept(tx, change.deps, it, change.by.name, by=change.by, at=at),
    )


@router.post("/decline", summary="Give a reservation back")
def decline(change: Changing, escalation_id: EscalationId, body: Why = Why()) -> Response:
    """Return it, queued again."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.decline(tx, change.deps, it, body.why, by=change.by, at=at),
        Whose.HOLDER,
    )


@router.post("/release", summary="Put it back into its queue")
def release(change: Changing, escalation_id: EscalationId, body: Why = Why()) -> Response:
    """Return it, queued again at its first queue time."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.release(tx, change.deps, it, body.why, by=change.by, at=at),
        Whose.OVERSEEN,
    )


@router.post("/transfer", summary="Move it to another queue")
def transfer(change: Changing, escalation_id: EscalationId, body: Transfer) -> Response:
    """Return it, in the other queue."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.transfer(
            tx, change.deps, it, body.queue, body.why, by=change.by, at=at
        ),
        Whose.OVERSEEN,
    )


@router.post("/defer", summary="Promise the customer a later contact")
def defer(change: Changing, escalation_id: EscalationId, body: Deferral) -> Response:
    """Return it, deferred."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.defer(tx, change.deps, it, body.contact_at, by=change.by, at=at),
    )


@router.post("/note", summary="Keep a note among humans")
def note(change: Changing, escalation_id: EscalationId, body: Text) -> Response:
    """Return the escalation, which a note does not change."""

    def keep(tx: Transaction, it: Escalation, at: datetime) -> Escalation:
        respond.note(tx, it, body.text, by=change.by, at=at)
        return it

    return change.move(escalation_id, body, keep)


@router.post("/messages", summary="Say something to the customer")
def message(change: Changing, escalation_id: EscalationId, body: Text) -> Response:
    """Return it after the words are stored as a turn; the asker has the floor."""
    turn_id = change.own_id("msg")
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: speak(tx, change.deps, it, turn_id, body.text, by=change.by, at=at),
        Whose.HOLDER,
    )


@router.post("/dispose", summary="Close it with an outcome and a disposition")
def dispose(
    change: Changing, escalation_id: EscalationId, body: Disposition = Disposition()
) -> Response:
    """Return it, closed."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.dispose(
            tx, change.deps, it, body.outcome, body.disposition, by=change.by, at=at
        ),
        Whose.OVERSEEN,
    )


@router.post("/return", summary="Hand the conversation back to the bot")
def hand_back(
    change: Changing, escalation_id: EscalationId, body: ReturnBrief = ReturnBrief()
) -> Response:
    """Return it, closed as returned; the bot has the floor and the brief."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.hand_back(tx, change.deps, it, body.brief, by=change.by, at=at),
        Whose.HOLDER,
    )


@router.post("/abandon", summary="Record that the customer left")
def abandon(change: Changing, escalation_id: EscalationId, body: Versioned = NOTHING) -> Response:
    """Return it, abandoned, or in wrap-up where a human had it."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.abandon(tx, change.deps, it, by=change.by, at=at),
    )


@router.post("/cancel", summary="Withdraw one that nobody has taken")
def cancel(change: Changing, escalation_id: EscalationId, body: Why = Why()) -> Response:
    """Return it, cancelled; the bot has the floor."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: respond.cancel(tx, change.deps, it, body.why, by=change.by, at=at),
    )


@router.post("/legs", summary="Report a telephone leg")
def leg(change: Changing, escalation_id: EscalationId, body: LegReport) -> Response:
    """Return it after what the leg means: ringing, answered, bridged, held, failed or ended."""
    return change.move(
        escalation_id,
        body,
        lambda tx, it, at: report_leg(
            tx,
            change.deps,
            it,
            body.leg_id,
            body.state,
            human=body.human,
            result=body.result,
            by=change.by,
            at=at,
        ),
    )
