"""The life of an escalation."""

from datetime import UTC, datetime

import pytest

from handoff.domain.audit import SYSTEM, Actor, ActorKind
from handoff.domain.errors import IllegalMove
from handoff.domain.escalation import AttemptResult, CloseOutcome, Opener, State
from handoff.domain.lifecycle import TIMERS, TRANSITIONS, Move, advance, moves_from
from tests import factories

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANN = Actor(ActorKind.HUMAN, "ann")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_state_and_move_either_moves_or_raises(state: State, move: Move) -> None:
    """What is in the table moves, whatever else is refused with the possible moves named."""
    escalation = factories.escalation(state=state, owner="ann", reserved_for="ann")

    if (state, move) not in TRANSITIONS:
        with pytest.raises(IllegalMove, match=move.value):
            advance(escalation, move, by=SYSTEM, at=AT, human="ann")
        return
    moved = advance(escalation, move, by=SYSTEM, at=AT, human="ann")

    assert moved.escalation.state is TRANSITIONS[state, move].target
    assert moved.escalation.version == escalation.version + 1
    assert (moved.entry.before, moved.entry.after) == (state, moved.escalation.state)
    assert moved.entry.version == moved.escalation.version


def test_every_open_state_has_a_timer_and_a_way_out() -> None:
    """No escalation can be stuck: each open state has a next event, and leads on."""
    still_open = set(State) - {State.CLOSED}

    assert set(TIMERS) == still_open
    assert all(moves_from(state) for state in still_open)
    assert moves_from(State.CLOSED) == ()


def test_only_waiting_states_are_closed_by_a_timer() -> None:
    """No time-out closes an escalation while its customer waits or a human is on it."""
    closed_by_timer = {
        state
        for state, move in TIMERS.items()
        if (state, move) in TRANSITIONS and TRANSITIONS[state, move].target is State.CLOSED
    }

    assert closed_by_timer == {State.WRAPPING, State.ABANDONED}


def test_a_return_to_the_queue_keeps_the_first_queue_time_and_drops_the_owner() -> None:
    """A released escalation waits on from when it first waited."""
    active = factories.escalation(state=State.ACTIVE, owner="ann")

    released = advance(active, Move.RELEASE, by=ANN, at=AT).escalation

    assert released.queued_at == active.queued_at
    assert released.owner is None
    assert released.attempts[-1].result is AttemptResult.RELEASED
    assert released.attempts[-1].human == "ann"


def test_a_claim_needs_somebody() -> None:
    """An escalation is never taken by nobody."""
    queued = factories.escalation(state=State.QUEUED)

    with pytest.raises(IllegalMove, match="named"):
        advance(queued, Move.CLAIM, by=SYSTEM, at=AT)


def test_closing_keeps_the_owner_and_says_how_it_ended() -> None:
    """Who had it and how it ended are on the closed escalation and in its audit entry."""
    wrapping = factories.escalation(state=State.WRAPPING, owner="ann", opener=Opener.DETECTOR)

    moved = advance(
        wrapping,
        Move.DISPOSE,
        by=ANN,
        at=AT,
        outcome=CloseOutcome.UNRESOLVED,
        disposition="needs_engineer",
    )

    assert moved.escalation.owner == "ann"
    assert moved.escalation.outcome is CloseOutcome.UNRESOLVED
    assert moved.entry.details == {"outcome": "unresolved", "disposition": "needs_engineer"}
