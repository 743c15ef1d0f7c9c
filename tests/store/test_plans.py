"""How SQLite goes about the frequent questions: through an index that holds only what matters."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from handoff.domain.delivery import DeliveryState
from handoff.domain.escalation import State
from handoff.domain.ports import Transaction
from handoff.domain.records import EscalationFilter, Page
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore
from handoff.store.batch import Batch
from handoff.store.transaction import SqlTransaction
from tests.factories import NOON, TENANT
from tests.store.conftest import ON_SQLITE

pytestmark = ON_SQLITE


def plan(
    transact: Callable[[Callable[[Worklist], list[str]]], list[str]],
    work: Callable[[Worklist], object],
) -> list[str]:
    """Return the steps that SQLite takes for the selects of `work`."""
    statements: list[str] = []

    def traced(worklist: Worklist) -> list[str]:
        connection: Connection = worklist.connection  # type: ignore[attr-defined] # the real one has it
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(statements.append)
        work(worklist)
        driver.set_trace_callback(None)
        return [
            str(row[3])
            for sql in statements
            if sql.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")
        ]

    return transact(traced)


ENGINE: list[tuple[Callable[[Worklist], object], str]] = [
    (
        lambda w: w.claim_deliveries(NOON, 9, str),
        "USING INDEX deliveries_due (clock=? AND due_at<?)",
    ),
    (lambda w: w.next_delivery_at(NOON), "INDEX deliveries_due (clock=? AND due_at>?)"),
    (lambda w: w.next_delivery_at(NOON), "INDEX deliveries_leased (lease_until>?)"),
    (lambda w: w.due_timers(NOON, 9), "USING INDEX escalations_due (due_at<?)"),
    (lambda w: w.due_timers(NOON, 9), "USING INDEX incidents_due (due_at<?)"),
    (lambda w: w.open_incidents(), "INDEX incidents_"),
    (lambda w: w.next_timer_at(), "SEARCH escalations USING INDEX escalations_due"),
    (lambda w: w.key("k1"), "USING INDEX sqlite_autoindex_api_keys_2 (key_id=?)"),
    (lambda w: w.session("70c3"), "USING INDEX sqlite_autoindex_sessions_2 (token_hash=?)"),
]

DESK = EscalationFilter(states=(State.QUEUED, State.RESERVED), waiting_first=True)

TENANTS: list[tuple[Callable[[Transaction], object], str]] = [
    (lambda tx: tuple(tx.card_uses.uses(NOON, None)), "INDEX conversations_started (tenant=?"),
    (lambda tx: tx.card_uses.heard("e1"), "human_turns_1 (tenant=? AND escalation_id=?)"),
    (lambda tx: tx.card_uses.ratings("e1"), "card_ratings_1 (tenant=? AND escalation_id=?)"),
    (lambda tx: tx.escalations.list(DESK, Page()), "INDEX escalations_waiting (tenant=?)"),
    (lambda tx: tx.escalations.waiting(), "INDEX escalations_waiting (tenant=?)"),
    (lambda tx: tx.escalations.open_in("c1"), "INDEX escalations_one_open (tenant=?"),
    (lambda tx: tx.escalations.abandoned_by("cu1"), "INDEX escalations_customer (tenant=?"),
    (lambda tx: tx.escalations.others_of("cu1", "e1"), "INDEX escalations_customer (tenant=?"),
    (
        lambda tx: tx.escalations.opened_for("cu1", "refund"),
        "INDEX escalations_returning (tenant=? AND job=? AND customer_key=?)",
    ),
    (
        lambda tx: tx.escalations.list(EscalationFilter(), Page()),
        "INDEX escalations_opened (tenant=?)",
    ),
    (
        lambda tx: tx.escalations.list(EscalationFilter(states=(State.QUEUED,)), Page()),
        "INDEX escalations_open (tenant=?)",
    ),
    (
        lambda tx: tx.escalations.list(EscalationFilter(conversation_id="c1"), Page()),
        "INDEX escalations_of (tenant=? AND conversation_id=?)",
    ),
    (
        lambda tx: tx.escalations.list(EscalationFilter(job="refund"), Page()),
        "INDEX escalations_by_job (tenant=? AND job=?)",
    ),
    (lambda tx: tx.deliveries.list(None, None, Page()), "INDEX deliveries_made (tenant=?)"),
    (
        lambda tx: tx.deliveries.list(DeliveryState.DEAD, None, Page()),
        "INDEX deliveries_unconfirmed (tenant=? AND state=?)",
    ),
    (lambda tx: tx.deliveries.of("e1"), "INDEX sqlite_autoindex_deliveries_2 (tenant=?"),
    (lambda tx: tx.audit.of("e1"), "INDEX audit_entries_of (tenant=? AND subject=?)"),
    (lambda tx: tx.conversations.turns("c1"), "INDEX sqlite_autoindex_turns_1 (tenant=?"),
    (
        lambda tx: tx.reports.tallies(NOON, None),
        "INDEX conversations_started (tenant=? AND started_at>?)",
    ),
    (
        lambda tx: tx.escalations.list(EscalationFilter(incident_id="i1"), Page()),
        "INDEX escalations_of_incident (tenant=? AND incident_id=?)",
    ),
    (lambda tx: tx.incidents.open_of("tool:x"), "INDEX incidents_one_open (tenant=? AND cause=?)"),
    (
        lambda tx: tx.incidents.came("tool:x", NOON),
        "COVERING INDEX escalations_caused (tenant=? AND cause=? AND opened_at>?)",
    ),
    (
        lambda tx: tx.incidents.usual("tool:x", NOON, NOON),
        "INDEX escalations_caused (tenant=? AND cause=? AND opened_at>? AND opened_at<?)",
    ),
    (
        lambda tx: tx.incidents.latest("tool:x", 3),
        "COVERING INDEX escalations_caused (tenant=? AND cause=?)",
    ),
    (
        lambda tx: tx.incidents.slots("tool:x", "billing", 3),
        "COVERING INDEX escalations_slots (tenant=? AND cause=? AND queue=? AND slot_at>?)",
    ),
    (
        lambda tx: tx.incidents.standing("i1"),
        "INDEX escalations_of_incident (tenant=? AND incident_id=?)",
    ),
    (
        lambda tx: tx.incidents.list(still_open=True, page=Page()),
        "INDEX incidents_",
    ),
    (
        lambda tx: tx.conversations.tool_at("c1", 3),
        "INDEX sqlite_autoindex_turns_1 (tenant=? AND conversation_id=?)",
    ),
    (lambda tx: tx.reports.tallies(None, None), "INDEX escalations_of (tenant=?"),
    (
        lambda tx: list(tx.reports.shadows(None, None)),
        "USING INDEX audit_entries_shadow (tenant=?)",
    ),
    (
        lambda tx: tx.reports.started(NOON, None, 9),
        "INDEX conversations_started (tenant=? AND started_at>?)",
    ),
    (lambda tx: tx.policies.list(Page()), "INDEX policies_added (tenant=?)"),
]


@pytest.mark.parametrize(("work", "step"), ENGINE)
def test_the_engine_looks_only_at_what_is_open(
    store: SqlStore, work: Callable[[Worklist], object], step: str
) -> None:
    """Settled deliveries and closed escalations are not read, however many there are."""
    steps = plan(store.write_any, work)

    assert any(step in found for found in steps), steps
    assert not {"SCAN deliveries", "SCAN escalations", "SCAN earlier"} & set(steps)


@pytest.mark.parametrize(("work", "step"), TENANTS)
def test_a_tenant_never_waits_for_a_whole_table(
    store: SqlStore, work: Callable[[Transaction], object], step: str
) -> None:
    """Every listing finds its rows by an index that starts with the tenant."""

    def of_tenant(worklist: Worklist) -> object:
        return work(SqlTransaction(Batch(worklist.connection), TENANT))  # type: ignore[attr-defined] # the real one has it

    steps = plan(store.read_any, of_tenant)

    assert any(step in found for found in steps), steps
    assert not [found for found in steps if found.startswith("SCAN")]
