"""What lies by months beside services of the version before, other roles, and many months."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest
from psycopg import sql
from sqlalchemy import Connection, make_url, text

from handoff.domain.card_use import Heard
from handoff.domain.conversation import month_of
from handoff.domain.errors import Conflict
from handoff.domain.ports import Transaction
from handoff.domain.retention import Retention
from handoff.services.retention import keep_house
from handoff.store import SqlStore, migrate, open_store, partitions
from tests.factories import NOON, TENANT, card, escalation, head, put, stored
from tests.postgres import Server
from tests.store.test_ahead import together
from tests.store.test_partitions import began, lies_in, made
from tests.store.test_postgres import connected


@pytest.fixture
def kind() -> str:
    """Return that it is PostgreSQL, for every test here."""
    return "postgresql"


def of(tx: Transaction) -> Connection:
    """Return the connection of a tenant's transaction, with what is pending written."""
    connection: Connection = tx.reports._connection  # type: ignore[attr-defined] # the real one has it
    return connection


OLDER_TURN = (
    "INSERT INTO turns (tenant, conversation_id, turn_id, position, turn, fingerprint, stored_at,"
    " after_handoff, answer) VALUES (%s, 'c1', 't0', 0,"
    ' \'{"turn_id":"t0","role":"customer"}\', \'\', 0, false, \'{}\')'
)


def test_what_an_older_service_adds_lies_with_the_rest(store: SqlStore, url: str) -> None:
    """A turn of a conversation that this version began: it is found there, and stored once."""
    store.write(TENANT, lambda tx: put(tx, escalation()))
    store.write(TENANT, lambda tx: tx.escalations.add_card(card(), NOON))
    with connected(url, TENANT) as older:
        older.execute(OLDER_TURN, (TENANT,))
        older.execute(
            "INSERT INTO cards (tenant, escalation_id, card_version, made_at, body)"
            " SELECT tenant, escalation_id, 7, made_at, body FROM cards LIMIT 1"
        )
        older.commit()

    assert store.read(TENANT, lambda tx: tx.conversations.before("c1", "t0")[1]) is not None
    assert store.read(TENANT, lambda tx: tx.escalations.card("e1", 7)) is not None
    with pytest.raises(Conflict):
        store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored("t0")]))


def test_what_an_older_service_opens_is_of_its_conversation_s_month(
    store: SqlStore, url: str
) -> None:
    """Its card lies where the month of the escalation says."""
    store.write(TENANT, lambda tx: put(tx, escalation()))
    with connected(url, TENANT) as older:
        older.execute("UPDATE escalations SET state = 'closed'")
        names = [
            row[0]
            for row in older.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = 'escalations'"
                " AND column_name NOT IN ('month', 'escalation_id')"
            )
        ]
        listed = ", ".join(names)
        older.execute(
            f"INSERT INTO escalations (escalation_id, {listed})"  # type: ignore[arg-type] # of the catalogue
            f" SELECT 'e2', {listed} FROM escalations WHERE escalation_id = 'e1'"
        )
        months_ = older.execute("SELECT DISTINCT month FROM escalations").fetchall()

    assert months_ == [(month_of(NOON),)]


LOOKS: list[tuple[Callable[[Transaction], object], str]] = [
    (lambda tx: tx.conversations.before("c1", "t0"), "turns"),
    (lambda tx: tx.conversations.turns("c1"), "turns"),
    (lambda tx: tx.conversations.tool_at("c1", 0), "turns"),
    (lambda tx: tx.conversations.answer("c1", "t0", {}), "turns"),
    (lambda tx: tx.escalations.card("e1"), "cards"),
    (lambda tx: tx.escalations.card("e1", 1), "cards"),
    (lambda tx: tx.escalations.card_versions("e1"), "cards"),
    (lambda tx: tx.escalations.replace_card(card()), "cards"),
    (lambda tx: tx.card_uses.heard("e1"), "human_turns"),
    (lambda tx: tx.card_uses.ratings("e1"), "card_ratings"),
    (lambda tx: tx.card_uses.hear(Heard("e1", "t9", 1, 1, NOON)), "human_turns"),
    (lambda tx: tuple(tx.card_uses.uses(None, None)), "human_turns"),
]


@pytest.mark.parametrize(("look", "table"), LOOKS)
def test_a_look_goes_into_one_partition(
    store: SqlStore, look: Callable[[Transaction], object], table: str
) -> None:
    """However many there are: the database counts what each transaction scans."""
    made_for = [datetime(2026, month, 1, tzinfo=UTC) for month in (2, 5)]
    for at in made_for:
        while made(store, at):
            pass
    store.write(TENANT, lambda tx: put(tx, escalation(accepted_at=NOON)))
    scanned = text(
        "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan + idx_scan > 0"
        f" AND relname LIKE '{table}\\_%'"
    )

    def work(tx: Transaction) -> list[str]:
        before = set(of(tx).execute(scanned).scalars())
        look(tx)
        return sorted(set(of(tx).execute(scanned).scalars()) - before)

    assert store.write(TENANT, work) in ([], [f"{table}_{month_of(NOON)}"])


def test_more_than_can_be_moved_stays_where_it_is(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could write meanwhile: it is found there as well, and other months are made."""
    monkeypatch.setattr(partitions, "MOVED", 0)
    far = datetime(2031, 5, 1, tzinfo=UTC)
    store.write(TENANT, lambda tx: tx.conversations.save(began(far)))
    store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored()]))

    names = {one.name for one in made(store, far)}

    assert lies_in(store, "turns") == {"turns_other"}
    assert ("turns_203105" in names, "turns_203106" in names) == (False, True)
    assert store.read(TENANT, lambda tx: len(tx.conversations.turns("c1"))) == 1


def test_another_role_s_tables_are_left_as_they_are(postgres: Server, empty_url: str) -> None:
    """What is old goes bit by bit then; nothing fails."""
    migrate(empty_url)
    database = str(make_url(empty_url).database)
    postgres.run(
        sql.SQL(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'guest') THEN"
            " CREATE ROLE guest LOGIN; END IF; END $$; GRANT ALL ON ALL TABLES IN SCHEMA public"
            " TO guest; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guest"
        ),
        database,
    )
    with closing(open_store(postgres.url(database, "guest"))) as store:
        far = datetime(2031, 5, 1, tzinfo=UTC)
        store.write(TENANT, lambda tx: put(tx, escalation()))
        store.write(TENANT, lambda tx: tx.conversations.add_turns("c1", [stored()]))
        store.write(TENANT, lambda tx: tx.conversations.save(head()))

        gone = keep_house(store, Retention(months=6), far)

        assert (gone["partitions_made"], gone["months"]) == (0, 0)


def test_conversations_of_many_months_are_looked_at_together(store: SqlStore) -> None:
    """Each turn is found in the month of its conversation."""
    names = [f"c{number}" for number in range(1, 7)]
    for number, name in enumerate(names):
        at = datetime(2026, 1 + number, 1, tzinfo=UTC)
        store.write(TENANT, lambda tx, n=name, a=at: tx.conversations.save(began(a, n)))
        store.write(TENANT, lambda tx, n=name: tx.conversations.add_turns(n, [stored()]))

    found = together(store, *((TENANT, name, "t0") for name in names))

    assert [turn is not None for _, turn in found] == [True] * 6
