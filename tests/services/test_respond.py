"""What humans do with an escalation, from queue to closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.domain.errors import Forbidden, IllegalMove, Invalid, StaleVersion
from handoff.domain.escalation import AttemptResult, CloseOutcome, Escalation
from handoff.domain.ports import Transaction
from handoff.domain.records import Due
from handoff.services import respond
from handoff.services.deps import Deps
from handoff.services.legs import report_leg
from handoff.services.moving import found
from handoff.services.observe import Told
from handoff.services.timers import fire_timer
from tests import fakes
from tests.services.conftest import ANN, RUNTIME, TENANT, escalated, say

Verb = Callable[[Transaction, Escalation], Escalation]


def do(deps: Deps, escalation_id: str, verb: Verb) -> Escalation:
    """Do one thing with an escalation, in one transaction."""
    return deps.store.write(TENANT, lambda tx: verb(tx, found(tx, escalation_id)))


def claim(deps: Deps, escalation_id: str, human: str = "ann") -> Escalation:
    """Claim it."""
    at = deps.clock()
    return do(deps, escalation_id, lambda tx, e: respond.claim(tx, deps, e, human, by=ANN, at=at))


def actions(deps: Deps, escalation_id: str) -> list[str]:
    """Return the actions in an escalation's audit trail."""
    entries = deps.store.read(TENANT, lambda tx: tx.audit.of(escalation_id))
    return [chained.entry.action for chained in entries]


def test_a_chat_claim_connects_at_once(deps: Deps) -> None:
    """On chat there is nothing to ring: claimed is active, and both moves are audited."""
    escalation_id = escalated(deps)

    claimed = claim(deps, escalation_id)

    assert (claimed.state, claimed.owner) == ("active", "ann")
    assert actions(deps, escalation_id) == ["opened", "claim", "bridged"]


def test_only_the_first_claim_wins(deps: Deps) -> None:
    """The second is told that it can't be, and who has it stays."""
    escalation_id = escalated(deps)
    claim(deps, escalation_id)

    with pytest.raises(IllegalMove, match="active"):
        claim(deps, escalation_id, "bob")


def test_an_old_version_is_refused_with_who_has_it(deps: Deps) -> None:
    """Who acts on what they saw before is told what is there now."""
    escalation_id = escalated(deps)
    claim(deps, escalation_id)

    with pytest.raises(StaleVersion, match="owned by ann"):
        deps.store.read(TENANT, lambda tx: found(tx, escalation_id, version=1))


def test_closing_records_outcome_and_gives_the_bot_the_floor(deps: Deps) -> None:
    """Wrapped and disposed in one go; connectors are told; the bot may speak with a new epoch."""
    escalation_id = escalated(deps)
    claim(deps, escalation_id)
    say(deps, "human", "It is on its way.")

    closed = do(
        deps,
        escalation_id,
        lambda tx, e: respond.dispose(
            tx, deps, e, CloseOutcome.RESOLVED, "shipped", by=ANN, at=deps.clock()
        ),
    )

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    sent = deps.store.read(TENANT, lambda tx: tx.deliveries.of(escalation_id))
    assert (closed.state, closed.outcome, closed.disposition) == ("closed", "resolved", "shipped")
    assert head is not None
    assert (head.control.holder, head.control.epoch, head.open_escalation) == ("bot", 4, None)
    assert [delivery.event for delivery in sent] == ["opened", "closed"]


def test_a_queue_with_disposition_codes_takes_no_other(deps: Deps) -> None:
    """A tenant's wrap-up codes are required where they are configured."""
    strict = replace(deps, dispositions={"general": ("refund", "other")})
    escalation_id = escalated(strict)
    claim(strict, escalation_id)

    with pytest.raises(Invalid, match="refund, other"):
        do(
            strict,
            escalation_id,
            lambda tx, e: respond.dispose(
                tx, strict, e, CloseOutcome.RESOLVED, "done", by=ANN, at=deps.clock()
            ),
        )


