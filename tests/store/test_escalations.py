"""Escalations and cards: guarded, one open per conversation, listed in pages."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from handoff.domain.decision import Reason
from handoff.domain.errors import Conflict, Invalid, StaleVersion
from handoff.domain.escalation import Attempt, AttemptResult, CloseOutcome, Escalation, Leg, State
from handoff.domain.records import EscalationFilter, Page
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, card, escalation, put


def many(store: SqlStore, *escalations: Escalation) -> None:
    """Store escalations, each in its own conversation."""
    for one in escalations:
        store.write(TENANT, lambda tx, one=one: put(tx, one))


def numbered(number: int, **over: object) -> Escalation:
    """Return one of several escalations, opened a second apart."""
    at = NOON + timedelta(seconds=number)
    names = {"escalation_id": f"e{number:02}", "conversation_id": f"c{number:02}"}
    return escalation(**{**names, "opened_at": at, "queued_at": at, **over})


def ids(store: SqlStore, where: EscalationFilter, page: Page | None = None) -> list[str]:
    """Return the ids of a listing."""
    listed = store.read(TENANT, lambda tx: tx.escalations.list(where, page or Page()))
    return [one.escalation_id for one in listed.items]


def test_an_escalation_is_read_as_it_was_added(store: SqlStore) -> None:
    """Every field survives."""
    added = escalation(
        reasons=(Reason("bot_loop", None, 0.5, {"n": 2}, 3, (1, 2)),),
        attempts=(Attempt("ann", AttemptResult.BUSY, NOON),),
        legs=(Leg("l1", "ringing", NOON),),
        outcome=CloseOutcome.RETURNED,
        return_brief={"promised": ["a call"]},
        due_at=NOON,
        turn_index=4,
        score=0.75,
    )

    many(store, added)

    assert store.read(TENANT, lambda tx: tx.escalations.get("e1")) == added


def test_a_second_open_escalation_is_refused(store: SqlStore) -> None:
    """One open per conversation, by the database itself."""
    many(store, escalation())

    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.escalations.add(escalation(escalation_id="e2")))


def test_a_closed_one_makes_room_for_the_next(store: SqlStore) -> None:
    """Closed escalations of a conversation may be many."""
    many(store, escalation(state=State.CLOSED))

    store.write(TENANT, lambda tx: tx.escalations.add(escalation(escalation_id="e2")))

    opened = store.read(TENANT, lambda tx: tx.escalations.open_in("c1"))
    assert opened == escalation(escalation_id="e2")


def test_a_stale_version_changes_nothing(store: SqlStore) -> None:
    """Who read too early is told so."""
    many(store, escalation())
    store.write(TENANT, lambda tx: tx.escalations.save(escalation().evolve(owner="ann")))

    with pytest.raises(StaleVersion):
        store.write(TENANT, lambda tx: tx.escalations.save(escalation().evolve(owner="bob")))

    kept = store.read(TENANT, lambda tx: tx.escalations.get("e1"))
    assert kept == escalation(version=2, owner="ann")


def test_of_sixteen_claims_one_wins(store: SqlStore) -> None:
    """Threads that all read version 1 race; the database lets one through."""
    many(store, escalation())
    start, won, lost = Barrier(16), list[str](), list[str]()

    def claim(name: str) -> None:
        start.wait()
        try:
            taken = escalation().evolve(owner=name)
            store.write(TENANT, lambda tx: tx.escalations.save(taken))
            won.append(name)
        except StaleVersion:
            lost.append(name)

    threads = [Thread(target=claim, args=(f"h{number}",)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = store.read(TENANT, lambda tx: tx.escalations.get("e1"))
    assert (len(won), len(lost)) == (1, 15)
    assert kept is not None
    assert kept.owner == won[0]


def test_a_timer_moves_without_a_new_version(store: SqlStore) -> None:
    """Renewing a lease is no change that others must reread."""
    many(store, escalation(due_at=NOON))
    later = NOON + timedelta(minutes=5)

    store.write(TENANT, lambda tx: tx.escalations.touch("e1", later))

    assert store.read(TENANT, lambda tx: tx.escalations.get("e1")) == escalation(due_at=later)


def test_the_newest_come_first_in_pages(store: SqlStore) -> None:
    """Following cursors gives each once, also when new ones come in between."""
    many(store, *(numbered(number) for number in range(5)))
    where = EscalationFilter()

    first = store.read(TENANT, lambda tx: tx.escalations.list(where, Page(2)))
    many(store, numbered(9))
    second = store.read(TENANT, lambda tx: tx.escalations.list(where, Page(2, first.cursor)))
    third = store.read(TENANT, lambda tx: tx.escalations.list(where, Page(2, second.cursor)))

    pages = [[one.escalation_id for one in page.items] for page in (first, second, third)]
    assert pages == [["e04", "e03"], ["e02", "e01"], ["e00"]]
    assert third.cursor is None


def test_who_waits_is_sorted_by_urgency_then_time(store: SqlStore) -> None:
    """The desk's order, in pages too."""
    many(store, numbered(1, priority=3), numbered(2, priority=1), numbered(3, priority=3))
    where = EscalationFilter(states=(State.QUEUED,), waiting_first=True)

    first = store.read(TENANT, lambda tx: tx.escalations.list(where, Page(2)))

    assert [one.escalation_id for one in first.items] == ["e02", "e01"]
    assert ids(store, where, Page(2, first.cursor)) == ["e03"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (EscalationFilter(states=(State.QUEUED, State.ACTIVE)), ["e03", "e02"]),
        (EscalationFilter(states=(State.CLOSED,)), ["e01"]),
        (EscalationFilter(states=()), []),
        (EscalationFilter(queue="sales"), ["e02"]),
        (EscalationFilter(job="refund"), ["e03"]),
        (EscalationFilter(intent="cancel"), ["e02"]),
        (EscalationFilter(reason_code="other"), ["e01"]),
        (EscalationFilter(conversation_id="c03"), ["e03"]),
        (EscalationFilter(since=NOON + timedelta(seconds=2)), ["e03", "e02"]),
        (EscalationFilter(until=NOON + timedelta(seconds=2)), ["e01"]),
        (EscalationFilter(queue="billing", states=(State.QUEUED,)), ["e03"]),
    ],
)
def test_a_filter_lets_through_what_it_says(
    store: SqlStore, where: EscalationFilter, found: list[str]
) -> None:
    """Each field narrows."""
    many(
        store,
        numbered(1, state=State.CLOSED, reason_code="other"),
        numbered(2, state=State.ACTIVE, queue="sales", intent="cancel"),
        numbered(3, job="refund"),
    )

    assert ids(store, where) == found


