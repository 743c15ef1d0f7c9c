"""What the auditor asks of the database, alike on both: pages, its turn, what it found."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from handoff.domain.escalation import State
from handoff.domain.finding import Damage, Finding
from handoff.domain.worklist import Worklist
from handoff.store import SqlStore, open_store
from tests.factories import NOON, delivery, entry, escalation, put

MINUTE = timedelta(minutes=1)


def opened(store: SqlStore, tenant: str, *names: str, closed_at: datetime | None = None) -> None:
    """Store escalations, each with its opening's entry and a delivery."""
    for name in names:
        known = {"tenant": tenant, "escalation_id": name, "conversation_id": f"c-{name}"}
        state = State.QUEUED if closed_at is None else State.CLOSED
        one = escalation(**known, state=state, closed_at=closed_at)
        told = entry(
            tenant=tenant,
            subject=name,
            action="opened",
            version=1,
            details={"connectors": ["desk"]},
        )
        sent = delivery(tenant=tenant, escalation_id=name, delivery_id=f"d-{name}")

        store.write(tenant, lambda tx, one=one, sent=sent: put(tx, one, sent))
        store.write(tenant, lambda tx, told=told: tx.audit.append(told))


def test_pages_of_open_ones_join_over_all_tenants(store: SqlStore) -> None:
    """In order, without gap or repeat, each with what belongs to it."""
    opened(store, "b", "e1", "e4")
    opened(store, "a", "e2", "e3", "e5")
    opened(store, "a", "e6", closed_at=NOON)
    seen, after = [], ("", "")
    while True:
        page = store.read_any(lambda work, at=after: work.auditing.open_ones(at, 2))
        seen += page.looked
        if page.after is None:
            break
        after = page.after

    names = [(one.escalation.tenant, one.escalation.escalation_id) for one in seen]
    assert names == [("a", "e2"), ("a", "e3"), ("a", "e5"), ("b", "e1"), ("b", "e4")]
    assert {(one.audited, one.connectors) for one in seen} == {((1,), ("desk",))}
    assert [len(one.deliveries) for one in seen] == [1] * 5


def test_what_closed_lately_comes_latest_first(store: SqlStore) -> None:
    """And nothing that closed before."""
    for number in range(4):
        opened(store, "a", f"e{number}", closed_at=NOON + number * MINUTE)

    seen = store.read_any(lambda work: work.auditing.closed_since(NOON + MINUTE, 2))

    assert [one.escalation.escalation_id for one in seen.looked] == ["e3", "e2"]


def test_the_turn_is_one_processs_though_its_row_is_gone(store: SqlStore, url: str) -> None:
    """Somebody deleted it: it is made anew, once."""

    def lose(work: Worklist) -> None:
        connection: Connection = work.connection  # type: ignore[attr-defined] # the real one has it
        connection.exec_driver_sql("DELETE FROM audits")

    other = open_store(url)
    store.write_any(lose)
    turns = [
        one.write_any(lambda work, at=at: work.auditing.begin(at, at + MINUTE))
        for at in (NOON, NOON + MINUTE)
        for one in (store, other)
    ]
    other.close()

    assert turns == [True, False, True, False]


def test_what_is_found_again_keeps_its_time_and_mends_stay(store: SqlStore) -> None:
    """What is gone is forgotten; the counts tell what is left and what was mended."""
    late = Finding("a", Damage.TIMER_LATE, "e1", "queued", NOON)
    gone = replace(late, subject="e2")
    mended = Finding("b", Damage.NO_TIMER, "e3", "queued", NOON, mended_at=NOON)
    again = replace(late, found_at=NOON + MINUTE)

    store.write_any(lambda work: work.auditing.keep([late, gone, mended]))
    store.write_any(lambda work: work.auditing.keep([again]))

    assert store.read("a", lambda tx: tx.findings.list(10)) == (late,)
    assert store.read("b", lambda tx: tx.findings.list(10)) == (mended,)
    assert store.read_any(lambda work: work.auditing.counts()) == {
        (Damage.TIMER_LATE, False): 1,
        (Damage.NO_TIMER, True): 1,
    }