def test_handing_back_briefs_the_bot_and_does_not_loop(deps: Deps) -> None:
    """The bot goes on with the brief; what led to the handoff does not lead there again."""
    escalation_id = escalated(deps)
    claim(deps, escalation_id)

    brief = {"summary": "Refund is booked.", "promises": ["Money on Friday"]}
    do(
        deps,
        escalation_id,
        lambda tx, e: respond.hand_back(tx, deps, e, brief, by=ANN, at=deps.clock()),
    )
    answer = say(deps, "customer", "Thanks. When does my parcel arrive?").answer

    assert answer["return_brief"] == brief
    assert answer["action"] == "continue"
    assert answer["control"]["holder"] == "bot"  # type: ignore[index,call-overload] # JSON


def test_a_second_escalation_is_linked_to_the_first(deps: Deps) -> None:
    """A closed one stays closed; asking again opens another that names it."""
    first = escalated(deps)
    claim(deps, first)
    do(deps, first, lambda tx, e: respond.hand_back(tx, deps, e, {}, by=ANN, at=deps.clock()))

    answer = say(deps, "customer", "No, I really want to speak to a person again").answer

    again = answer["escalation"]
    assert isinstance(again, dict)
    assert again["previous_id"] == first


def test_a_reservation_is_for_one_human_and_expires_to_the_queue(
    deps: Deps, clock: fakes.Clock
) -> None:
    """Another is refused; after the deadline it is queued with its first queue time."""
    escalation_id = escalated(deps)
    at = deps.clock()
    held = do(deps, escalation_id, lambda tx, e: respond.reserve(tx, deps, e, "ann", by=ANN, at=at))

    with pytest.raises(Forbidden, match="ann"):
        do(deps, escalation_id, lambda tx, e: respond.accept(tx, deps, e, "bob", by=ANN, at=at))
    clock.forward(deps.timings.reservation + 1)
    assert held.due_at is not None
    fire_timer(deps, Due(TENANT, escalation_id, held.due_at))

    after = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))
    assert (after.state, after.queued_at) == ("queued", held.queued_at)
    assert after.attempts[-1].result is AttemptResult.NO_ANSWER


def test_a_voice_escalation_waits_for_the_bridge(deps: Deps) -> None:
    """On a call, claimed is connecting until the leg is bridged; then the human has the floor."""
    escalation_id = escalated(deps, told=Told(channel="voice"))
    assert claim(deps, escalation_id).state == "connecting"

    at = deps.clock()
    bridged = do(
        deps,
        escalation_id,
        lambda tx, e: report_leg(
            tx, deps, e, "leg-1", "bridged", human=None, result=None, by=RUNTIME, at=at
        ),
    )

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert bridged.state == "active"
    assert head is not None
    assert (head.control.holder, head.control.name) == ("human", "ann")


@pytest.mark.parametrize("result", [AttemptResult.BUSY, AttemptResult.VOICEMAIL])
def test_a_failed_leg_returns_to_the_queue_with_its_result(
    deps: Deps, result: AttemptResult
) -> None:
    """How the try ended is typed and kept."""
    escalation_id = escalated(deps, told=Told(channel="voice"))
    claim(deps, escalation_id)

    at = deps.clock()
    failed = do(
        deps,
        escalation_id,
        lambda tx, e: report_leg(
            tx, deps, e, "leg-1", "failed", human=None, result=result, by=RUNTIME, at=at
        ),
    )

    assert failed.state == "queued"
    assert (failed.attempts[-1].human, failed.attempts[-1].result) == ("ann", result)


def test_with_a_leg_up_no_lease_lapses(deps: Deps, clock: fakes.Clock) -> None:
    """Who talks on the phone for an hour still owns the call."""
    escalation_id = escalated(deps, told=Told(channel="voice"))
    claim(deps, escalation_id)
    at = deps.clock()
    do(
        deps,
        escalation_id,
        lambda tx, e: report_leg(
            tx, deps, e, "leg-1", "bridged", human=None, result=None, by=RUNTIME, at=at
        ),
    )

    clock.forward(deps.timings.lease + 1)
    fire_timer(deps, Due(TENANT, escalation_id, clock.at))

    assert deps.store.read(TENANT, lambda tx: found(tx, escalation_id)).state == "active"


def test_silence_lapses_to_the_queue(deps: Deps, clock: fakes.Clock) -> None:
    """A chat owner who does nothing loses it: never an owner in name only."""
    escalation_id = escalated(deps)
    claim(deps, escalation_id)

    clock.forward(deps.timings.lease + 1)
    fire_timer(deps, Due(TENANT, escalation_id, clock.at))

    after = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))
    assert (after.state, after.owner) == ("queued", None)
    assert after.attempts[-1].result is AttemptResult.LAPSED


