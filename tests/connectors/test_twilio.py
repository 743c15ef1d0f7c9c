"""Twilio: tasks that follow an escalation, and what their events say of it."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from pydantic import JsonValue

from connectors import connect
from handoff.domain.connector import NOTHING, Connector, Moves, Parcel, routes
from handoff.domain.errors import ConnectorError, Invalid, Unauthenticated
from handoff.domain.escalation import State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver
from tests.vendors import twilio as fake

MORE = {
    "workflows": {"billing": "WW" + "b" * 32},
    "task_channels": {"voice": "voice", "chat": "chat"},
    "people": {"zoe": "Zoe Doe"},
}


@dataclass(frozen=True, slots=True)
class House:
    """The connectors and the account they talk to."""

    taskrouter: Connector
    flex: Connector
    fake: fake.Twilio

    def form(self, number: int = 0) -> dict[str, str]:
        """Return one of the forms that were posted."""
        return self.fake.forms[number][1]


@pytest.fixture
def house() -> Iterator[House]:
    """Return both connectors with an account on loopback."""
    account = fake.Twilio()
    with Receiver(account) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        told = {**fake.SETTINGS, **MORE, "taskrouter_url": base}
        made = connect("twilio_taskrouter", told, outbound)
        yield House(made, connect("twilio_flex", {**told, "flex_url": base}, outbound), account)


def later(event: str, reference: str, state: State = State.QUEUED, number: int = 2) -> Parcel:
    """Return a later parcel of the same escalation, in a state."""
    told = replace(parcel(f"dlv_{number}", event), reference=reference)
    return replace(told, escalation=told.escalation.evolve(state=state))


def test_both_route_their_queue_and_only_one_moves_the_chat(house: House) -> None:
    """Reservations, presence and wrap-up are Twilio's."""
    assert routes(house.taskrouter)
    assert routes(house.flex)
    assert house.taskrouter.moves == {Moves.WORK_ITEM}
    assert house.flex.moves == {Moves.LIVE_MESSAGING}


def test_a_task_says_how_to_route_it_and_since_when_they_wait(house: House) -> None:
    """Its place in the queue is the first queue time, never one that lies ahead."""
    told = parcel(at=NOW + timedelta(minutes=9))
    house.taskrouter.deliver(told)
    house.taskrouter.deliver(replace(parcel(at=NOW - timedelta(seconds=2)), delivery_id="dlv_3"))

    form, attributes = house.form(), json.loads(house.form()["Attributes"])
    assert (form["WorkflowSid"], form["TaskChannel"]) == ("WW" + "b" * 32, "chat")
    assert (form["Priority"], form["Timeout"]) == ("40", "1209600")
    assert form["VirtualStartTime"] == "2026-11-23T12:00:00Z"
    assert house.form(1)["VirtualStartTime"] == "2026-11-23T11:59:58Z"
    assert attributes["call_sid"] == fake.CALL
    assert (attributes["escalation_id"], attributes["delivery_id"]) == ("esc_1", "dlv_1")


def test_hostile_words_fit_and_are_only_words(house: House) -> None:
    """Twilio refuses attributes of more than 4 KB."""
    house.taskrouter.deliver(parcel(said='"}, {"escalation_id": "esc_9"} 😀 ' * 400))

    packed = house.form()["Attributes"]
    assert len(packed.encode()) <= 4_096
    assert json.loads(packed)["escalation_id"] == "esc_1"


def test_a_change_keeps_what_others_wrote(house: House) -> None:
    """Flex and its plugins keep things of their own there; of the card nothing old stays."""
    sid = house.taskrouter.deliver(parcel()).reference
    carried = json.loads(str(house.fake.tasks[sid]["attributes"]))
    carried |= {"conversations": {"x": 1}, "left_out": "of an older card"}
    house.fake.tasks[sid]["attributes"] = json.dumps(carried, separators=(",", ":"))

    house.taskrouter.deliver(later("updated", sid))

    after = json.loads(str(house.fake.tasks[sid]["attributes"]))
    assert after["conversations"] == {"x": 1}
    assert "left_out" not in after
    assert after["delivery_id"] == "dlv_2"


def test_what_others_wrote_there_leads_nowhere(house: House) -> None:
    """A worker, or a visitor's form, writes attributes: none is a path of the API, or stops us."""
    house.flex.deliver(parcel())
    (sid,) = house.fake.tasks
    carried = json.loads(str(house.fake.tasks[sid]["attributes"]))
    carried |= {"flexInteractionSid": "../Accounts/AC1?x=", "name": "\ud800"}
    house.fake.tasks[sid]["attributes"] = json.dumps(carried, separators=(",", ":"))

    house.flex.deliver(replace(parcel("dlv_2", "updated"), reference=NOTHING))
    with suppress(ConnectorError):
        house.flex.deliver(replace(parcel("dlv_3", "withdrawn"), reference=None))

    assert [path for path, _ in house.fake.forms if "Accounts" in path] == []
    assert json.loads(str(house.fake.tasks[sid]["attributes"]))["delivery_id"] == "dlv_2"


