"""Two services on one PostgreSQL: whatever they are asked at once, there is one answer to it.

Each has a store of its own, with a writer of its own: to the database they are two processes.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count, pairwise
from typing import TypeVar

import pytest

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.errors import Conflict
from handoff.domain.escalation import State
from handoff.domain.ports import Transaction
from handoff.domain.records import EscalationFilter, Page
from handoff.domain.webhooks import MOST, StoredWebhook
from handoff.services import webhooks
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.services.observe import Told
from handoff.services.once import Answer, Request, once
from handoff.services.respond import claim
from handoff.store import open_store
from tests import fakes
from tests.factories import NOON
from tests.services.conftest import TENANT, escalated, say

R = TypeVar("R")
ROUNDS = 25
ANN = Actor(ActorKind.HUMAN, "ann")


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[Deps, Deps]]:
    """Return two compositions over one database, with ids of their own."""
    stores = open_store(postgres_url), open_store(postgres_url)
    numbers = count(1)
    made = [fakes.deps(store) for store in stores]
    for deps in made:
        object.__setattr__(deps, "new_id", lambda prefix: f"{prefix}_{next(numbers):05d}")
    yield made[0], made[1]
    for store in stores:
        store.close()


def at_once(*work: Callable[[], R]) -> list[R | Exception]:
    """Return what each work gave or raised, all of them begun at the same moment."""
    ended: dict[int, R | Exception] = {}
    barrier = threading.Barrier(len(work))

    def run(place: int) -> None:
        barrier.wait(10)
        try:
            ended[place] = work[place]()
        except Exception as error:  # noqa: BLE001 # it is what the test is about
            ended[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [ended[place] for place in range(len(work))]


def claiming(deps: Deps, escalation_id: str, human: str) -> Callable[[], str | None]:
    """Return what claims an escalation for a human."""

    def work(tx: Transaction) -> str | None:
        by = Actor(ActorKind.HUMAN, human)
        escalation = found(tx, escalation_id)
        return claim(tx, deps, escalation, human, by=by, at=deps.clock()).owner

    return lambda: deps.store.write(TENANT, work)


def assert_chained(deps: Deps) -> None:
    """Check that the audit trail has no gap and the feed neither."""
    entries = deps.store.read(TENANT, lambda tx: tx.audit.list(Page(500))).items
    assert all(a.entry_hash == b.previous_hash for a, b in pairwise(entries))
    assert [one.sequence for one in entries] == list(range(1, len(entries) + 1))
    events = deps.store.read(TENANT, lambda tx: tx.events.after(0, 500))
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))


def test_an_escalation_has_one_owner(pair: tuple[Deps, Deps]) -> None:
    """Of eight claims at once one succeeds, every time; the others are refused."""
    for number in range(ROUNDS):
        escalation_id = escalated(pair[0], f"c{number}")
        ended = at_once(
            *(claiming(pair[n % 2], escalation_id, f"human{n}") for n in range(8)),
        )

        owners = [one for one in ended if isinstance(one, str)]
        refused = [one for one in ended if isinstance(one, Conflict)]
        kept = pair[1].store.read(TENANT, lambda tx, e=escalation_id: tx.escalations.get(e))
        assert (len(owners), len(refused)) == (1, 7), ended
        assert kept is not None
        assert kept.owner == owners[0]
    assert_chained(pair[0])


def test_a_conversation_has_one_open_escalation(pair: tuple[Deps, Deps]) -> None:
    """Both hear a cry for a person in the same new conversation: one opens it, one adds to it."""
    for number in range(ROUNDS):
        cry = [
            lambda n=n, name=f"c{number}": say(
                pair[n % 2], "customer", "I want a human", turn_id=f"t{n}", conversation=name
            )
            for n in range(4)
        ]
        ended = at_once(*cry)
        assert not [one for one in ended if isinstance(one, Exception)], ended

    opened = pair[0].store.read(
        TENANT, lambda tx: tx.escalations.list(EscalationFilter(), Page(500))
    )
    per = Counter(one.conversation_id for one in opened.items)
    assert set(per.values()) == {1}
    assert len(per) == ROUNDS
    assert_chained(pair[1])


@pytest.mark.parametrize("copies", [1, 2])
def test_no_turn_is_lost_or_counted_twice(pair: tuple[Deps, Deps], copies: int) -> None:
    """Sixteen turns of one conversation at once, sent to one or to both: stored, counted once."""
    for number in range(ROUNDS // 3):
        name = f"c{number}"
        sends = [
            lambda n=n, name=name: say(
                pair[n % 2],
                "customer",
                f"fact {n // copies}",
                turn_id=f"t{n // copies}",
                conversation=name,
            )
            for n in range(16 * copies)
        ]
        ended = at_once(*sends)

        assert not [one for one in ended if isinstance(one, Exception)], ended
        replayed = sum(one.replayed for one in ended if not isinstance(one, Exception))
        assert replayed == 16 * (copies - 1)
        head = pair[0].store.read(TENANT, lambda tx, c=name: tx.conversations.head(c))
        turns = pair[1].store.read(TENANT, lambda tx, c=name: tx.conversations.turns(c))
        assert head is not None
        assert (head.turns, head.next_index, len(turns)) == (16, 16, 16)
        assert sorted(one.turn.index or 0 for one in turns) == list(range(16))


def test_a_key_has_one_effect(pair: tuple[Deps, Deps]) -> None:
    """The same request at both under one Idempotency-Key: done once, answered alike."""
    for number in range(ROUNDS):
        request = Request("bot", "POST x", f"k{number}", "f")

        def work(tx: Transaction, request: Request = request, deps: Deps = pair[0]) -> Answer:
            def effect() -> Answer:
                tx.events.publish("x", request.key, {}, NOON)
                return Answer(200, {"n": threading.get_ident()})

            return once(tx, request, NOON, effect)

        ended = at_once(*(lambda d=d: d.store.write(TENANT, work) for d in (*pair, *pair)))

        answers = [one for one in ended if isinstance(one, Answer)]
        assert len(answers) == 4, ended
        assert len({str(one.body) for one in answers}) == 1
        assert [one.replayed for one in answers].count(False) == 1
    assert_chained(pair[0])


def test_a_delivery_is_claimed_by_one(pair: tuple[Deps, Deps]) -> None:
    """Both engines take what is due: each delivery goes to one of them, all are taken."""
    connectors = {f"c{n}": fakes.Recorder() for n in range(3)}
    for deps in pair:
        object.__setattr__(deps, "connectors", {"desk": fakes.Recorder(), **connectors})
    for number in range(30):
        escalated(pair[0], f"c{number}")
    at = pair[0].clock()
    tokens = count()

    def take(deps: Deps) -> list[str]:
        taken: list[str] = []
        while True:
            some = deps.store.write_any(
                lambda work: work.claim_deliveries(at, 4, lambda: f"t{next(tokens)}")
            )
            if not some:
                return taken
            taken += [one.delivery_id for one in some]

    ended = at_once(*(lambda d=d: take(d) for d in (*pair, *pair)))

    taken = [one for each in ended if isinstance(each, list) for one in each]
    assert not [one for one in ended if isinstance(one, Exception)], ended
    assert len(taken) == len(set(taken))
    left = pair[0].store.read_any(lambda work: work.counts())
    assert left["deliveries_pending"] == 0
    assert left["deliveries_sending"] == len(taken) > 0


def test_what_one_wrote_the_other_reads(pair: tuple[Deps, Deps]) -> None:
    """As soon as it was answered."""
    for number in range(10):
        escalation_id = escalated(pair[number % 2], f"c{number}")
        other = pair[1 - number % 2].store

        kept = other.read(TENANT, lambda tx, e=escalation_id: tx.escalations.get(e))
        assert kept is not None
        assert kept.state is State.QUEUED


def test_slots_of_an_incident_are_given_once(pair: tuple[Deps, Deps]) -> None:
    """Masses at both at once: no more than its queue takes are let in at the same time."""
    told = Told(job="refund")

    def cry(deps: Deps, name: str) -> object:
        fields = {"tool_call": {"name": "pay", "ok": False}}
        for number in range(4):
            say(
                deps,
                "tool",
                turn_id=f"{name}-{number}",
                conversation=name,
                told=told,
                **fields,
            )
        return None

    for first in range(0, 40, 8):
        ended = at_once(
            *(lambda n=n: cry(pair[n % 2], f"c{n}") for n in range(first, first + 8)),
        )
        assert not [one for one in ended if isinstance(one, Exception)], ended

    incidents = pair[0].store.read(
        TENANT, lambda tx: tx.incidents.list(still_open=True, page=Page())
    )
    opened = (
        pair[0]
        .store.read(TENANT, lambda tx: tx.escalations.list(EscalationFilter(), Page(500)))
        .items
    )
    assert len({one.cause for one in incidents.items}) == len(incidents.items)
    for incident in incidents.items:
        of_it = [one for one in opened if one.incident_id == incident.incident_id]
        assert incident.escalations == len(of_it)
    assert_chained(pair[0])


def registering(deps: Deps, name: str) -> Callable[[], object]:
    """Return what registers a webhook."""
    new = fakes.webhook(name, deps.webhooks.box, NOON)
    return lambda: deps.store.write(
        TENANT, lambda tx: webhooks.register(tx, new, by=ANN, at=NOON).webhook_id
    )


def test_a_webhook_changed_and_rotated_at_once_is_both(pair: tuple[Deps, Deps]) -> None:
    """The secret that was told is the one that signs, whoever else writes the webhook."""
    hour, told = timedelta(hours=1), {"description": "crm"}
    rotates, changes = (
        partial(call, by=ANN, at=NOON) for call in (webhooks.rotate, webhooks.change)
    )
    for name in (f"wh_{number}" for number in range(ROUNDS)):
        registering(pair[0], name)()
        works: tuple[Callable[[Transaction], StoredWebhook], ...] = (
            lambda tx, n=name: rotates(tx, pair[0].webhooks.box, n, hour),
            lambda tx, n=name: changes(tx, n, told),
        )
        rotated, _ = at_once(
            *(partial(pair[n].store.write, TENANT, work) for n, work in enumerate(works))
        )
        kept = pair[1].store.read(TENANT, lambda tx, n=name: tx.webhooks.get(n))
        assert isinstance(rotated, StoredWebhook)
        assert kept == replace(rotated, description="crm")


def test_no_more_webhooks_than_allowed_are_registered_at_once(pair: tuple[Deps, Deps]) -> None:
    """Of eight that come for the last place one gets it."""
    for number in range(MOST - 1):
        registering(pair[0], f"wh_{number}")()

    ended = at_once(*(registering(pair[n % 2], f"wh_last_{n}") for n in range(8)))

    assert [type(one) for one in ended].count(Conflict) == 7
    assert pair[1].store.read(TENANT, lambda tx: tx.webhooks.count()) == MOST
