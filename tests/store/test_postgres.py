"""What is particular about PostgreSQL: walls, several processes, connections that break."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, event

from handoff.domain.errors import Conflict, Invalid, Overloaded
from handoff.domain.ports import Transaction, Worklist
from handoff.store import SqlStore, migrate, open_store
from tests.factories import NOON, TENANT, delivery, entry, escalation, head, put
from tests.postgres import OWNER, Server
from tests.store.commands import save, stored
from tests.store.test_upgrade import upto

VISITOR = "visitor"
"""A role that owns nothing and may read and write everything."""


@pytest.fixture
def kind() -> str:
    """Return that it is PostgreSQL, for every test here."""
    return "postgresql"


@pytest.fixture
def visitor(postgres: Server, url: str, migrated: str) -> str:
    """Return the URL for that role."""
    rights = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO visitor"
    postgres.run(
        sql.SQL(
            "DO $$ BEGIN CREATE ROLE visitor LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
        )
    )
    postgres.run(sql.SQL(f"GRANT {rights}"), migrated)  # type: ignore[arg-type] # a constant
    postgres.run(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO visitor"), migrated)
    return postgres.url(migrated, VISITOR)


@contextmanager
def connected(url: str, tenant: str | None = None) -> Iterator[psycopg.Connection]:
    """Yield a connection of the driver's own, in a transaction of a tenant's."""
    connection = psycopg.connect(url)
    if tenant is not None:
        connection.execute("SELECT set_config('handoff.tenant', %s, true)", (tenant,))
    try:
        yield connection
    finally:
        connection.close()


def tenants_seen(url: str, tenant: str | None) -> set[str]:
    """Return whose rows a query without a condition finds."""
    with connected(url, tenant) as connection:
        return {row[0] for row in connection.execute("SELECT tenant FROM deliveries")}


def fill(store: SqlStore, *tenants: str) -> None:
    """Store an escalation and a delivery for each."""
    for tenant in tenants:
        store.write(
            tenant,
            lambda tx, t=tenant: put(tx, escalation(tenant=t), delivery(tenant=t)),
        )


@pytest.mark.parametrize("role", [OWNER, VISITOR])
def test_a_query_sees_its_tenant_only(
    store: SqlStore, postgres: Server, migrated: str, visitor: str, role: str
) -> None:
    """Without a tenant it sees nothing, whoever asks; all tenants are a word of their own."""
    fill(store, "a", "b")
    url = postgres.url(migrated, role)

    assert tenants_seen(url, None) == set()
    assert tenants_seen(url, "a") == {"a"}
    assert tenants_seen(url, "c") == set()
    assert tenants_seen(url, "*") == {"a", "b"}


def test_a_row_of_another_tenant_cannot_be_written(store: SqlStore, visitor: str) -> None:
    """Not inserted, not taken over, not given away."""
    fill(store, "a")
    presence = "INSERT INTO presences VALUES (%s, 'ann', 'free', 0)"

    with connected(visitor, "b") as connection:
        assert connection.execute("DELETE FROM deliveries").rowcount == 0
        assert connection.execute("UPDATE deliveries SET state = 'dead'").rowcount == 0
        connection.execute(presence, ("b",))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(presence, ("a",))


def test_every_table_has_the_wall_and_sorts_by_letters(store: SqlStore, url: str) -> None:
    """One that a later revision adds and forgets is found here."""
    with connected(url) as connection:
        open_ = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace ="
            " 'public'::regnamespace AND relname NOT IN ('alembic_version', 'audits', 'writers')"
            " AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM"
            " pg_policy WHERE polrelid = pg_class.oid)) AND NOT relispartition"
        ).fetchall()
        otherwise = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema ="
            " 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).fetchall()

    assert open_ == []
    assert otherwise == []


def test_the_store_works_for_a_role_that_owns_nothing(visitor: str) -> None:
    """Commands of several tenants share a batch, and each sees its own."""
    store = open_store(visitor)
    futures = [store.submit(f"t{n % 3}", save(f"c{n}")) for n in range(30)]
    for future in futures:
        future.result(10)

    def names(tx: Transaction) -> list[bool]:
        return [tx.conversations.head(f"c{n}") is not None for n in range(6)]

    assert store.read("t0", names) == [True, False, False, True, False, False]
    assert store.read("t1", names) == [False, True, False, False, True, False]
    for nobody in ("*", ""):
        with pytest.raises(Invalid):
            store.read(nobody, names)
    store.close()


def test_a_nul_that_somebody_asks_for_is_refused(store: SqlStore) -> None:
    """The driver sends none; an id in a path may hold one."""

    def looks(tx: Transaction) -> object:
        return tx.webhooks.get("wh_\0")

    for ask in (store.read, store.write):
        with pytest.raises(Invalid, match="NUL"):
            ask("a", looks)


def test_after_a_failure_the_batch_is_whose_it_was(store: SqlStore) -> None:
    """What undoes a command undoes whose rows it saw; the next one sets it again."""

    def failing(tx: Transaction) -> None:
        save("bad")(tx)
        raise ValueError("after writing")

    for round_ in range(3):
        tenants = ["a", "b", "a", "a", "b"]
        futures = [store.submit(t, save(f"c{round_}")) for t in tenants]
        futures.insert(2, store.submit("b", failing))
        assert sum(one.exception(10) is not None for one in futures) == 1

    assert store.read("a", lambda tx: tx.conversations.head("c2")) is not None
    assert store.read("b", lambda tx: tx.conversations.head("bad")) is None


def test_services_that_start_at_once_migrate_once(empty_url: str) -> None:
    """Whoever comes first does it; the others wait and find it done."""
    stores: list[SqlStore] = []
    threads = [
        threading.Thread(target=lambda: stores.append(open_store(empty_url))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(stores) == 4
    assert stores[0].write(TENANT, save("c1")) == "c1"
    assert stored(stores[3], "c1") == [True]
    for store in stores:
        store.close()


def test_tables_are_not_changed_under_a_running_service(empty_url: str) -> None:
    """A newer service refuses to start beside an older one until that is gone."""
    upto(empty_url, "0004")
    with connected(empty_url) as older:
        older.execute("SELECT pg_advisory_lock_shared(4807526977)")

        with pytest.raises(Conflict, match="handoff migrate up"):
            open_store(empty_url)

    store = open_store(empty_url)
    assert store.write(TENANT, save("c1")) == "c1"
    store.close()


def test_tables_are_changed_beside_a_running_service_where_asked(empty_url: str) -> None:
    """Expanding does not disturb it, so that nobody need stop."""
    upto(empty_url, "0004")
    with connected(empty_url) as older:
        older.execute("SELECT pg_advisory_lock_shared(4807526977)")
        migrate(empty_url)

        open_store(empty_url).close()


def test_tables_of_a_later_version_serve_an_earlier_service(empty_url: str) -> None:
    """It may restart while the new version is rolled out."""
    first = open_store(empty_url)
    write_revision(first, "9999")
    first.close()

    again = open_store(empty_url)

    assert again.write(TENANT, save("c1")) == "c1"
    again.close()
    migrate(empty_url)


def write_revision(store: SqlStore, revision: str) -> None:
    """Write another revision down."""

    def work(worklist: Worklist) -> None:
        connection: Connection = worklist.connection  # type: ignore[attr-defined] # the real one has it
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")

    store.write_any(work)


def lost_in_commit(store: SqlStore, *, stands: bool) -> list[int]:
    """Break the connection within the next commit, before or after it; return how often."""
    broken: list[int] = []

    @event.listens_for(store._engines.writing, "commit")
    def committing(connection: Connection) -> None:
        if broken:
            return
        broken.append(1)
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        if stands:
            driver.commit()
        driver.close()
        raise psycopg.OperationalError("the connection is lost")

    return broken


@pytest.mark.parametrize("stands", [True, False])
def test_a_commit_without_an_answer_is_looked_up(store: SqlStore, stands: bool) -> None:
    """It stands, and is not done twice; or it does not, and is done again."""
    runs: list[int] = []
    store.write(TENANT, save("c0"))
    broken = lost_in_commit(store, stands=stands)

    def work(tx: Transaction) -> int:
        runs.append(1)
        tx.events.publish("x", "y", {}, NOON)
        return len(runs)

    assert store.write(TENANT, work) == (1 if stands else 2)
    assert len(broken) == 1
    assert store.read(TENANT, lambda tx: tx.events.latest()) == 1


def test_a_first_commit_without_an_answer_is_looked_up(url: str) -> None:
    """Also where the writer has no row yet."""
    for stands in (True, False):
        store = open_store(url)
        lost_in_commit(store, stands=stands)
        assert store.write(TENANT, save(f"c{stands}")) == f"c{stands}"
        assert stored(store, f"c{stands}") == [True]
        store.close()


def test_a_restart_loses_nothing(store: SqlStore, postgres: Server) -> None:
    """What was acknowledged is there, once; what was refused may be asked again."""
    acknowledged: list[str] = []
    refused: list[Exception] = []
    stop = threading.Event()

    def work(tx: Transaction, name: str) -> None:
        tx.conversations.save(head(conversation_id=name))
        tx.events.publish("x", name, {}, NOON)

    def client(place: int) -> None:
        number = 0
        while not stop.wait(0.001):
            name = f"c{place}-{number}"
            number += 1
            try:
                store.write(TENANT, lambda tx, n=name: work(tx, n))
                acknowledged.append(name)
            except Overloaded as error:
                refused.append(error)

    clients = [threading.Thread(target=client, args=(place,)) for place in range(4)]
    for one in clients:
        one.start()
    for _ in range(3):
        stop.wait(0.4)
        postgres.restart()
    stop.wait(0.4)
    stop.set()
    for one in clients:
        one.join(30)

    events = store.read(TENANT, lambda tx: tx.events.after(0, 100_000))
    told = [one.subject for one in events]
    assert acknowledged
    assert set(acknowledged) <= set(told)
    assert len(told) == len(set(told))
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))
    assert len(told) <= len(acknowledged) + len(refused)


def test_a_row_that_another_holds_is_waited_for_but_shortly(url: str) -> None:
    """The command is refused, and the others of its batch are done."""
    store = open_store(url, busy_timeout=0.2)
    store.write(TENANT, save("c1"))
    with connected(url, TENANT) as other:
        other.execute("SELECT 1 FROM conversations FOR UPDATE")
        futures = [store.submit(TENANT, save(name)) for name in ("c2", "c1", "c3")]
        errors = [future.exception(20) for future in futures]

    assert [type(error) for error in errors] == [type(None), Overloaded, type(None)]
    assert store.write(TENANT, save("c1")) == "c1"
    store.close()


def test_a_deadlock_is_tried_again(url: str) -> None:
    """Two writers that want each other's conversations: both get them."""
    first, second = open_store(url), open_store(url)
    for name in ("c1", "c2"):
        first.write(TENANT, save(name))
    barrier = threading.Barrier(2)

    def both(order: tuple[str, str], tx: Transaction) -> None:
        tx.conversations.head(order[0])
        with suppress(threading.BrokenBarrierError):  # in the second run
            barrier.wait(2)
        tx.conversations.head(order[1])
        tx.events.publish("x", order[0], {}, NOON)

    futures = [
        first.submit(TENANT, lambda tx: both(("c1", "c2"), tx)),
        second.submit(TENANT, lambda tx: both(("c2", "c1"), tx)),
    ]
    for future in futures:
        future.result(20)

    assert first.read(TENANT, lambda tx: tx.events.latest()) == 2
    for store in (first, second):
        store.close()


def test_tenants_crosswise_do_not_lock_each_other_out(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Chains and feeds are held last, and by everybody in one order."""
    stores = open_store(url), open_store(url)

    def work(tx: Transaction) -> None:
        tx.events.publish("x", "y", {}, NOON)
        tx.audit.append(entry(tenant=tx.tenant))

    for tenant in ("a", "b"):
        stores[0].write(tenant, work)
    for _ in range(20):
        futures = [
            store.submit(tenant, work)
            for store, tenants in zip(stores, ("ab", "ba"), strict=True)
            for tenant in tenants * 4
        ]
        for future in futures:
            future.result(20)
    told = [stores[0].read(t, lambda tx: (tx.events.latest(), tx.audit.head()[0])) for t in "ab"]
    for store in stores:
        store.close()

    assert told == [(161, 161), (161, 161)]
    assert "tried again" not in caplog.text


def test_what_cannot_be_connected_to_is_said(postgres: Server) -> None:
    """A database that is not there, a server that is not there."""
    with pytest.raises(Invalid, match="does not exist"):
        open_store(postgres.url("nowhere"))
    with pytest.raises(Invalid, match="cannot be connected to"):
        open_store("postgresql://127.0.0.1:1/x")
