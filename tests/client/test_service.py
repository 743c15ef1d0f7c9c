"""The client against the real service: every call it has, and the errors it tells apart."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handoff.bootstrap import Service, build
from handoff.cli.stage import new_key, on_loopback, own_settings
from handoff.client import (
    Client,
    ControlLost,
    Forbidden,
    IllegalMove,
    KeyReused,
    NotFound,
    Refused,
    StaleVersion,
    TurnConflict,
    Unauthenticated,
)
from handoff.domain.audit import first_break
from handoff.domain.records import Scope
from tests.receiver import Receiver

ASK = {"turn_id": "t1", "role": "customer", "text": "I want to talk to a human"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run the whole service on loopback, which it may also call."""
    folder: Path = tmp_path_factory.mktemp("service")

    def built(port: int) -> Service:
        return build(own_settings(folder, port=port, allow_loopback=True))

    with on_loopback(built) as running:
        yield running


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    """Return a client that may do everything, as ann."""
    key = new_key(service, "ann", Scope.RUNTIME, Scope.AGENT, Scope.SUPERVISOR)
    with Client(service.deps.base_url, key) as made:
        yield made


def opened(client: Client, conversation: str) -> str:
    """Return the escalation of a conversation whose customer asks for a person."""
    answer = client.turn(conversation, ASK)
    assert answer.escalation is not None
    return answer.escalation.escalation_id


def test_a_turn_escalates_and_comes_with_its_card(client: Client) -> None:
    """The answer is typed: decision, evidence, floor, escalation, card."""
    answer = client.turn("turn", ASK, job="order_status", attributes={"tier": "gold"})

    assert answer.action == "escalate"
    assert answer.reasons[0].signal == "human_request"
    assert (answer.control.holder, answer.control.epoch) == ("nobody", 2)
    assert answer.escalation is not None
    assert answer.escalation.job == "order_status"
    assert answer.card is not None
    assert client.turn("turn", ASK) == answer
    assert client.turns("turn")[0]["text"] == ASK["text"]


def test_an_escalation_lives_and_closes(client: Client) -> None:
    """Claim, note, message, dispose: each returns what it is then."""
    found = opened(client, "life")

    taken = client.claim(found, version=client.escalation(found).version)
    client.note(found, "looks like the carrier")
    spoken = client.message(found, "Hello, this is Ann.")
    closed = client.dispose(found, "resolved", "called the carrier")

    assert (taken.state, taken.owner) == ("active", "ann")
    assert spoken.state == "active"
    assert (closed.state, closed.outcome, closed.disposition) == (
        "closed",
        "resolved",
        "called the carrier",
    )
    assert client.control("life").holder == "bot"


def test_moves_between_humans(client: Client) -> None:
    """Release, transfer, defer and cancel put it where they say."""
    found = opened(client, "moves")

    client.claim(found)
    assert client.release(found, "lunch").state == "queued"
    assert client.transfer(found, "general", "again").queue == "general"
    later = datetime.now(UTC) + timedelta(days=1)
    assert client.defer(found, later).contact_at == later
    other = opened(client, "moves-2")
    assert client.cancel(other, "never mind").outcome == "cancelled"
    third = opened(client, "moves-3")
    assert client.abandon(third).state == "abandoned"


def test_a_hand_back_gives_bot_floor_and_brief(client: Client) -> None:
    """The next bot turn has the new epoch and is told what the human did."""
    found = opened(client, "back")
    client.claim(found)
    client.message(found, "Hello")
    bot = {"turn_id": "b1", "role": "bot", "text": "Anything else?"}

    with pytest.raises(ControlLost):
        client.turn("back", bot, epoch=1)
    client.hand_back(found, {"done": "called"})
    answer = client.turn("back", bot, epoch=client.control("back").epoch)

    assert answer.return_brief == {"done": "called"}


def test_an_explicit_opening_happens_once(client: Client) -> None:
    """With transcript, slots and a key of one's own; a voice leg is reported on."""
    told = {
        "transcript": [{"turn_id": "a", "role": "customer", "text": "I can't pay invoice 93."}],
        "slots": {"invoice": "93"},
        "key": "my-key",
        "channel": "voice",
    }
    first = client.escalate("explicit", **told)  # type: ignore[arg-type] # one dict, sent twice
    second = client.escalate("explicit", **told)  # type: ignore[arg-type] # the same

    assert first.created
    assert second == first
    leg = client.leg(first.escalation.escalation_id, "leg-1", "bridged", human="ann")
    assert leg.state == "active"


def test_a_tool_call_opens_a_ticket(client: Client) -> None:
    """What `tools` offers, `escalate` takes as the model made it."""
    (case,) = [t for t in client.tools() if "create_case" in str(t)]
    arguments = {"customer_id": "c-9", "category": "other", "summary": "wants a call"}

    made = client.escalate("case", tool={"name": "create_case", "arguments": arguments})

    assert case["type"] == "function"
    assert made.escalation.state == "deferred"


