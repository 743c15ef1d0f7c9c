"""What humans ask again is held against the card that they have; ratings replace each other."""

import pytest

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.card_use import Rating
from handoff.domain.errors import Invalid, NotFound
from handoff.domain.ports import Transaction
from handoff.services.card_use import rate_card, restart_rows
from handoff.services.deps import Deps
from handoff.services.moving import found
from handoff.services.observe import Told
from handoff.services.respond import claim
from handoff.services.speak import speak
from tests.services.conftest import ANN, TENANT, escalated, say

BOB = Actor(ActorKind.HUMAN, "bob")
ABOUT = Told(job="returns", channel="chat")


def taken(deps: Deps, conversation: str = "c1") -> str:
    """Open an escalation on a conversation with an order number, and let Ann take it."""
    said = {"slots": {"order_id": "XK4711"}}
    say(deps, "customer", "My order XK4711 is late.", conversation=conversation, told=ABOUT, **said)
    escalation = escalated(deps, conversation, ABOUT)

    def work(tx: Transaction) -> None:
        claim(tx, deps, found(tx, escalation), "ann", by=ANN, at=deps.clock())

    deps.store.write(TENANT, work)
    return escalation


def asked(deps: Deps, escalation: str) -> list[tuple[str, ...]]:
    """Return what each of the human's turns asked for again."""
    heard = deps.store.read(TENANT, lambda tx: tx.card_uses.heard(escalation))
    return [turn.asked for turn in heard]


def rate(deps: Deps, escalation: str, by: Actor = ANN, **over: object) -> Rating:
    """Rate a card."""
    told = {"useful": True, "claim": None, "version": None, **over}

    def work(tx: Transaction) -> Rating:
        it = found(tx, escalation)
        return rate_card(tx, it, by=by, at=deps.clock(), **told)  # type: ignore[arg-type] # told by name

    return deps.store.write(TENANT, work)


def row(deps: Deps) -> dict[str, object]:
    """Return the report's only row."""
    [only] = deps.store.read(TENANT, lambda tx: restart_rows(tx, None, None))
    return dict(only)


def test_a_question_that_the_card_answers_is_counted(deps: Deps) -> None:
    """By a human's turn from their runtime, and by a message from the desk."""
    escalation = taken(deps)

    say(deps, "human", "What is your order number?")
    deps.store.write(
        TENANT,
        lambda tx: speak(
            tx, deps, found(tx, escalation), "m1", "I am on it.", by=ANN, at=deps.clock()
        ),
    )

    assert asked(deps, escalation) == [("order id",), ()]
    counted = row(deps)
    assert (counted["job"], counted["queue"]) == ("returns", "general")
    assert (counted["accepted"], counted["seen"], counted["restarted"]) == (1, 1, 1)
    assert (counted["restart_rate"], counted["most_asked"]) == (1.0, "order id")


def test_where_no_human_turn_is_seen_nothing_is_known(deps: Deps) -> None:
    """That is not 0."""
    taken(deps)

    counted = row(deps)

    assert (counted["accepted"], counted["seen"]) == (1, 0)
    assert counted["restarted"] is counted["restart_rate"] is counted["asked_again"] is None


def test_a_repeated_and_a_revised_turn_count_once(deps: Deps) -> None:
    """The latest words of a turn are what counts."""
    escalation = taken(deps)
    for _ in range(2):
        say(deps, "human", "What is your order number?", turn_id="h1")
    say(deps, "human", "What is your order worth?", turn_id="h1", revision=1)

    assert asked(deps, escalation) == [()]


def test_customers_and_other_tenants_count_for_nothing(deps: Deps) -> None:
    """Only who accepted it asks."""
    escalation = taken(deps)

    say(deps, "customer", "What is your order number?")

    assert asked(deps, escalation) == []
    assert deps.store.read("other", lambda tx: tx.card_uses.heard(escalation)) == ()
    assert deps.store.read("other", lambda tx: restart_rows(tx, None, None)) == []


def test_a_rating_replaces_the_one_before(deps: Deps) -> None:
    """By person and card version; the same again changes nothing and is on record once."""
    escalation = taken(deps)
    for useful in (True, False, False):
        rate(deps, escalation, useful=useful, claim=None if useful else "order id")
    rate(deps, escalation, by=BOB)

    ratings = deps.store.read(TENANT, lambda tx: tx.card_uses.ratings(escalation))
    entries = deps.store.read(TENANT, lambda tx: tx.audit.of(escalation))
    counted = row(deps)

    assert [(one.by, one.useful, one.claim) for one in ratings] == [
        ("ann", False, "order id"),
        ("bob", True, None),
    ]
    assert [chained.entry.action for chained in entries].count("rated") == 3
    assert (counted["useful"], counted["not_useful"], counted["most_wrong"]) == (1, 1, "order id")


def test_only_what_is_there_can_be_rated(deps: Deps) -> None:
    """A version that was never made, a claim that the card does not have."""
    escalation = taken(deps)

    with pytest.raises(NotFound):
        rate(deps, escalation, version=9)
    with pytest.raises(Invalid):
        rate(deps, escalation, claim="shoe size")
