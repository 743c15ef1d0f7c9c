"""Have a conversation's story written, and put it on the waiting human's card: off the hot path.

Whatever goes wrong here, the card that is there stays as it is.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pydantic import JsonValue

from handoff.cards import build_card
from handoff.cards.changes import since_taken
from handoff.domain.card import Card
from handoff.domain.escalation import Escalation
from handoff.domain.ports import Transaction
from handoff.domain.records import Due
from handoff.domain.summary import Draft, Judged, Spent, Summary, SummaryFailed, with_summary
from handoff.domain.turn import Conversation
from handoff.services.brief import conversation_of, put_card
from handoff.services.deps import Deps
from handoff.services.moving import head_of

TRIES = 5
STARTS = 3
"""Tries begun on one order; one that ends the process each time is given up."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TOO_LATE = timedelta(minutes=15)
"""After its opening a paused model is not waited for: the human is in the matter by then."""
ROLLING_SHARE = 0.5
"""Of the budget, for stories that are only kept ready: what is opened finds something left."""


def summarise_due(deps: Deps) -> float | None:
    """Write one story that is due; return the seconds until there may be another, or None."""
    now = deps.clock()
    found = deps.store.read_any(lambda work: work.due_summaries(now, 1))
    for due in found:
        summarise(deps, due)
        return 0.0
    following = deps.store.read_any(lambda work: work.next_summary_at())
    return None if following is None else (following - deps.clock()).total_seconds()


def summarise(deps: Deps, due: Due) -> None:
    """Write the story that is due, if it still is and nobody else does, and show it."""
    if deps.summarizer is None:
        return
    until = deps.clock() + timedelta(seconds=deps.stories.lease)
    claim = partial(_claim, due=due, until=until)
    order = deps.store.write(due.tenant, claim)
    if order is None:
        return
    if order.draft is not None and order.escalation_id is not None:
        show(deps, due.tenant, order.escalation_id)  # what was kept ready is there at once
    work = deps.store.read(due.tenant, lambda tx: _work(tx, deps, order))
    why = "the conversation is gone" if work is None else work.obstacle
    if work is None or why:
        settled = replace(order, due_at=None, error=why or None)
        deps.store.write(due.tenant, lambda tx: _settle(tx, order, settled, Spent(), deps.clock()))
        deps.counts.stories.add("not_asked")
        return
    settled, spent = _written(deps, order, work)
    deps.store.write(due.tenant, lambda tx: _settle(tx, order, settled, spent, deps.clock()))
    if settled.error is None and order.escalation_id is not None:
        show(deps, due.tenant, order.escalation_id)


