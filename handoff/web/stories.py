"""One escalation's story on one page: signals, decision, cards, deliveries, people, outcome."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from handoff.domain.delivery import Delivery, DeliveryState
from handoff.services.report import Story
from handoff.web.errors import PageRoute
from handoff.web.escalation import Standing, card_markup, read, standing
from handoff.web.pages import Page, shown
from handoff.web.rating import UsedCard, used_card
from handoff.web.timeline import Step, timeline
from handoff.web.transcript import Transcript, transcript
from handoff.web.visits import Reviewing
from handoff.web.words import clock, desk_href, iso, moment, story_href

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CardVersion:
    """A version of the card, and where it is shown."""

    number: int
    made: str
    instant: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class DeliveryItem:
    """One connector and one event of the escalation."""

    connector: str
    event: str
    state: str
    attempts: int
    created: str
    instant: str
    settled: str
    reference: str
    error: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """A connector and everything of the escalation that went there, oldest first."""

    items: tuple[DeliveryItem, ...]

    @property
    def latest(self) -> DeliveryItem:
        """Return where its last one stands."""
        return self.items[-1]

    @property
    def unconfirmed(self) -> int:
        """Return how many of the others it has not confirmed."""
        return sum(one.state != DeliveryState.CONFIRMED for one in self.items[:-1])


@dataclass(frozen=True, slots=True)
class Linked:
    """Another page about the same."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage(Page):
    """Everything that happened, as the audit trail has it."""

    template: ClassVar[str] = "supervisor/story.html"
    standing: Standing
    incident: str
    about: str
    steps: tuple[Step, ...]
    receivers: tuple[Receiver, ...]
    versions: tuple[CardVersion, ...]
    card: Markup
    used: UsedCard | None
    transcript: Transcript
    whole: str
    links: tuple[Linked, ...]


@router.get("/transfers/{escalation_id}")
def show(
    visit: Reviewing,
    escalation_id: str,
    card: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    turns: str = "",
) -> Response:
    """Show an escalation's story, with a version of its card."""
    found = visit.read(lambda tx: read(tx, escalation_id, card))
    told = found.story
    it = told.escalation
    shown_version = found.card.card_version if found.card else 0
    laid_out = transcript(told.turns, found.card, it.turn_index, it.language, whole=turns == "all")
    return shown(
        StoryPage(
            frame=visit.frame(f"Story of {it.escalation_id}"),
            standing=standing(told, visit.who.name, visit.at),
            incident=found.incident,
            about=f"{it.escalation_id} {it.conversation_id}",
            steps=timeline(told.entries, _tools(told)),
            receivers=_receivers(told),
            versions=tuple(
                CardVersion(
                    number=number,
                    made=f"{clock(made_at)} UTC",
                    instant=iso(made_at),
                    href=f"{story_href(it.escalation_id)}?card={number}#card",
                    current=number == shown_version,
                )
                for number, made_at in told.card_versions
            ),
            card=card_markup(found.card),
            used=used_card(it, found.use),
            transcript=laid_out,
            whole=f"{story_href(it.escalation_id)}?turns=all" if laid_out.skipped else "",
            links=tuple(_links(it.escalation_id, it.previous_id)),
        )
    )


def _tools(told: Story) -> dict[int, str]:
    """Return which tool was called at which turn."""
    turns = (stored.turn for stored in told.turns)
    return {turn.index or 0: turn.tool_call.name for turn in turns if turn.tool_call}


def _links(escalation_id: str, previous_id: str | None) -> list[Linked]:
    links = [Linked("Open at the desk", desk_href(escalation_id))]
    if previous_id is not None:
        links.append(Linked("The escalation before", story_href(previous_id)))
    return links


def _receivers(told: Story) -> tuple[Receiver, ...]:
    """Return the deliveries by connector, in the order in which each was first used."""
    sent: dict[str, list[DeliveryItem]] = {}
    for one in told.deliveries:
        sent.setdefault(one.connector, []).append(_delivery(one))
    return tuple(Receiver(tuple(items)) for items in sent.values())


def _delivery(delivery: Delivery) -> DeliveryItem:
    return DeliveryItem(
        connector=delivery.connector,
        event=delivery.event,
        state=delivery.state.value,
        attempts=delivery.attempts,
        created=moment(delivery.created_at),
        instant=iso(delivery.created_at),
        settled=clock(delivery.settled_at),
        reference=delivery.reference or "",
        error=delivery.error or "",
    )
