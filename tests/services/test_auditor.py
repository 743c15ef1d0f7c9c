"""The auditor: each kind of damage is planted straight in the database, found and mended.

On both databases: what plants it on PostgreSQL is the superuser, whom neither keys nor walls stop.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from handoff.domain.delivery import DeliveryState
from handoff.domain.escalation import CloseOutcome, State
from handoff.domain.finding import Damage, Finding
from handoff.domain.ports import Store
from handoff.services import respond
from handoff.services.auditor import audit_due
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.store import open_store
from tests import fakes
from tests.postgres import ADMIN, Server
from tests.services.conftest import ANN, TENANT, escalated
from tests.store.conftest import KINDS

Plant = Callable[..., None]
HOUR = timedelta(hours=1)
EVERY_S = 60.0
RESOLVED = CloseOutcome.RESOLVED


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a database of each kind lies."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/handoff.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return the open store."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def deps(store: Store, clock: fakes.Clock) -> Deps:
    """Return a composition with a connector beside the desk."""
    return fakes.deps(store, clock, recorder=fakes.Recorder())


@pytest.fixture
def plant(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Plant:
    """Return what changes the database behind the service's back."""

    def in_file(statement: str, *values: object) -> None:
        with closing(sqlite3.connect(tmp_path / "handoff.db", timeout=10)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            assert connection.execute(statement, values).rowcount > 0
            connection.commit()

    def on_server(statement: str, *values: object) -> None:
        server: Server = request.getfixturevalue("postgres")
        with psycopg.connect(server.url(request.getfixturevalue("migrated"), ADMIN)) as connection:
            connection.execute("SET session_replication_role = replica")
            assert connection.execute(statement.replace("?", "%s"), values).rowcount > 0

    return in_file if url.startswith("sqlite") else on_server


def audited(deps: Deps, clock: fakes.Clock) -> list[Finding]:
    """Audit a period later."""
    clock.forward(61)
    found = audit_due(deps, EVERY_S)
    assert found is not None
    return list(found)


def mended(deps: Deps, subject: str) -> list[str]:
    """Return the damages that the audit trail says were mended."""
    entries = deps.store.read(TENANT, lambda tx: tx.audit.of(subject))
    return [str(e.entry.details["damage"]) for e in entries if e.entry.action == "mended"]


def state_of(deps: Deps, subject: str) -> Any:
    """Return the escalation."""
    return deps.store.read(TENANT, lambda tx: tx.escalations.get(subject))


def test_a_healthy_service_has_nothing_to_report(deps: Deps, clock: fakes.Clock) -> None:
    """However many wait; and nothing is changed."""
    for number in range(30):
        escalated(deps, f"c{number}")
    before = deps.store.read(TENANT, lambda tx: tx.audit.head())

    assert audited(deps, clock) == []
    assert deps.store.read(TENANT, lambda tx: tx.audit.head()) == before


def test_a_missing_timer_is_armed_again(deps: Deps, clock: fakes.Clock, plant: Plant) -> None:
    """Nothing would ever have looked at it."""
    opened = escalated(deps)
    plant("UPDATE escalations SET due_at = NULL")

    (found,) = audited(deps, clock)

    assert (found.damage, found.mended_at) == (Damage.NO_TIMER, clock())
    assert state_of(deps, opened).due_at > clock()
    assert mended(deps, opened) == ["no_timer"]


def test_what_nobody_has_goes_back_to_its_queue(
    deps: Deps, clock: fakes.Clock, plant: Plant
) -> None:
    """Said to be with somebody, and owned by nobody."""
    opened = escalated(deps)
    plant("UPDATE escalations SET state = 'active', owner = NULL")

    (found,) = audited(deps, clock)

    assert found.damage is Damage.OWNERLESS
    assert state_of(deps, opened).state is State.QUEUED
    assert audited(deps, clock) == []


@pytest.mark.parametrize("connector", ["desk", "recorder"])
def test_a_missing_delivery_is_made(
    deps: Deps, clock: fakes.Clock, plant: Plant, connector: str
) -> None:
    """The opening's own audit entry says who was to get it."""
    opened = escalated(deps)
    plant("DELETE FROM deliveries WHERE connector = ?", connector)

    (found,) = audited(deps, clock)

    there = deps.store.read(TENANT, lambda tx: tx.deliveries.of(opened))
    assert (found.damage, found.detail) == (Damage.NOT_SENT, f"opened {connector}")
    assert sorted(one.connector for one in there) == ["desk", "recorder"]
    assert mended(deps, opened) == ["not_sent"]


def test_a_delivery_under_no_lease_is_freed(deps: Deps, clock: fakes.Clock, plant: Plant) -> None:
    """It may have arrived, so it is to be looked up first."""
    opened = escalated(deps)
    plant("UPDATE deliveries SET state = 'sending' WHERE connector = 'recorder'")

    (found,) = audited(deps, clock)

    there = deps.store.read(TENANT, lambda tx: tx.deliveries.of(opened))
    assert found.damage is Damage.NO_LEASE
    assert {one.state for one in there} == {DeliveryState.CONFIRMED, DeliveryState.UNKNOWN}
    assert mended(deps, opened) == ["no_lease"]


def test_an_account_that_rests_for_years_is_woken(
    deps: Deps, clock: fakes.Clock, plant: Plant
) -> None:
    """No rule says so."""
    escalated(deps)
    far = int(clock().timestamp() * 1_000_000) + 10**14
    plant("INSERT INTO accounts VALUES (?, 'recorder', 0, ?, 'x')", TENANT, far)

    (found,) = audited(deps, clock)

    account = deps.store.read(TENANT, lambda tx: tx.accounts.get("recorder"))
    assert found.damage is Damage.RESTS_TOO_LONG
    assert not account.rests(clock())
    assert mended(deps, "recorder") == ["rests_too_long"]


@pytest.mark.parametrize(
    ("statement", "damage"),
    [
        ("UPDATE escalations SET version = version + 1", Damage.NOT_AUDITED),
        ("UPDATE escalations SET due_at = 1", Damage.TIMER_LATE),
        (
            "UPDATE deliveries SET state = 'sending', lease_until = 1 WHERE connector = 'recorder'",
            Damage.LEASE_LATE,
        ),
    ],
)
def test_what_cannot_be_mended_is_told_until_it_is_gone(
    deps: Deps, clock: fakes.Clock, plant: Plant, statement: str, damage: Damage
) -> None:
    """With the time it was found first."""
    escalated(deps)
    plant(statement)

    first, second = audited(deps, clock), audited(deps, clock)

    (kept,) = deps.store.read(TENANT, lambda tx: tx.findings.list(10))
    assert [one.damage for one in first + second] == [damage, damage]
    assert (kept.found_at, kept.mended_at) == (first[0].found_at, None)


def test_one_process_at_a_time_has_the_turn(deps: Deps, clock: fakes.Clock) -> None:
    """The others wait for the next period."""
    clock.forward(61)

    assert [audit_due(deps, EVERY_S), audit_due(deps, EVERY_S)] == [(), None]


def test_whole_lives_of_escalations_raise_no_alarm(deps: Deps, clock: fakes.Clock) -> None:
    """Reserved, declined, claimed, released, moved, deferred, handed back, left, ended."""
    ann, at = ANN, clock()

    def do(name: str, *verbs: Callable[[Any, Any], Any]) -> None:
        escalation_id = escalated(deps, name)
        for verb in verbs:
            deps.store.write(TENANT, lambda tx, v=verb: v(tx, found(tx, escalation_id)))

    def claim(tx: Any, e: Any) -> Any:
        return respond.claim(tx, deps, e, "ann", by=ann, at=at)

    def reserve(tx: Any, e: Any) -> Any:
        return respond.reserve(tx, deps, e, "ann", by=ann, at=at)

    do("waits")
    do("reserved", reserve)
    do("declined", reserve, lambda tx, e: respond.decline(tx, deps, e, None, by=ann, at=at))
    do("active", claim)
    do("released", claim, lambda tx, e: respond.release(tx, deps, e, None, by=ann, at=at), claim)
    do("moved", lambda tx, e: respond.transfer(tx, deps, e, "general", None, by=ann, at=at))
    do("later", lambda tx, e: respond.defer(tx, deps, e, at + HOUR, by=ann, at=at))
    do("back", claim, lambda tx, e: respond.hand_back(tx, deps, e, {"done": "x"}, by=ann, at=at))
    do("done", claim, lambda tx, e: respond.dispose(tx, deps, e, RESOLVED, None, by=ann, at=at))
    do("left", lambda tx, e: respond.abandon(tx, deps, e, by=ann, at=at))
    do("gone", claim, lambda tx, e: respond.abandon(tx, deps, e, by=ann, at=at))
    do("stopped", lambda tx, e: respond.cancel(tx, deps, e, None, by=ann, at=at))

    assert audited(deps, clock) == []