def show(deps: Deps, tenant: str, escalation_id: str) -> bool:
    """Put the newest draft on the escalation's card as a new version; False if it kept changing.

    Only what the conversation bears out is shown. Nothing else on the card moves, and once a human
    has taken the escalation the new version says what changed.
    """
    for _ in range(TRIES):
        scene = deps.store.read(tenant, lambda tx: _scene(tx, escalation_id))
        if scene is None or deps.summarizer is None:
            return True
        judged = deps.summarizer.judge(scene.conversation, scene.card, scene.draft)
        told = _told(scene, judged)
        keep = partial(_show, deps=deps, scene=scene, told=told, judged=judged)
        if deps.store.write(tenant, keep):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Work:
    """What a story is written from, or why it is not."""

    conversation: Conversation
    card: Card
    obstacle: str
    waits: bool
    """Whether it may be tried again later: its escalation was opened a moment ago."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """A card, and the draft and conversation that its story comes from."""

    escalation: Escalation
    card: Card
    conversation: Conversation
    draft: Draft


def _claim(tx: Transaction, due: Due, until: datetime) -> Summary | None:
    order = tx.summaries.get(due.subject)
    if order is None or order.due_at != due.due_at:
        return None
    if not tx.summaries.claim(order, until):
        return None
    return replace(order, due_at=until, tries=order.tries + 1)


def _work(tx: Transaction, deps: Deps, order: Summary) -> _Work | None:
    head = tx.conversations.head(order.conversation_id)
    if head is None:
        return None
    conversation = conversation_of(tx, head)
    escalation = tx.escalations.get(order.escalation_id) if order.escalation_id else None
    card = tx.escalations.card(escalation.escalation_id) if escalation else None
    now = deps.clock()
    waits = escalation is None or now - escalation.opened_at < TOO_LATE
    return _Work(
        conversation=conversation,
        card=card or build_card(conversation),
        obstacle=_obstacle(tx, deps, order, escalation, now),
        waits=waits,
    )


def _obstacle(
    tx: Transaction,
    deps: Deps,
    order: Summary,
    escalation: Escalation | None,
    now: datetime,
) -> str:
    """Return why nothing is asked; empty where it is."""
    if order.tries > STARTS:
        return f"begun {STARTS} times without an end"
    if escalation is not None and not escalation.is_open:
        return "the escalation is closed"
    share = 1.0 if escalation is not None else ROLLING_SHARE
    calls = tx.summaries.spent(now - HOUR).calls
    tokens = tx.summaries.spent(now - DAY).tokens
    if calls >= deps.stories.calls_per_hour * share:
        return "the hour's calls are spent"
    if tokens >= deps.stories.tokens_per_day * share:
        return "the day's tokens are spent"
    return ""


def _written(deps: Deps, order: Summary, work: _Work) -> tuple[Summary, Spent]:
    """Return the order after the summarizer was asked, and what that cost."""
    if deps.summarizer is None or _is_fresh(order, work):
        return replace(order, due_at=None), Spent()
    try:
        draft = deps.summarizer.write(work.conversation, work.card)
    except SummaryFailed as error:
        again = None
        if error.retry_after is not None and work.waits:
            again = deps.clock() + timedelta(seconds=error.retry_after)
        spent = Spent(0 if error.retry_after is not None else 1, error.tokens)
        deps.counts.stories.add("failed" if again is None else "paused")
        # A pause is no try: nothing was asked.
        tries = order.tries - 1 if again else order.tries
        return replace(order, due_at=again, tries=tries, error=error.message), spent
    dropped = deps.summarizer.judge(work.conversation, work.card, draft).dropped
    deps.counts.stories.add("written")
    done = replace(order, due_at=None, draft=draft, dropped=dropped, error=None)
    return done, Spent(1, draft.tokens)


def _is_fresh(order: Summary, work: _Work) -> bool:
    return order.draft is not None and order.draft.turns_read == len(work.conversation.turns)


def _settle(tx: Transaction, order: Summary, settled: Summary, spent: Spent, at: datetime) -> None:
    """Keep what came of an order, unless it was ordered anew meanwhile: then only the draft."""
    if spent != Spent():
        tx.summaries.spend(at, spent)
    now = tx.summaries.get(order.conversation_id)
    if now is not None and (now.due_at, now.tries) != (order.due_at, order.tries):
        settled = replace(now, draft=settled.draft or now.draft, dropped=settled.dropped)
    tx.summaries.put(settled)


def _scene(tx: Transaction, escalation_id: str) -> _Scene | None:
    escalation = tx.escalations.get(escalation_id)
    card = tx.escalations.card(escalation_id)
    if escalation is None or card is None or not escalation.is_open:
        return None
    known = tx.summaries.get(escalation.conversation_id)
    if known is None or known.draft is None:
        return None
    conversation = conversation_of(tx, head_of(tx, escalation))
    return _Scene(escalation, card, conversation, known.draft)


def _told(scene: _Scene, judged: Judged) -> Card:
    """Return the card with the story in it, its changes marked once somebody works with it."""
    told = with_summary(scene.card, scene.draft, judged)
    if told.narrative == scene.card.narrative:
        return scene.card
    if scene.escalation.accepted_at is not None:
        told = since_taken(scene.card, told)
    return told.model_copy(update={"card_version": scene.escalation.card_version + 1})


def _show(tx: Transaction, deps: Deps, scene: _Scene, told: Card, judged: Judged) -> bool:
    """Store the card, audited and sent as an update, unless another one came in between."""
    before = scene.escalation
    escalation, at = tx.escalations.get(before.escalation_id), deps.clock()
    if escalation is None or not escalation.is_open or told == scene.card:
        return True
    if (escalation.card_version, escalation.accepted_at) != (
        before.card_version,
        before.accepted_at,
    ):
        return False
    details: dict[str, JsonValue] = {
        "summarizer": told.provenance.summarizer,
        "model": told.provenance.model,
        "sentences": len(judged.kept),
        "dropped": [one.why for one in judged.dropped],
    }
    put_card(tx, deps, escalation, told, at, details)
    return True
