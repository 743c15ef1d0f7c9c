"""Heads and turns, written and read back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.domain.control import Control, Controller
from handoff.domain.errors import Conflict, NotFound
from handoff.domain.turn import Role
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, head, stored


def test_a_head_is_read_as_it_was_saved(store: SqlStore) -> None:
    """Every field survives, also nested ones and instants to the microsecond."""
    saved = head(
        job="refund",
        attributes={"plan": "gold", "seats": 3, "ratio": 0.1, "tags": ["a", None]},
        control=Control(Controller.HUMAN, "ann", 7),
        detector={"turns": 4, "signals": {"bot_loop": {"seen": [1, 2]}}},
        stale=True,
        turns=4,
        last_turn_at=NOON + timedelta(microseconds=123_457),
        ended_at=NOON,
        ended_by="customer",
    )

    store.write(TENANT, lambda tx: tx.conversations.save(saved))

    assert store.read(TENANT, lambda tx: tx.conversations.head("c1")) == saved


def test_saving_again_changes_the_head(store: SqlStore) -> None:
    """A head is one row, however often it is saved."""
    store.write(TENANT, lambda tx: tx.conversations.save(head(turns=1, intent="refund")))

    store.write(TENANT, lambda tx: tx.conversations.save(head(turns=2, intent=None)))

    assert store.read(TENANT, lambda tx: tx.conversations.head("c1")) == head(turns=2)


def test_an_unknown_conversation_has_no_head(store: SqlStore) -> None:
    """Nothing is made up."""
    assert store.read(TENANT, lambda tx: tx.conversations.head("nobody")) is None


def test_turns_come_in_index_order_then_by_arrival(store: SqlStore) -> None:
    """A late turn takes its place; of two with one index the first to arrive is first."""
    arrived = [stored("b", index=2), stored("z", index=1), stored("a", index=1)]

    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", arrived[:2]))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", arrived[2:]))

    turns = store.read(TENANT, lambda tx: tx.conversations.turns("c1"))
    assert turns == (arrived[1], arrived[2], arrived[0])


def test_a_turn_is_read_as_it_was_stored(store: SqlStore) -> None:
    """Tool calls, slots and the answer survive, and any script."""
    told = stored(
        text="Où est ma commande ? \u202e\u0000 😀",
        role=Role.TOOL,
        tool_call={"name": "find", "arguments": {"id": 12345678901234567}, "ok": None},
        slots={"order": None},
        nbest=("a", "b"),
    )
    told = replace(told, after_handoff=True, answer={"action": "continue", "score": 0.25})

    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [told]))

    assert store.read(TENANT, lambda tx: tx.conversations.turns("c1")) == (told,)


def test_known_finds_only_what_is_stored(store: SqlStore) -> None:
    """Ids that never came are absent."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t0")]))

    known = store.read(TENANT, lambda tx: tx.conversations.known("c1", ["t0", "t1"]))

    assert known == {"t0": stored("t0")}


def test_a_turn_id_is_stored_once(store: SqlStore) -> None:
    """The key drops a second one, and nothing of it remains."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t0")]))

    with pytest.raises(Conflict):
        store.write(
            TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t1"), stored("t0")])
        )

    assert len(store.read(TENANT, lambda tx: tx.conversations.turns("c1"))) == 1


def test_a_later_revision_replaces_the_text(store: SqlStore) -> None:
    """The recogniser's last word stands, in the place of the first."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t0", "wear is")]))

    better = stored("t0", "where is", revision=1)
    store.write(TENANT, lambda tx: tx.conversations.replace_turn("c1", better))

    assert store.read(TENANT, lambda tx: tx.conversations.turns("c1")) == (better,)


def test_replacing_a_turn_that_never_came_is_refused(store: SqlStore) -> None:
    """There is nothing to overwrite."""
    with pytest.raises(NotFound):
        store.write(TENANT, lambda tx: tx.conversations.replace_turn("c1", stored("t9")))


def test_the_answer_of_a_turn_is_kept_later(store: SqlStore) -> None:
    """An answer may be known only after the turn is stored."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t0")]))

    store.write(TENANT, lambda tx: tx.conversations.answer("c1", "t0", {"action": "offer"}))

    known = store.read(TENANT, lambda tx: tx.conversations.known("c1", ["t0"]))
    assert known["t0"].answer == {"action": "offer"}


def test_feedback_belongs_to_a_conversation(store: SqlStore) -> None:
    """Two words on one conversation are kept; one on none is refused."""
    store.write(TENANT, lambda tx: tx.conversations.save(head()))

    for stars in (1, 5):
        body = {"stars": stars}
        store.write(TENANT, lambda tx, b=body: tx.conversations.add_feedback("c1", NOON, b))

    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.conversations.add_feedback("c9", NOON, {}))


def test_a_turn_needs_its_conversation(store: SqlStore) -> None:
    """Foreign keys are on: no turn floats free."""
    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.conversations.add_turns("c9", [stored()]))


def test_what_was_said_is_the_turns_without_their_answers(store: SqlStore) -> None:
    """In the same order."""
    arrived = [stored("b", index=2), stored("z", index=1), stored("a", index=1)]

    store.write(TENANT, lambda tx: tx.conversations.save(head()))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", arrived))

    said = store.read(TENANT, lambda tx: tx.conversations.said("c1"))
    turns = store.read(TENANT, lambda tx: tx.conversations.turns("c1"))
    assert said == tuple(each.turn for each in turns) != ()
