"""The feed, kept answers, keys, logins, presence, callbacks and policies."""

from datetime import timedelta

import pytest

from handoff.domain.errors import Conflict
from handoff.domain.policies import Activation, StoredPolicy
from handoff.domain.records import Event, Page, Presence, Remembered
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, api_key, session


def test_events_are_numbered_per_tenant(store: SqlStore) -> None:
    """Each feed counts from one, without gaps."""
    for subject in ("e1", "e2"):
        data = {"state": "queued"}
        store.write(
            TENANT,
            lambda tx, s=subject, d=data: tx.events.publish("escalation", s, d, NOON),
        )
    store.write("other", lambda tx: tx.events.publish("delivery", "d1", {}, NOON))

    feed = store.read(TENANT, lambda tx: tx.events.after(0, 10))

    assert feed == (
        Event(1, "escalation", "e1", {"state": "queued"}, NOON),
        Event(2, "escalation", "e2", {"state": "queued"}, NOON),
    )
    assert store.read(TENANT, lambda tx: tx.events.after(1, 1)) == feed[1:]
    assert store.read(TENANT, lambda tx: tx.events.latest()) == 2
    assert store.read("other", lambda tx: tx.events.latest()) == 1
    assert store.read("nobody", lambda tx: tx.events.latest()) == 0


@pytest.mark.parametrize("body", [None, {"id": "e1"}, [1, "a"], "text"])
def test_an_answer_is_kept_with_its_key(store: SqlStore, body: object) -> None:
    """Whatever JSON it is; another principal, route or key finds nothing."""
    answer = Remembered("f1", 201, body)  # type: ignore[arg-type] # parametrized JSON

    store.write(TENANT, lambda tx: tx.idempotency.put("k1", "POST x", "a", answer, NOON))

    def kept(principal: str, route: str, key: str, tenant: str = TENANT) -> Remembered | None:
        return store.read(tenant, lambda tx: tx.idempotency.get(principal, route, key))

    assert kept("k1", "POST x", "a") == answer
    assert [
        kept("k2", "POST x", "a"),
        kept("k1", "POST y", "a"),
        kept("k1", "POST x", "b"),
        kept("k1", "POST x", "a", "other"),
    ] == [None] * 4


def test_a_key_has_one_answer(store: SqlStore) -> None:
    """The first stands."""
    put = lambda tx: tx.idempotency.put("k", "r", "a", Remembered("f", 200, {}), NOON)  # noqa: E731 # used twice
    store.write(TENANT, put)

    with pytest.raises(Conflict):
        store.write(TENANT, put)


def test_a_key_is_revoked_once(store: SqlStore) -> None:
    """By its own tenant only."""
    store.write(TENANT, lambda tx: tx.access.add_key(api_key()))

    foreign = store.write("other", lambda tx: tx.access.revoke_key("k1", NOON))
    first = store.write(TENANT, lambda tx: tx.access.revoke_key("k1", NOON))
    again = store.write(TENANT, lambda tx: tx.access.revoke_key("k1", NOON))

    assert (foreign, first, again) == (False, True, False)
    assert store.read(TENANT, lambda tx: tx.access.keys()) == (api_key(revoked_at=NOON),)


def test_a_key_id_is_unique_over_all_tenants(store: SqlStore) -> None:
    """It alone says whose a key is."""
    store.write(TENANT, lambda tx: tx.access.add_key(api_key()))

    with pytest.raises(Conflict):
        store.write("other", lambda tx: tx.access.add_key(api_key(tenant="other")))


def test_a_login_ends(store: SqlStore) -> None:
    """By its own tenant only."""
    store.write(TENANT, lambda tx: tx.access.add_session(session(one_time=True)))

    store.write("other", lambda tx: tx.access.drop_session("70c3"))
    kept = store.read_any(lambda work: work.session("70c3"))
    store.write(TENANT, lambda tx: tx.access.drop_session("70c3"))

    assert kept == session(one_time=True)
    assert store.read_any(lambda work: work.session("70c3")) is None


def test_presence_is_the_last_word(store: SqlStore) -> None:
    """One row per human, by name."""
    later = NOON + timedelta(minutes=1)
    for presence in (
        Presence("bob", "away", NOON),
        Presence("ann", "available", NOON),
        Presence("bob", "available", later),
    ):
        store.write(TENANT, lambda tx, p=presence: tx.access.set_presence(p))

    assert store.read(TENANT, lambda tx: tx.access.presences()) == (
        Presence("ann", "available", NOON),
        Presence("bob", "available", later),
    )


def test_a_callback_is_taken_once(store: SqlStore) -> None:
    """Per tenant and source."""
    seen = [
        store.write(tenant, lambda tx, s=source: tx.access.first_time(s, "ev1", NOON))
        for tenant, source in ((TENANT, "hook"), (TENANT, "hook"), (TENANT, "b"), ("c", "hook"))
    ]

    assert seen == [True, False, True, True]


def test_versions_are_listed_without_their_text(store: SqlStore) -> None:
    """The one added last first, page by page; the text comes with the version alone."""
    stored = [
        StoredPolicy(version, "p", "text", NOON + timedelta(seconds=n), "ann")
        for n, version in enumerate("abc")
    ]
    for policy in stored:
        store.write(TENANT, lambda tx, p=policy: tx.policies.add(p))

    first = store.read(TENANT, lambda tx: tx.policies.list(Page(2)))
    rest = store.read(TENANT, lambda tx: tx.policies.list(Page(2, first.cursor)))

    assert [one.version for one in (*first.items, *rest.items)] == ["c", "b", "a"]
    assert {one.text for one in first.items} == {""}
    assert store.read(TENANT, lambda tx: tx.policies.get("b")) == stored[1]
    assert store.read("other", lambda tx: tx.policies.get("b")) is None


def test_the_newest_activation_is_in_force(store: SqlStore) -> None:
    """Per tenant; the history only grows, and names only versions that are there."""
    for tenant in (TENANT, "other"):
        store.write(tenant, lambda tx: tx.policies.add(StoredPolicy("a", "p", "", NOON, "ann")))
    made = [Activation(n, "a", NOON, "ann", "why", back=n == 2) for n in (1, 2)]
    for one in made:
        store.write(TENANT, lambda tx, m=one: tx.policies.activate(m))
    store.write("other", lambda tx: tx.policies.activate(made[0]))

    assert store.read_any(lambda work: work.policies_in_force()) == {
        TENANT: made[1],
        "other": made[0],
    }
    assert store.read(TENANT, lambda tx: tx.policies.history()) == tuple(made)
    for wrong in (made[1], Activation(3, "b", NOON, "ann", "why")):
        with pytest.raises(Conflict):
            store.write(TENANT, lambda tx, w=wrong: tx.policies.activate(w))