def test_the_feed_tells_of_a_change(client: Client) -> None:
    """From a sequence on, in order."""
    found = opened(client, "feed")

    seen = next(event for event in client.events(after=0) if event.subject == found)

    assert seen.kind == "escalation"
    assert seen.data["state"] == "queued"


def test_listings_reports_and_the_record(client: Client) -> None:
    """Everything a supervisor reads comes through, over all pages."""
    found = opened(client, "listed")

    assert found in {e.escalation_id for e in client.escalations(conversation_id="listed")}
    assert found in {d.escalation_id for d in client.deliveries(connector="desk")}
    assert client.queues()[0]["queue"] == "general"
    assert client.report()[0]["escalations"]
    assert first_break(client.audit()) is None
    assert client.presence("available")["status"] == "available"
    client.feedback("listed", score=4, text="quick")
    assert client.card(found)["escalation_id"] == found
    assert "Wants:" in str(client.card(found, "text"))


def test_the_floor_can_be_passed(client: Client) -> None:
    """Without an escalation; an old epoch is refused."""
    client.turn("floor", {"turn_id": "t", "role": "customer", "text": "hello"})

    taken = client.pass_control("floor", "human", name="ann", epoch=1)

    assert (taken.holder, taken.epoch) == ("human", 2)
    with pytest.raises(StaleVersion):
        client.pass_control("floor", "bot", epoch=1)
    assert client.end("floor", "customer", "done")["ended_by"] == "customer"


def test_errors_are_told_apart(client: Client, service: Service) -> None:
    """Each refusal has its own kind, with the service's sentence."""
    found = opened(client, "errors")
    client.claim(found)

    with pytest.raises(IllegalMove):
        client.claim(found)
    with pytest.raises(StaleVersion):
        client.dispose(found, version=1)
    with pytest.raises(TurnConflict):
        client.turn("errors", {**ASK, "text": "something else"})
    with pytest.raises(NotFound):
        client.escalation("esc_0")
    with pytest.raises(Refused, match="role"):
        client.turn("errors", {"turn_id": "x", "role": "agent"})
    with pytest.raises(KeyReused):
        client.escalate("other", key="my-key")
    with Client(service.deps.base_url, "ho_none") as nobody, pytest.raises(Unauthenticated):
        nobody.queues()
    bot = new_key(service, "bot", Scope.RUNTIME)
    with Client(service.deps.base_url, bot) as runtime, pytest.raises(Forbidden):
        runtime.claim(found)


def test_a_policy_is_replayed(client: Client, service: Service) -> None:
    """By supervisors, over a window of time; runtimes may not."""
    client.turn("replayed", ASK, job="replays")
    version = service.deps.detectors.configured.policy.version

    told = client.replay_policy(version, limit=2_000)
    later = client.replay_policy(version, since=datetime.now(UTC) + timedelta(days=1))

    assert told.policy == told.against == service.deps.detectors.configured.policy.label
    assert told.old == told.new == told.same > 0
    assert "replays" in [job["job"] for job in told.jobs]
    assert (later.conversations, later.left_out["conversations"]) == (0, 0)
    runtime = Client(service.deps.base_url, new_key(service, "bot", Scope.RUNTIME))
    with runtime, pytest.raises(Forbidden):
        runtime.replay_policy(version)
    with pytest.raises(NotFound):
        client.replay_policy("none")


def test_an_admin_has_webhooks(service: Service) -> None:
    """Registered, tried out, changed, rotated, and gone."""
    key = new_key(service, "root", Scope.ADMIN)
    with Receiver() as receiver, Client(service.deps.base_url, key) as admin:
        made = admin.register_webhook(receiver.url, description="crm", key="k1")
        again = admin.register_webhook(receiver.url, description="crm", key="k1")
        tried = admin.test_webhook(made.webhook_id)
        changed = admin.change_webhook(made.webhook_id, queues=["general"])
        rotated = admin.rotate_webhook(made.webhook_id, keep_old_s=60)
        listed = [one.webhook_id for one in admin.webhooks()]
        gone = admin.delete_webhook(made.webhook_id)

        assert again == made
        assert (tried["outcome"], changed.queues, listed) == (
            "confirmed",
            ("general",),
            [made.webhook_id],
        )
        assert rotated.secret not in (None, made.secret)
        assert (gone.secret, [*admin.webhooks()]) == (None, [])


def test_a_card_is_rated(client: Client) -> None:
    """In one call; a later word replaces it, a claim that the card lacks is refused."""
    escalation = opened(client, "rated")
    client.claim(escalation)

    client.rate_card(escalation, useful=True)
    rating = client.rate_card(escalation, useful=False, claim="situation", card_version=1)
    rows = [row for row in client.report("restarts") if row["not_useful"]]

    assert (rating["by"], rating["useful"], rating["claim"]) == ("ann", False, "situation")
    assert [(row["useful"], row["not_useful"], row["most_wrong"]) for row in rows] == [
        (0, 1, "situation")
    ]
    with pytest.raises(Refused):
        client.rate_card(escalation, useful=False, claim="shoe size")
