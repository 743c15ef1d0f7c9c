"""SQLite, PostgreSQL and a model in plain Python answer the same operations alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from handoff.domain.delivery import Clock, DeliveryState
from handoff.domain.errors import HandoffError
from handoff.domain.escalation import State
from handoff.domain.ports import Transaction, Worklist
from handoff.domain.records import EscalationFilter, Page, Presence, Remembered
from handoff.store import SqlStore, open_store
from handoff.store.side_tables import metadata
from tests.factories import NOON, delivery, entry, escalation, head, stored
from tests.store.model import Model, claimed

TENANTS = st.sampled_from(["a", "B"])
NAMES = st.sampled_from(["x1", "X1", "é", "z", "ß", "日", "_"])
"""In the order of their code points, which no language sorts them in."""
MOMENTS = st.integers(0, 90).map(lambda seconds: NOON + timedelta(seconds=seconds))
STATES = st.sampled_from([State.QUEUED, State.RESERVED, State.ACTIVE, State.CLOSED])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
Outcome = tuple[str, object]


@pytest.fixture(scope="module")
def stores(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[SqlStore, SqlStore]]:
    """Return one store of each kind; every example empties them."""
    folder: Path = tmp_path_factory.mktemp("equal")
    server = request.getfixturevalue("postgres")
    name = server.create()
    pair = open_store(f"sqlite:///{folder}/handoff.db"), open_store(server.url(name))
    yield pair
    for store in pair:
        store.close()
    server.drop(name)


def outcome(work: Callable[[], object]) -> Outcome:
    """Return what work gave, or the kind of error that it raised."""
    try:
        return "gave", work()
    except HandoffError as error:
        return "raised", type(error).__name__


class Alike(RuleBasedStateMachine):
    """Does everything three times."""

    def __init__(self, pair: tuple[SqlStore, SqlStore]) -> None:
        """Begin with nothing."""
        super().__init__()
        self.pair = pair
        self.models = {"a": Model(), "B": Model()}
        self.tokens = 0
        for store in pair:
            store.write_any(emptied)

    def check(
        self, tenant: str, work: Callable[[Transaction], object], model: Callable[[], object]
    ) -> Outcome:
        """Check that a command gives the same everywhere."""
        expected = outcome(model)
        for store in self.pair:
            assert outcome(lambda s=store: s.write(tenant, work)) == expected
        return expected

    def look(self, tenant: str, work: Callable[[Transaction], object], expected: object) -> None:
        """Check that a look shows the same everywhere."""
        for store in self.pair:
            assert store.read(tenant, work) == expected

    @rule(tenant=TENANTS, conversation=NAMES, turn_id=NAMES, text=TEXTS)
    def say(self, tenant: str, conversation: str, turn_id: str, text: str) -> None:
        """Take a turn, as the service does: known ones are told back."""

        def work(tx: Transaction) -> tuple[str, int]:
            before, known = tx.conversations.before(conversation, turn_id)
            now = before or head(tenant=tenant, conversation_id=conversation)
            if known is not None:
                return known.turn.text, now.turns
            tx.conversations.save(now.evolve(turns=now.turns + 1))
            tx.conversations.add_turns(conversation, [stored(turn_id, text)])
            return text, now.turns + 1

        self.check(tenant, work, lambda: self.models[tenant].say(conversation, turn_id, text))
        turns = list(self.models[tenant].turns[conversation].items())
        self.look(
            tenant,
            lambda tx: [
                (t.turn.turn_id, t.turn.text) for t in tx.conversations.turns(conversation)
            ],
            turns,
        )

    @rule(tenant=TENANTS, conversation=NAMES, name=NAMES, at=MOMENTS, queue=NAMES)
    def open(self, tenant: str, conversation: str, name: str, at: object, queue: str) -> None:
        """Open an escalation; one that fails leaves nothing behind."""
        told = {"escalation_id": name, "conversation_id": conversation}
        fresh = escalation(tenant=tenant, opened_at=at, queue=queue, **told)

        def work(tx: Transaction) -> None:
            if tx.conversations.head(conversation) is None:
                tx.conversations.save(head(tenant=tenant, conversation_id=conversation))
            tx.escalations.add(fresh)

        known = conversation in self.models[tenant].turns
        kind, _ = self.check(tenant, work, lambda: self.models[tenant].open(fresh))
        if kind == "raised" and not known:
            del self.models[tenant].turns[conversation]

    @rule(tenant=TENANTS, name=NAMES, behind=st.integers(0, 1), state=STATES)
    def move(self, tenant: str, name: str, behind: int, state: State) -> None:
        """Change an escalation that was read lately, or before somebody else changed it."""
        known = self.models[tenant].escalations.get(name)
        version = known.version - behind if known else 1

        def work(tx: Transaction) -> object:
            found = tx.escalations.get(name)
            if found is None:
                return None
            after = replace(found, version=version + 1, state=state)
            tx.escalations.save(after)
            return after

        self.check(tenant, work, lambda: self.models[tenant].move(name, version, state))

    @rule(tenant=TENANTS, of=NAMES, name=NAMES, at=MOMENTS, live=st.booleans(), event=NAMES)
    def post(self, tenant: str, of: str, name: str, at: object, live: bool, event: str) -> None:
        """Put a delivery into the outbox."""
        clock = Clock.LIVE if live else Clock.RECORD
        told = {"escalation_id": of, "delivery_id": f"{tenant}{name}", "event": event}
        fresh = delivery(tenant=tenant, created_at=at, due_at=at, clock=clock, **told)

        self.check(
            tenant, lambda tx: tx.deliveries.add(fresh), lambda: self.models[tenant].post(fresh)
        )

    @rule(at=MOMENTS, limit=st.integers(1, 3))
    def claim(self, at: object, limit: int) -> None:
        """Claim what is due over all tenants."""
        self.tokens += 1
        token = f"t{self.tokens}"
        expected = claimed(self.models.values(), at, limit, token)  # type: ignore[arg-type] # a moment

        for store in self.pair:
            taken = store.write_any(lambda work: work.claim_deliveries(at, limit, lambda: token))  # type: ignore[arg-type] # a moment
            assert [(one.tenant, one.delivery_id, one.state) for one in taken] == expected

    @rule(tenant=TENANTS, name=NAMES, age=st.integers(0, 2))
    def settle(self, tenant: str, name: str, age: int) -> None:
        """Settle a delivery with the token of one of the last claims."""
        key, token = f"{tenant}{name}", f"t{self.tokens - age}"

        def work(tx: Transaction) -> bool:
            found = tx.deliveries.get(key)
            if found is None:
                return False
            done = replace(
                found, state=DeliveryState.CONFIRMED, attempt_token=None, lease_until=None
            )
            return tx.deliveries.settle(done, token)

        self.check(tenant, work, lambda: self.models[tenant].settle(key, token))

    @rule(tenant=TENANTS, key=NAMES, status=st.integers(200, 204))
    def answer(self, tenant: str, key: str, status: int) -> None:
        """Answer a request once under its key."""

        def work(tx: Transaction) -> int:
            known = tx.idempotency.get("p", "r", key)
            if known is None:
                tx.idempotency.put("p", "r", key, Remembered("f", status, {"s": status}), NOON)
            return known.status if known else status

        self.check(tenant, work, lambda: self.models[tenant].answers.setdefault(key, status))

    @rule(tenant=TENANTS, subject=NAMES, fails=st.booleans())
    def tell(self, tenant: str, subject: str, fails: bool) -> None:
        """Publish an event and audit it; where the command fails, neither happened."""
        model = self.models[tenant]

        def work(tx: Transaction) -> int:
            tx.events.publish("x", subject, {}, NOON)
            tx.audit.append(entry(tenant=tenant, subject=subject))
            tx.access.set_presence(Presence(subject, "free", NOON))
            if fails:
                raise HandoffError
            return tx.events.latest()

        def expected() -> int:
            if fails:
                raise HandoffError
            model.events.append(subject)
            return len(model.events)

        self.check(tenant, work, expected)
        told = [(n, one) for n, one in enumerate(model.events, 1)]
        self.look(
            tenant, lambda tx: [(e.sequence, e.subject) for e in tx.events.after(0, 99)], told
        )
        self.look(tenant, lambda tx: tx.audit.head()[0], len(told))
        free = sorted(set(model.events))
        self.look(tenant, lambda tx: [one.human for one in tx.access.presences()], free)

    @rule(tenant=TENANTS, event=NAMES)
    def hear(self, tenant: str, event: str) -> None:
        """Recognise a callback that was heard before."""
        seen = self.models[tenant].seen
        first = event not in seen
        seen.add(event)

        self.check(tenant, lambda tx: tx.access.first_time("s", event, NOON), lambda: first)

    @rule(tenant=TENANTS, size=st.integers(1, 3))
    def list(self, tenant: str, size: int) -> None:
        """Turn the pages of a listing, and count what waits."""

        def pages(tx: Transaction) -> list[str]:
            found: list[str] = []
            page = Page(size)
            while True:
                some = tx.escalations.list(EscalationFilter(), page)
                found += [one.escalation_id for one in some.items]
                if some.cursor is None:
                    return found
                page = Page(size, some.cursor)

        self.look(tenant, pages, self.models[tenant].listed())
        self.look(tenant, lambda tx: tx.escalations.waiting(), self.models[tenant].waiting())


def emptied(work: Worklist) -> None:
    """Delete every row."""
    for table in reversed(metadata.sorted_tables):
        work.connection.execute(table.delete())  # type: ignore[attr-defined] # the real one has it


def test_both_databases_answer_like_the_model(stores: tuple[SqlStore, SqlStore]) -> None:
    """Whatever the order of operations, and whichever of them fail."""
    run_state_machine_as_test(
        lambda: Alike(stores),
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
