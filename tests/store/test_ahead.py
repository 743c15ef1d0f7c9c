"""Conversations looked at together are told as each would have been told alone."""

from collections.abc import Callable
from concurrent.futures import wait

import pytest

from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.ports import Transaction
from handoff.store import SqlStore
from handoff.store.prepared import Prepared
from tests.factories import TENANT, head
from tests.factories import stored as told
from tests.store.commands import Held, save

Before = tuple[Head | None, StoredTurn | None]


def before(conversation: str, turn: str = "t0") -> Callable[[Transaction], Before]:
    """Return a command that looks at a conversation and a turn in it."""
    return lambda tx: tx.conversations.before(conversation, turn)


def keep(conversation: str) -> Callable[[Transaction], None]:
    """Return a command that stores a conversation with one turn, `t0`."""

    def work(tx: Transaction) -> None:
        save(conversation)(tx)
        tx.conversations.add_turns(conversation, [told("t0")])

    return work


def together(store: SqlStore, *wanted: tuple[str, str, str]) -> list[Before]:
    """Return what the commands of one batch find, each for a tenant, conversation and turn."""
    held = Held(store)
    futures = [store.submit(tenant, before(c, t), (c, t)) for tenant, c, t in wanted]
    held.release()
    return [future.result(10) for future in futures]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 33, 70])
def test_all_find_what_is_there(store: SqlStore, count: int) -> None:
    """A head with its turn, a head whose turn is new, and nothing where nothing is."""
    names = [f"c{number}" for number in range(count)]
    wait([store.submit(TENANT, keep(name)) for name in names])

    known = together(store, *((TENANT, name, "t0") for name in names))
    fresh = together(store, *((TENANT, name, "t1") for name in (*names, "nobody")))

    assert known == [(head(conversation_id=name), told("t0")) for name in names]
    assert fresh == [*((head(conversation_id=name), None) for name in names), (None, None)]


def test_each_finds_its_own_tenant_s(store: SqlStore) -> None:
    """The same id is another conversation to another tenant, and two turns of one are two."""
    store.write("a", keep("c1"))
    store.write("b", save("c1"))

    found = together(
        store, ("a", "c1", "t0"), ("b", "c1", "t0"), ("a", "c1", "t1"), ("c", "c1", "")
    )

    assert [(h is not None, t is not None) for h, t in found] == [
        (True, True),
        (True, False),
        (True, False),
        (False, False),
    ]


@pytest.mark.parametrize("through", ["save", "turn", "answer", "other"])
def test_what_the_batch_changed_is_looked_at_again(store: SqlStore, through: str) -> None:
    """A command finds what those before it in its batch did, whatever was looked at ahead."""
    store.write(TENANT, keep("c1"))
    changes: dict[str, Callable[[Transaction], object]] = {
        "save": save("c1", turns=7),
        "turn": lambda tx: tx.conversations.add_turns("c1", [told("t1", index=1)]),
        "answer": lambda tx: tx.conversations.answer("c1", "t0", {"action": "offer"}),
        "other": lambda tx: (tx.escalations, save("c1", turns=7)(tx)),
    }
    held = Held(store)
    looks = [store.submit(TENANT, before("c1", t), ("c1", t)) for t in ("t0", "t1")]
    changed = store.submit(TENANT, changes[through], ("c1", "t0"))
    again = [store.submit(TENANT, before("c1", t), ("c1", t)) for t in ("t0", "t1")]
    held.release()
    changed.result(10)

    assert [one.result(10) for one in looks] == [(head(), told("t0")), (head(), None)]
    now = [store.write(TENANT, before("c1", t)) for t in ("t0", "t1")]
    assert [one.result(10) for one in again] == now != [one.result(10) for one in looks]


def test_a_batch_looks_once(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty turns of twenty conversations: one statement reads all heads."""
    names = [f"c{number}" for number in range(20)]
    wait([store.submit(TENANT, keep(name)) for name in names])
    run: list[Prepared] = []
    rows = Prepared.rows
    monkeypatch.setattr(Prepared, "rows", lambda self, *told: run.append(self) or rows(self, *told))

    together(store, *((TENANT, name, "t1") for name in names))

    assert len(run) <= 3  # on PostgreSQL two say whose rows they are