def test_a_customer_who_comes_back_within_the_grace_keeps_their_place(
    deps: Deps, clock: fakes.Clock
) -> None:
    """Found by customer key, also from a new conversation."""
    told = Told(customer_key="cust-7")
    escalation_id = escalated(deps, told=told)
    at = deps.clock()
    left = do(deps, escalation_id, lambda tx, e: respond.abandon(tx, deps, e, by=RUNTIME, at=at))

    clock.forward(60)
    say(deps, "customer", "Hello again", conversation="c2", told=told)

    back = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))
    assert (left.state, back.state) == ("abandoned", "queued")
    assert back.queued_at == left.queued_at


def test_a_deferred_escalation_returns_at_the_promised_time(deps: Deps, clock: fakes.Clock) -> None:
    """The contact time is kept: then it is queued."""
    escalation_id = escalated(deps)
    at = deps.clock()
    when = at + timedelta(hours=2)
    do(deps, escalation_id, lambda tx, e: respond.defer(tx, deps, e, when, by=ANN, at=at))

    fire_timer(deps, Due(TENANT, escalation_id, when))
    early = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))
    clock.forward(2 * 3600)
    fire_timer(deps, Due(TENANT, escalation_id, when))
    due = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))

    assert (early.state, early.contact_at, due.state) == ("deferred", when, "queued")


def test_a_note_is_kept_and_moves_nothing(deps: Deps) -> None:
    """Notes are among humans: no state, no floor, no turn."""
    escalation_id = escalated(deps)
    before = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))

    at = deps.clock()
    deps.store.write(
        TENANT, lambda tx: respond.note(tx, found(tx, escalation_id), "VIP", by=ANN, at=at)
    )

    assert deps.store.read(TENANT, lambda tx: tx.conversations.head("c1")) == before
    assert actions(deps, escalation_id)[-1] == "note"


def test_the_queue_timer_looks_again_without_a_move(deps: Deps, clock: fakes.Clock) -> None:
    """A waiting escalation always has its next check due, and its version stays."""
    escalation_id = escalated(deps)
    clock.forward(deps.timings.check + 1)

    fire_timer(deps, Due(TENANT, escalation_id, clock.at))

    after = deps.store.read(TENANT, lambda tx: found(tx, escalation_id))
    assert (after.state, after.version) == ("queued", 1)
    assert after.due_at == clock.at + timedelta(seconds=deps.timings.check)


def leg(deps: Deps, escalation_id: str, leg_id: str, state: str) -> Escalation:
    """Report a leg."""
    at = deps.clock()
    return do(
        deps,
        escalation_id,
        lambda tx, e: report_leg(
            tx, deps, e, leg_id, state, human=None, result=None, by=RUNTIME, at=at
        ),
    )


def test_a_leg_that_fails_beside_one_that_was_answered_changes_nothing(deps: Deps) -> None:
    """Of two that ring, the one left over does not undo the other."""
    escalation_id = escalated(deps, told=Told(channel="voice"))
    for leg_id, state in (("a", "ringing"), ("b", "ringing"), ("a", "answered")):
        leg(deps, escalation_id, leg_id, state)

    assert leg(deps, escalation_id, "b", "failed").state == "connecting"
    assert leg(deps, escalation_id, "unheard-of", "failed").state == "connecting"
    assert leg(deps, escalation_id, "a", "failed").state == "queued"


def test_a_late_leg_of_a_closed_escalation_takes_no_floor(deps: Deps) -> None:
    """After the hand-back the bot keeps the floor, whatever comes in late."""
    escalation_id = escalated(deps, told=Told(channel="voice"))
    leg(deps, escalation_id, "a", "bridged")
    do(
        deps,
        escalation_id,
        lambda tx, e: respond.hand_back(tx, deps, e, {}, by=ANN, at=deps.clock()),
    )

    with pytest.raises(IllegalMove, match="closed"):
        leg(deps, escalation_id, "a", "bridged")
    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert head is not None
    assert head.control.holder == "bot"
