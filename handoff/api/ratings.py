"""Ratings of handoff cards, in one tap."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import OVERSEERS, REPLAYED, Changing
from handoff.api.fields import Body, EscalationId, Label
from handoff.domain.ports import Transaction
from handoff.services.card_use import rate_card, rating_view
from handoff.services.moving import found
from handoff.services.once import Answer
from handoff.services.respond import require_holder

router = APIRouter(prefix="/v1/escalations", tags=["escalations"], route_class=Guarded)


class CardRating(Body):
    """Whether a card was useful."""

    useful: bool
    claim: Label | None = Field(default=None, description="one that is wrong, as the card names it")
    card_version: int | None = Field(default=None, ge=1, le=2**31, description="null: the latest")


@router.post("/{escalation_id}/card/rating", summary="Say whether its card was useful")
def rate(change: Changing, escalation_id: EscalationId, body: CardRating) -> Response:
    """Return the rating, which takes the place of an earlier one by the same person."""
    who = change.asked.who

    def work(tx: Transaction, at: datetime) -> Answer:
        escalation = found(tx, escalation_id)
        require_holder(escalation, who.name, oversees=not who.scopes.isdisjoint(OVERSEERS))
        rating = rate_card(
            tx,
            escalation,
            useful=body.useful,
            claim=body.claim,
            version=body.card_version,
            by=change.by,
            at=at,
        )
        return Answer(200, rating_view(rating))

    answer = change.answer(body, work)
    if REPLAYED not in answer.headers:
        change.deps.counts.rated(useful=body.useful)
    return answer