def test_a_change_of_what_changed_meanwhile_is_tried_again(house: House) -> None:
    """412: the task is not as it was seen; nothing was done, and nothing is unknown."""
    sid = house.taskrouter.deliver(parcel()).reference
    house.fake.versions[sid] = 7
    seen = house.fake.__call__

    def raced(request: object) -> Iterator[bytes]:
        answer = list(seen(request))  # type: ignore[arg-type] # what the receiver gives
        house.fake.versions[sid] += 1
        return iter(answer)

    with Receiver(raced) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**fake.SETTINGS, "taskrouter_url": peer.url.removesuffix("/hook")}
        with pytest.raises(ConnectorError) as caught:
            connect("twilio_taskrouter", told, outbound).deliver(later("updated", sid))

    assert (caught.value.retryable, caught.value.unknown) == (True, False)


@pytest.mark.parametrize(
    ("status", "event", "state", "then"),
    [
        ("pending", "closed", State.CLOSED, "canceled"),
        ("reserved", "withdrawn", State.QUEUED, "canceled"),
        ("assigned", "closed", State.CLOSED, "completed"),
        ("wrapping", "closed", State.CLOSED, "completed"),
        ("pending", "changed", State.ABANDONED, "canceled"),
        ("pending", "changed", State.ACTIVE, "canceled"),
        ("assigned", "changed", State.ACTIVE, "assigned"),
        ("completed", "closed", State.CLOSED, "completed"),
        ("completed", "changed", State.WRAPPING, "completed"),
    ],
)
def test_a_task_ends_when_nobody_is_to_take_it(
    house: House, status: str, event: str, state: State, then: str
) -> None:
    """By us, with a reason that is known again; where Twilio's worker has it, it stays theirs."""
    sid = house.taskrouter.deliver(parcel()).reference
    house.fake.tasks[sid]["assignment_status"] = status

    house.taskrouter.deliver(later(event, sid, state))

    assert house.fake.tasks[sid]["assignment_status"] == then
    assert str(house.fake.tasks[sid].get("reason", "handoff: ")).startswith("handoff: ")


@pytest.mark.parametrize("deleted", [False, True])
def test_a_task_that_ended_while_they_wait_is_made_anew(house: House, deleted: bool) -> None:
    """Its time to live, a workflow's end or somebody's click there ends no escalation here."""
    sid = house.taskrouter.deliver(parcel()).reference
    house.fake.tasks[sid]["assignment_status"] = "canceled"
    if deleted:
        house.fake.tasks["WT" + "f" * 32] = house.fake.tasks.pop(sid)

    waits = house.taskrouter.deliver(later("changed", sid)).reference
    over = house.taskrouter.deliver(later("closed", sid, State.CLOSED)).reference

    assert waits != sid
    assert over == sid
    assert house.form(1)["VirtualStartTime"] == "2026-11-23T12:00:00Z"


def test_an_end_without_a_beginning_tells_nothing(house: House) -> None:
    """Nobody there ever heard of it."""
    for one in (house.taskrouter, house.flex):
        closed = replace(parcel("dlv_2", "closed"), reference=None)
        assert one.deliver(closed).reference == NOTHING

    assert house.fake.forms == []


def test_flex_takes_over_the_conversation_that_the_bot_had(house: House) -> None:
    """By its SID, which the runtime told; without it there is nothing to take over."""
    reference = house.flex.deliver(parcel()).reference
    with pytest.raises(ConnectorError, match="twilio_conversation_sid") as caught:
        house.flex.deliver(replace(parcel(), external={}))

    channel, routing = json.loads(house.form()["Channel"]), json.loads(house.form()["Routing"])
    assert channel["properties"] == {"media_channel_sid": "CH" + "1" * 32}
    assert routing["properties"]["workflow_sid"] == "WW" + "b" * 32
    assert routing["properties"]["attributes"]["escalation_id"] == "esc_1"
    assert reference == "KD" + "a" * 32
    assert not caught.value.retryable


def test_flex_lets_go_of_the_conversation_and_takes_it_again(house: House) -> None:
    """The agents' part ends and the conversation stays open, for the bot goes on in it."""
    reference = house.flex.deliver(parcel()).reference

    house.flex.deliver(later("withdrawn", reference))
    house.flex.deliver(later("changed", reference, number=3))

    assert house.fake.closed == [{"Status": "inactive", "Routing": '{"status": "closed"}'}]
    assert house.fake.forms[-1][0].endswith("/Invites")