def test_limits_are_kept_within_bounds(store: SqlStore) -> None:
    """Nothing below one, so that a page always gets on."""
    many(store, numbered(1), numbered(2))

    assert ids(store, EscalationFilter(), Page(0)) == ["e02"]
    assert ids(store, EscalationFilter(), Page(10**9)) == ["e02", "e01"]


@pytest.mark.parametrize(
    "cursor",
    ["", "!", "é", "bm9uc2Vuc2U", "W10", "WyJhY21lIiwiZXNjYWxhdGlvbnMiLFtdXQ", "bnVsbA"],
)
def test_a_malformed_cursor_is_invalid(store: SqlStore, cursor: str) -> None:
    """Not an error of ours, whatever it decodes to."""
    with pytest.raises(Invalid):
        ids(store, EscalationFilter(), Page(5, cursor))


def test_a_cursor_serves_its_tenant_and_listing_alone(store: SqlStore) -> None:
    """A cursor of another tenant or another order is invalid."""
    many(store, numbered(1), numbered(2))
    page = store.read(TENANT, lambda tx: tx.escalations.list(EscalationFilter(), Page(1)))
    on = Page(1, page.cursor)

    with pytest.raises(Invalid):
        store.read("other", lambda tx: tx.escalations.list(EscalationFilter(), on))
    with pytest.raises(Invalid):
        ids(store, EscalationFilter(waiting_first=True), on)


def test_waiting_counts_by_queue(store: SqlStore) -> None:
    """Queued and reserved ones wait; the others do not."""
    many(
        store,
        numbered(1),
        numbered(2, state=State.RESERVED),
        numbered(3, queue="sales"),
        numbered(4, state=State.ACTIVE),
        numbered(5, state=State.CLOSED),
    )

    assert store.read(TENANT, lambda tx: tx.escalations.waiting()) == {"billing": 2, "sales": 1}


def test_a_customer_is_found_again(store: SqlStore) -> None:
    """Their abandoned escalation, and their other open ones."""
    many(
        store,
        numbered(1, customer_key="cu1", state=State.ABANDONED),
        numbered(2, customer_key="cu1"),
        numbered(3, customer_key="cu1", state=State.CLOSED),
        numbered(4, customer_key="cu2", state=State.ABANDONED),
    )

    left = store.read(TENANT, lambda tx: tx.escalations.abandoned_by("cu1"))
    others = store.read(TENANT, lambda tx: tx.escalations.others_of("cu1", "e02"))

    assert left is not None
    assert left.escalation_id == "e01"
    assert others == ("e01",)


def test_a_customers_escalations_about_a_job_are_counted(store: SqlStore) -> None:
    """Closed ones too; another job, another customer and another tenant are not."""
    many(
        store,
        numbered(1, customer_key="cu1", job="refund", state=State.CLOSED),
        numbered(2, customer_key="cu1", job="refund"),
        numbered(3, customer_key="cu1"),
        numbered(4, customer_key="cu2", job="refund"),
    )

    assert store.read(TENANT, lambda tx: tx.escalations.opened_for("cu1", "refund")) == 2
    assert store.read(TENANT, lambda tx: tx.escalations.opened_for("cu1", None)) == 1
    assert store.read("other", lambda tx: tx.escalations.opened_for("cu1", "refund")) == 0


def test_cards_are_kept_by_version(store: SqlStore) -> None:
    """The latest unless another is asked for."""
    many(store, escalation())
    second = card(card_version=2, headline="Wants a person, now")

    store.write(TENANT, lambda tx: tx.escalations.add_card(card(), NOON))
    store.write(TENANT, lambda tx: tx.escalations.add_card(second, NOON + timedelta(seconds=1)))

    assert store.read(TENANT, lambda tx: tx.escalations.card("e1")) == second
    assert store.read(TENANT, lambda tx: tx.escalations.card("e1", 1)) == card()
    assert store.read(TENANT, lambda tx: tx.escalations.card("e1", 3)) is None
    versions = store.read(TENANT, lambda tx: tx.escalations.card_versions("e1"))
    assert versions == ((1, NOON), (2, NOON + timedelta(seconds=1)))


def test_a_card_without_an_escalation_is_refused(store: SqlStore) -> None:
    """Cards belong to escalations."""
    with pytest.raises(Invalid):
        store.write(TENANT, lambda tx: tx.escalations.add_card(card(escalation_id=None), NOON))
