"""The Slack connector: its message, buttons, modal, thread and people."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from connectors import connect
from connectors.slack import Slack
from handoff.domain.connector import Parcel
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain
from tests.vendors import slack as fake


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the workspace it talks to."""

    slack: Slack
    fake: fake.Slack
    peer: Receiver


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with a workspace on loopback."""
    workspace = fake.Slack()
    with Receiver(workspace) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        made = connect("slack", {**fake.SETTINGS, "url": peer.url}, outbound)
        assert isinstance(made, Slack)
        yield House(made, workspace, peer)


def standing(state: State, **changes: object) -> Parcel:
    """Return a parcel of an escalation in a state."""
    told = parcel()
    return replace(told, escalation=told.escalation.evolve(state=state, **changes))


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        (State.QUEUED, ["Claim"]),
        (State.RESERVED, ["Accept", "Decline"]),
        (State.ACTIVE, ["Resolve", "Hand back"]),
        (State.CLOSED, []),
    ],
)
def test_buttons_are_what_can_be_done(house: House, state: State, labels: list[str]) -> None:
    """No button asks for a move that its state does not have."""
    house.slack.deliver(standing(state))

    blocks = json.loads(str(house.fake.messages[0]["blocks"]))
    buttons = [one for block in blocks for one in block.get("elements", []) if "action_id" in one]
    assert [button["text"]["text"] for button in buttons] == labels


def test_nothing_unfurls_and_the_message_carries_its_delivery(house: House) -> None:
    """A link on a card opens no preview; the history can be searched."""
    house.slack.deliver(parcel())

    _, fields = house.fake.calls[0]
    told = json.loads(fields["metadata"])
    assert (fields["unfurl_links"], fields["unfurl_media"]) == ("false", "false")
    assert told["event_payload"] == {"delivery_id": "dlv_1", "escalation_id": "esc_1"}


def test_it_follows_its_queue_into_the_queues_channel_and_back() -> None:
    """Without buttons where it was; coming back edits the message that is still there."""
    workspace = fake.Slack()
    with Receiver(workspace) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        settings = {**fake.SETTINGS, "url": peer.url, "channels": {"billing": "C2"}}
        slack = connect("slack", settings, outbound)
        told = [slack.deliver(standing(State.QUEUED, queue="support")).reference]
        for queue in ("billing", "support"):
            it = standing(State.QUEUED, queue=queue)
            told.append(slack.deliver(replace(it, event="changed", reference=told[-1])).reference)

    assert told == ["C1:1700000000.000001", "C2:1700000000.000002", "C1:1700000000.000001"]
    shown = ["handoff_claim" in str(one["blocks"]) for one in workspace.messages]
    assert shown == [True, False]


def test_a_new_card_edits_the_message_and_is_told_in_its_thread(house: House) -> None:
    """The owner stands on the same message."""
    opened = house.slack.deliver(parcel())
    owned = standing(State.ACTIVE, owner="zoe")

    house.slack.deliver(replace(owned, event="updated", reference=opened.reference))

    assert "zoe has it" in str(house.fake.messages[0]["blocks"])
    assert house.fake.messages[1]["thread_ts"] == house.fake.messages[0]["ts"]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("invalid_auth", (False, False, True)),
        ("missing_scope", (False, False, True)),
        ("channel_not_found", (False, False, False)),
        ("ratelimited", (True, False, False)),
        ("internal_error", (True, True, False)),
        ("<script>", (True, True, False)),
    ],
)
def test_each_error_of_slack_has_its_meaning(
    house: House, code: str, meaning: tuple[bool, bool, bool]
) -> None:
    """`ok: false` under a 200 is no confirmation: (retryable, unknown, pause)."""
    house.peer.answer = plain(body=json.dumps({"ok": False, "error": code}).encode())

    with pytest.raises(ConnectorError) as caught:
        house.slack.deliver(parcel())

    error = caught.value
    assert (error.retryable, error.unknown, error.pause) == meaning
    assert "<" not in error.message


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("handoff_claim", "claim"),
        ("handoff_accept", "accept"),
        ("handoff_decline", "decline"),
        ("handoff_resolve", "resolve"),
    ],
)
def test_a_button_says_who_pressed_it(house: House, action: str, verb: str) -> None:
    """By the e-mail that the workspace knows."""
    (said,) = house.slack.understand(fake.signed(fake.pressed(action), NOW))

    assert (said.verb, said.escalation_id, said.by) == (verb, "esc_1", "u1@example.com")


def test_a_guest_does_nothing(house: House) -> None:
    """Who is no full member of the workspace is no agent."""
    with pytest.raises(Invalid, match="members"):
        house.slack.understand(fake.signed(fake.pressed(user="G1"), NOW))


def test_handing_back_asks_for_a_brief_first(house: House) -> None:
    """The button opens the modal; its answer is what is said."""
    pressed = house.slack.understand(fake.signed(fake.pressed("handoff_hand_back"), NOW))
    opened = dict(house.fake.calls)["views.open"]
    view = json.loads(opened["view"])
    values = {"done": {"done": {"value": "refunded"}}, "open": {"open": {"value": None}}}
    submitted = {**view, "id": "V1", "state": {"values": values}}
    body = fake.form({"type": "view_submission", "user": {"id": "U1"}, "view": submitted})

    (said,) = house.slack.understand(fake.signed(body, NOW))

    assert pressed == ()
    assert (said.verb, said.escalation_id) == ("return", "esc_1")
    assert said.details == {"brief": {"done": "refunded"}}


@pytest.mark.parametrize("action", ["handoff_claim", "handoff_hand_back"])
def test_a_button_is_refused_with_words_while_slack_does_not_answer(action: str) -> None:
    """No error of ours: whoever pressed is told, and presses again."""
    with closing(GuardedClient(allow_loopback=True)) as outbound:
        slack = connect("slack", {**fake.SETTINGS, "url": "http://127.0.0.1:1"}, outbound)

        with pytest.raises(Invalid, match="Slack"):
            slack.understand(fake.signed(fake.pressed(action), NOW))


def test_a_modal_that_slack_will_not_open_is_refused_with_words(house: House) -> None:
    """A trigger lives three seconds."""
    body = fake.pressed("handoff_hand_back", trigger="12.34.gone")

    with pytest.raises(Invalid, match="expired_trigger_id"):
        house.slack.understand(fake.signed(body, NOW))


def written(thread: object, text: str, **more: str) -> bytes:
    """Return the event of a reply in a thread."""
    event = {"type": "message", "user": "U1", "text": text, "channel": "C1", "thread_ts": thread}
    told = {"type": "event_callback", "event_id": "Ev1", "api_app_id": "A1"}
    return json.dumps({**told, "event": {**event, **more}}).encode()


@pytest.mark.parametrize(
    ("text", "verb", "told"),
    [("look at this", "note", "look at this"), ("Customer: Hello!", "message", "Hello!")],
)
def test_a_reply_is_a_note_unless_it_is_for_the_customer(
    house: House, text: str, verb: str, told: str
) -> None:
    """Nobody speaks to a customer by accident."""
    house.slack.deliver(parcel())
    body = written(house.fake.messages[0]["ts"], text)

    (said,) = house.slack.understand(fake.signed(body, NOW))

    assert (said.event_id, said.verb, said.details) == ("Ev1", verb, {"text": told})


def test_our_own_words_and_other_threads_say_nothing(house: House) -> None:
    """What the app posted comes back as an event too."""
    house.slack.deliver(parcel())
    ts = house.fake.messages[0]["ts"]

    ours = house.slack.understand(fake.signed(written(ts, "x", bot_id="B1"), NOW))
    others = house.slack.understand(fake.signed(written("1.1", "x"), NOW))

    assert (ours, others) == ((), ())


def test_a_refusal_is_told_to_who_asked_and_to_nobody_else(house: House) -> None:
    """Slack gets its 200 within three seconds; the person an ephemeral message."""
    answer = house.slack.acknowledge(fake.signed(fake.pressed(), NOW), "<zoe> has it")

    fields = dict(house.fake.calls)["chat.postEphemeral"]
    assert (answer.status, answer.body) == (200, b"")
    assert (fields["user"], fields["text"]) == ("U1", "&lt;zoe&gt; has it")


def test_the_challenge_is_answered(house: House) -> None:
    """Slack asks once whether the endpoint is ours."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZb"}).encode()
    callback = fake.signed(body, NOW)

    assert house.slack.understand(callback) == ()
    assert json.loads(house.slack.acknowledge(callback, None).body) == {"challenge": "3eZb"}