@pytest.mark.parametrize(
    ("kind", "more", "verb", "details"),
    [
        ("reservation.created", {}, "reserved", {}),
        ("reservation.accepted", {}, "assigned", {}),
        ("reservation.rejected", {}, "unreserved", {"result": "declined"}),
        ("reservation.timeout", {}, "unreserved", {"result": "no_answer"}),
        ("reservation.canceled", {}, "unreserved", {"result": "failed"}),
        ("reservation.rescinded", {}, "unreserved", {"result": "no_answer"}),
        ("reservation.wrapup", {}, "wrapping", {}),
        ("reservation.completed", {}, None, {}),
        ("task.completed", {}, "resolve", {}),
        ("task.completed", {"TaskCompletedReason": "handoff: closed"}, None, {}),
        ("task.canceled", {"TaskCanceledReason": "hangup"}, "left", {}),
        ("task.canceled", {"TaskCanceledReason": "handoff: withdrawn"}, None, {}),
        ("worker.activity.update", {}, None, {}),
        ("reservation.created", {"WorkspaceSid": "WS" + "f" * 32}, None, {}),
        ("reservation.created", {"TaskAttributes": "{}"}, None, {}),
        ("task.completed", {"TaskAttributes": '{"escalation_id": "esc_1"}'}, None, {}),
    ],
)
def test_what_happens_to_a_task_is_understood(
    house: House, kind: str, more: dict[str, str], verb: str | None, details: dict[str, JsonValue]
) -> None:
    """Each of a reservation's ends by its type; what we did ourselves is not told back."""
    said = house.taskrouter.understand(fake.signed(fake.event(kind, **more), NOW))

    assert [(each.verb, each.details) for each in said] == ([(verb, details)] if verb else [])
    assert all(each.by == "Zoe Doe" for each in said)


@pytest.mark.parametrize("why", ["Task TTL Exceeded", "", "fired a \0 worker"])
def test_a_task_that_is_canceled_there_is_still_waiting_here(house: House, why: str) -> None:
    """People see why; who waits keeps their place."""
    body = fake.event("task.canceled", TaskCanceledReason=why)
    (said,) = house.flex.understand(fake.signed(body, NOW))

    assert said.verb == "note"
    assert "\0" not in str(said.details)


def test_a_conference_says_who_is_on_the_line(house: House) -> None:
    """The worker's leg is a bridge; the customer's end is the customer's; who coaches is nobody."""
    sid = house.taskrouter.deliver(parcel()).reference

    def heard(kind: str, call: str, **more: str) -> list[tuple[str, object]]:
        callback = fake.signed(fake.conference(kind, sid, call, **more), NOW)
        return [(s.verb, s.details.get("state")) for s in house.taskrouter.understand(callback)]

    assert heard("participant-join", fake.WORKER_CALL) == [("leg", "bridged")]
    assert heard("participant-leave", fake.WORKER_CALL) == [("leg", "ended")]
    assert heard("participant-join", fake.CALL) == []
    assert heard("participant-leave", fake.CALL) == [("left", None)]
    assert heard("participant-join", fake.WORKER_CALL, Coaching="true") == []
    assert heard("conference-start", fake.WORKER_CALL) == []
    assert heard("participant-join", fake.WORKER_CALL, FriendlyName="../Workers") == []
    assert heard("participant-join", fake.WORKER_CALL, FriendlyName="WT" + "9" * 32) == []


def test_a_task_that_only_names_an_escalation_is_not_its(house: House) -> None:
    """Visitors fill attributes of their own tasks: such a one is neither heard nor changed."""
    forged = {"Attributes": '{"escalation_id":"esc_1","handoff_mark":"x"}'}
    theirs = str(house.fake.add(forged)["sid"])
    callback = fake.signed(fake.conference("participant-join", theirs, fake.WORKER_CALL), NOW)

    made = house.taskrouter.deliver(parcel(attempt=2)).reference

    assert made != theirs
    assert house.taskrouter.understand(callback) == ()


def test_an_event_of_another_account_is_malformed(house: House) -> None:
    """Signed with our token, it says that it is of somebody else."""
    body = fake.event("reservation.accepted", AccountSid="AC" + "f" * 32)

    with pytest.raises(Invalid):
        house.taskrouter.understand(fake.signed(body, NOW))


def test_fields_are_signed_whatever_their_order_or_spelling(house: House) -> None:
    """Twilio signs names and values, not bytes; a field more, less or changed is a forgery."""
    genuine = fake.signed(fake.event("reservation.accepted"), NOW)
    fields = parse_qsl(genuine.body.decode(), keep_blank_values=True)
    turned = replace(genuine, body=urlencode(fields[::-1]).encode())

    assert house.taskrouter.understand(turned) == house.taskrouter.understand(genuine)
    for forged in (fields[1:], [*fields, ("x", "1")], [(n, v + "1") for n, v in fields]):
        with pytest.raises(Unauthenticated):
            house.taskrouter.understand(replace(genuine, body=urlencode(forged).encode()))


def test_the_documented_signature_is_reproduced(house: House) -> None:
    """The example of Twilio's page on security, computed by its own rule on our form."""
    url = "https://example.com/myapp.php?foo=1&bar=2"
    told = {**fake.SETTINGS, "callback_url": url, "auth_token": "12345"}
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    callback = fake.signed(urlencode(fields).encode(), NOW)
    signed = {"x-twilio-signature": "L/OH5YylLD5NRKLltdqwSvS0BnU="}
    with closing(GuardedClient()) as outbound:
        made = connect("twilio_taskrouter", told, outbound)
        with pytest.raises(Invalid, match="Timestamp"):  # genuine, and no event of TaskRouter
            made.understand(replace(callback, headers=signed))
