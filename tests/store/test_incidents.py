"""Incidents in the database, and counting by cause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.domain.errors import Conflict
from handoff.domain.escalation import State
from handoff.domain.incident import Incident
from handoff.domain.ports import Transaction
from handoff.domain.records import Due, EscalationFilter, Page, Standing
from handoff.domain.turn import ToolCall
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, escalation, head, put, stored

CAUSE = "tool:get_order"
MINUTE = timedelta(minutes=1)
PLAIN = Incident(
    TENANT, "inc_1", CAUSE, "billing", "get_order fails", NOON, NOON, NOON + MINUTE, None, 3, 1
)


def came(tx: Transaction, number: int, **over: object) -> None:
    """Store an escalation of the cause, a minute after the one before, in its own conversation."""
    at = NOON + number * MINUTE
    told = {"opened_at": at, "cause": CAUSE, "slot_at": at, **over}
    put(tx, escalation(escalation_id=f"e{number}", conversation_id=f"c{number}", **told))


def test_a_cause_has_one_open_incident(store: SqlStore) -> None:
    """A second one conflicts; once it is closed another may open."""
    store.write(TENANT, lambda tx: tx.incidents.add(PLAIN))

    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.incidents.add(replace(PLAIN, incident_id="inc_2")))
    closed = PLAIN.evolve(closed_at=NOON, due_at=None)
    store.write(TENANT, lambda tx: tx.incidents.save(closed))
    store.write(TENANT, lambda tx: tx.incidents.add(replace(PLAIN, incident_id="inc_2")))

    found = store.read(TENANT, lambda tx: tx.incidents.list(still_open=False, page=Page())).items
    assert [one.incident_id for one in found] == ["inc_2", "inc_1"]
    going_on = store.read(TENANT, lambda tx: tx.incidents.list(still_open=True, page=Page())).items
    assert [one.incident_id for one in going_on] == ["inc_2"]
    assert store.read(TENANT, lambda tx: tx.incidents.get("inc_1")) == closed


def test_an_incident_is_its_tenants_own(store: SqlStore) -> None:
    """Another one neither sees it nor is in its way; the gauge counts both."""
    store.write(TENANT, lambda tx: tx.incidents.add(PLAIN))
    assert store.read("other", lambda tx: tx.incidents.open_of(CAUSE)) is None
    assert store.read("other", lambda tx: tx.incidents.get("inc_1")) is None

    store.write("other", lambda tx: tx.incidents.add(replace(PLAIN, tenant="other")))

    assert store.read(TENANT, lambda tx: tx.incidents.open_of(CAUSE)) == PLAIN
    assert store.read_any(lambda work: work.open_incidents()) == 2


def test_a_cause_is_counted_by_when_it_came(store: SqlStore) -> None:
    """In a window, before it, and the nth latest; other causes and tenants are not."""
    for number in range(5):
        store.write(TENANT, lambda tx, n=number: came(tx, n))
    store.write(TENANT, lambda tx: came(tx, 9, cause="tool:pay"))
    store.write("other", lambda tx: came(tx, 9, tenant="other"))

    def counted(tx: Transaction) -> tuple[object, ...]:
        mine = tx.incidents
        return (
            mine.came(CAUSE, NOON + 3 * MINUTE),
            mine.usual(CAUSE, NOON, NOON + 3 * MINUTE),
            mine.latest(CAUSE, 2),
            mine.latest(CAUSE, 6),
        )

    assert store.read(TENANT, counted) == (2, 3, NOON + 3 * MINUTE, None)


def test_an_incident_claims_those_that_came_before(store: SqlStore) -> None:
    """They are listed by it, no longer usual, and a later save leaves that as it is."""
    for number in range(4):
        store.write(TENANT, lambda tx, n=number: came(tx, n))
    before = store.read(TENANT, lambda tx: tx.escalations.get("e3"))
    assert before is not None

    joined = store.write(TENANT, lambda tx: tx.incidents.join(PLAIN, NOON + 2 * MINUTE))
    store.write(TENANT, lambda tx: tx.escalations.save(before.evolve(state=State.CLOSED)))

    mine = EscalationFilter(incident_id="inc_1")
    found = store.read(TENANT, lambda tx: tx.escalations.list(mine, Page())).items
    assert (joined, [one.escalation_id for one in found]) == (2, ["e3", "e2"])
    assert store.read(TENANT, lambda tx: tx.incidents.usual(CAUSE, NOON, NOON + 9 * MINUTE)) == 2


def test_slots_are_of_one_queue_and_the_latest_first(store: SqlStore) -> None:
    """What is never limited takes none."""
    store.write(TENANT, lambda tx: came(tx, 0))
    store.write(TENANT, lambda tx: came(tx, 1, slot_at=NOON + 9 * MINUTE))
    store.write(TENANT, lambda tx: came(tx, 2, slot_at=None))
    store.write(TENANT, lambda tx: came(tx, 3, queue="sales"))

    slots = store.read(TENANT, lambda tx: tx.incidents.slots(CAUSE, "billing", 5))

    assert slots == (NOON + 9 * MINUTE, NOON)
    assert store.read(TENANT, lambda tx: tx.incidents.slots(CAUSE, "billing", 1)) == slots[:1]


def test_where_an_incidents_escalations_are(store: SqlStore) -> None:
    """Those that wait, those that were promised a contact, those with people; not the closed."""
    states = (State.QUEUED, State.RESERVED, State.ACTIVE, State.CLOSED, State.DEFERRED)
    for number, state in enumerate(states):
        contact = NOON if state is State.DEFERRED else None
        store.write(
            TENANT,
            lambda tx, n=number, s=state, c=contact: came(
                tx, n, state=s, contact_at=c, incident_id="inc_1"
            ),
        )

    standing = store.read(TENANT, lambda tx: tx.incidents.standing("inc_1"))

    assert standing == Standing(waiting=2, held=1, with_people=1, contact_at=NOON)
    assert store.read("other", lambda tx: tx.incidents.standing("inc_1")) == Standing()


def test_an_open_incident_has_a_timer(store: SqlStore) -> None:
    """After those of escalations; a closed one has none."""
    store.write(TENANT, lambda tx: tx.incidents.add(PLAIN))
    store.write(TENANT, lambda tx: put(tx, escalation(due_at=NOON + 2 * MINUTE)))

    due = store.read_any(lambda work: work.due_timers(NOON + 2 * MINUTE, 9))

    assert [(one.subject, one.of_incident) for one in due] == [("e1", False), ("inc_1", True)]
    assert due[1] == Due(TENANT, "inc_1", NOON + MINUTE, of_incident=True)
    assert len(store.read_any(lambda work: work.due_timers(NOON + 2 * MINUTE, 1))) == 1
    assert store.read_any(lambda work: work.next_timer_at()) == NOON + MINUTE


def test_the_tool_of_a_turn_is_found(store: SqlStore) -> None:
    """By its index, in its conversation."""
    call = ToolCall(name="get_order", ok=False)
    turns = [stored("t0"), stored("t1", "", index=1, role="tool", tool_call=call)]

    def keep(tx: Transaction) -> None:
        tx.conversations.save(head())
        tx.conversations.add_turns("c1", turns)

    store.write(TENANT, keep)

    def tools(tx: Transaction) -> list[str | None]:
        return [tx.conversations.tool_at("c1", index) for index in (0, 1, 2)]

    assert store.read(TENANT, tools) == [None, "get_order", None]
