"""Telnyx: the caller's leg goes to a person, and what the legs report on the way."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from pydantic import JsonValue

from connectors import connect
from connectors.telnyx.state import Side, Told
from handoff.cards.pointer import followed
from handoff.domain.connector import NOTHING, Connector, Said
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import CloseOutcome, State
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain
from tests.vendors import telnyx as fake

WARM: dict[str, JsonValue] = {"mode": "warm", "caller_id": "+4930222222"}
REFER: dict[str, JsonValue] = {"mode": "refer", "destination": "sip:desk@acme.example"}
SECRET = "a secret of sixteen"


@dataclass
class House:
    """A way to make the connector, and the account it talks to."""

    fake: fake.Telnyx
    peer: Receiver
    outbound: GuardedClient

    def made(self, **settings: JsonValue) -> Connector:
        """Return a connector with further settings."""
        told: dict[str, JsonValue] = {**fake.SETTINGS, "url": self.peer.url.removesuffix("/hook")}
        return connect("telnyx", {**told, **settings}, self.outbound)

    def asked(self, action: str) -> dict[str, object]:
        """Return what the one command of a kind asked for."""
        ((_, about),) = self.fake.done(action)
        return about


@pytest.fixture
def house() -> Iterator[House]:
    """Return an account on loopback."""
    account = fake.Telnyx()
    with Receiver(account) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        yield House(account, peer, outbound)


def heard(one: Connector, kind: str, client_state: str | None = None, **more: str) -> list[Said]:
    """Have a webhook understood."""
    return [*one.understand(fake.signed(fake.event(kind, client_state, **more), NOW))]


def moved(said: list[Said]) -> list[tuple[object, object]]:
    """Return the states of legs that were told, with how they failed."""
    return [(each.details.get("state"), each.details.get("result")) for each in said]


def test_a_transfer_carries_a_pointer_and_its_delivery(house: House) -> None:
    """The person's side finds the card; each leg's webhooks bring back which delivery it is of."""
    one = house.made(pointer_secret=SECRET, destinations={"billing": "+4930999999"})
    one.deliver(parcel())

    asked = house.asked("transfer")
    assert (asked["to"], asked["timeout_secs"]) == ("+4930999999", 30)
    assert asked["command_id"] == "dlv_1"
    assert asked["custom_headers"] == [{"name": "X-Handoff-Escalation", "value": "esc_1"}]
    ((name, value),) = [tuple(each.values()) for each in asked["sip_headers"]]  # type: ignore[attr-defined] # a list
    assert name == "User-to-User"
    assert followed(value, [SECRET.encode()], NOW).escalation_id == "esc_1"
    sides = [
        Told.of(str(asked[key]), "KEY1") for key in ("client_state", "target_leg_client_state")
    ]
    assert [side and side.side for side in sides] == [Side.CALLER, Side.HUMAN]


def test_a_refer_goes_to_a_sip_address_with_the_same_headers(house: House) -> None:
    """The caller's side calls anew: nothing is detected there."""
    house.made(**REFER, pointer_secret=SECRET, headers={"X-Acme": "1"}).deliver(parcel())

    asked = house.asked("refer")
    assert asked["sip_address"] == "sip:desk@acme.example"
    assert len(asked["custom_headers"]) == 2  # type: ignore[arg-type] # a list
    assert "answering_machine_detection" not in asked


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "refer"},
        {"mode": "warm"},
        {"public_key": "x"},
        {"public_key": "AAAA"},
        {"destination": "sip:a@b\r\nX-Evil: 1"},
        {"destination": "0301234"},
        {"headers": {"User-to-User": "x"}},
        {"headers": {"X-A": "x\r\ny"}},
    ],
)
def test_settings_that_cannot_work_are_refused(
    house: House, settings: dict[str, JsonValue]
) -> None:
    """Before any call is made; no header can be smuggled in."""
    with pytest.raises(Invalid):
        house.made(**settings)


def test_a_caller_nobody_told_of_cannot_be_moved(house: House) -> None:
    """The runtime has to say which call it is: else the next connector is tried."""
    with pytest.raises(ConnectorError, match="telnyx_call_control_id") as caught:
        house.made().deliver(replace(parcel(), external={}))

    assert not caught.value.retryable


def test_a_call_that_is_over_is_refused_for_good(house: House) -> None:
    """422: the caller hung up."""
    house.fake.over.add(fake.CALL)

    with pytest.raises(ConnectorError) as caught:
        house.made().deliver(parcel())

    assert (caught.value.retryable, caught.value.unknown) == (False, False)


@pytest.mark.parametrize("state", [State.CONNECTING, State.ACTIVE, State.ABANDONED])
def test_a_caller_whom_somebody_has_is_not_torn_away(house: House, state: State) -> None:
    """An opening that comes late finds them with a person, or gone."""
    late = parcel()
    had = replace(late, escalation=late.escalation.evolve(state=state))

    assert house.made().deliver(had).reference == NOTHING
    assert house.fake.commands == []


@pytest.mark.parametrize("mode", [{}, WARM, REFER])
def test_an_unknown_outcome_is_found_by_what_the_legs_carry(
    house: House, mode: dict[str, JsonValue]
) -> None:
    """And one of an earlier delivery is not it."""
    one = house.made(**mode)
    receipt = one.deliver(parcel())

    assert one.look_up(parcel()) == receipt
    assert one.look_up(parcel("dlv_7")) is None
    assert one.deliver(parcel(attempt=2)) == receipt
    assert len(house.fake.commands) == 1


@pytest.mark.parametrize(
    ("event", "state", "outcome", "ends"),
    [
        ("withdrawn", State.QUEUED, None, True),
        ("changed", State.ABANDONED, None, True),
        ("closed", State.CLOSED, CloseOutcome.CANCELLED, True),
        ("closed", State.CLOSED, CloseOutcome.RESOLVED, False),
        ("changed", State.ACTIVE, None, False),
        ("updated", State.QUEUED, None, False),
    ],
)
@pytest.mark.parametrize("mode", [{}, WARM])
def test_nobody_is_rung_for_a_caller_who_is_gone(
    house: House,
    mode: dict[str, JsonValue],
    event: str,
    state: State,
    outcome: CloseOutcome | None,
    ends: bool,
) -> None:
    """The human's leg ends and never the caller's."""
    one = house.made(**mode)
    later = replace(parcel("dlv_2", event), reference=one.deliver(parcel()).reference)
    told = replace(later, escalation=later.escalation.evolve(state=state, outcome=outcome))

    one.deliver(told)
    one.deliver(told)

    assert [leg for leg, _ in house.fake.done("hangup")] == ([fake.HUMAN] if ends else [])


@pytest.mark.parametrize(
    ("kind", "more", "states"),
    [
        ("call.initiated", {}, [("ringing", None)]),
        ("call.answered", {}, [("answered", None)]),
        ("call.bridged", {}, [("bridged", None)]),
        ("call.hangup", {"hangup_cause": "normal_clearing"}, [("ended", None)]),
        ("call.hangup", {"hangup_cause": "user_busy"}, [("failed", "busy")]),
        ("call.hangup", {"hangup_cause": "no_answer"}, [("failed", "no_answer")]),
        ("call.hangup", {"hangup_cause": "timeout"}, [("failed", "no_answer")]),
        ("call.hangup", {"hangup_cause": "call_rejected"}, [("failed", "declined")]),
        ("call.hangup", {"hangup_cause": "originator_cancel"}, [("failed", "customer_left")]),
        ("call.hangup", {"hangup_cause": "not_found"}, [("failed", "failed")]),
        ("call.hangup", {}, [("failed", "failed")]),
        ("call.machine.premium.detection.ended", {"result": "machine"}, [("failed", "voicemail")]),
        ("call.machine.detection.ended", {"result": "machine"}, [("failed", "voicemail")]),
        ("call.machine.premium.detection.ended", {"result": "human_business"}, []),
        ("call.dtmf.received", {"digit": "1"}, []),
        ("call.initiated", {"client_state": ""}, []),
        ("call.initiated", {"client_state": "aGF2ZSBhIG5pY2UgZGF5ID1d"}, []),
    ],
)
def test_a_leg_that_was_transferred_reports_how_it_goes(
    house: House, kind: str, more: dict[str, str], states: list[tuple[object, object]]
) -> None:
    """Each end by its type; calls of others on the connection say nothing to us."""
    one = house.made(people={"+4930111111": "Zoe"})
    said = heard(one, kind, **more)

    assert moved(said) == states
    assert all(each.by == "Zoe" for each in said)
    assert house.fake.commands == []


def test_the_caller_who_hangs_up_is_gone_unless_they_were_referred(house: House) -> None:
    """After a REFER their leg here ends because they are elsewhere."""
    caller = fake.state("caller")

    assert [s.verb for s in heard(house.made(), "call.hangup", caller)] == ["left"]
    assert heard(house.made(**REFER), "call.hangup", caller) == []
    assert moved(heard(house.made(**REFER), "call.refer.completed", caller)) == [("bridged", None)]
    assert moved(heard(house.made(**REFER), "call.refer.failed", caller)) == [("failed", "failed")]


def test_a_person_hears_what_it_is_about_and_takes_the_caller(house: House) -> None:
    """Rung, told, asked for a key, and only then bridged: on the caller's own leg."""
    one = house.made(**WARM)
    one.deliver(parcel())
    carried = str(house.asked("dial")["client_state"])

    heard(one, "call.answered", carried)
    assert house.fake.done("gather_using_speak") == []  # a machine may have answered
    heard(one, "call.machine.premium.detection.ended", carried, result="human_business")
    heard(one, "call.machine.premium.detection.ended", carried, result="human_business")
    whisper = house.asked("gather_using_speak")
    heard(one, "call.gather.ended", carried, digits="1", status="valid")

    assert str(whisper["payload"]).endswith("Press 1 to take the call.")
    ((leg, bridge),) = house.fake.done("bridge")
    assert (leg, bridge["call_control_id"]) == (fake.CALL, fake.HUMAN)
    assert bridge["prevent_double_bridge"] is True


def test_a_person_can_get_the_caller_without_a_key(house: House) -> None:
    """Told first, bridged when it was said."""
    one = house.made(**WARM, accept_key=None, voicemail=False, keep_caller=True)
    one.deliver(parcel())
    carried = str(house.asked("dial")["client_state"])

    heard(one, "call.answered", carried)
    assert house.fake.done("bridge") == []
    heard(one, "call.speak.ended", carried)

    assert house.asked("speak")["voice"] == "female"
    assert house.asked("bridge")["park_after_unbridge"] == "self"


@pytest.mark.parametrize(
    ("kind", "more", "result"),
    [
        ("call.gather.ended", {"digits": "2", "status": "invalid"}, "declined"),
        ("call.gather.ended", {"digits": "", "status": "timeout"}, "no_answer"),
        ("call.machine.premium.detection.ended", {"result": "machine"}, "voicemail"),
    ],
)
def test_who_does_not_take_the_caller_never_hears_them(
    house: House, kind: str, more: dict[str, str], result: str
) -> None:
    """The leg ends, and the caller is where they were."""
    one = house.made(**WARM)
    one.deliver(parcel())
    carried = str(house.asked("dial")["client_state"])

    said = heard(one, kind, carried, **more)

    assert moved(said) == [("failed", result)]
    assert [leg for leg, _ in house.fake.done("hangup")] == [fake.HUMAN]
    assert house.fake.done("bridge") == []


def test_a_step_that_cannot_be_taken_now_is_asked_for_again(house: House) -> None:
    """Telnyx repeats a webhook that is refused; a leg that is over needs no step."""
    one = house.made(**WARM)
    one.deliver(parcel())
    carried = str(house.asked("dial")["client_state"])
    works, house.peer.answer = house.peer.answer, plain("503 Busy")
    with pytest.raises(Invalid):
        heard(one, "call.gather.ended", carried, digits="1", status="valid")

    house.peer.answer = works
    house.fake.over |= {fake.CALL, fake.HUMAN}

    assert heard(one, "call.gather.ended", carried, digits="1", status="valid") == []


@pytest.mark.parametrize("carried", ["[]", "{}", '{"side": "human"}', '{"handoff": 7}', "\u0000"])
def test_a_state_that_is_none_of_ours_says_nothing(house: House, carried: str) -> None:
    """Other parts of an account put theirs there."""
    ours = Told("esc_1", "d", Side.HUMAN, whisper=carried)

    assert Told.of(ours.packed("KEY1"), "KEY1") == ours
    assert Told.of(base64.b64encode(carried.encode()).decode(), "KEY1") is None


@pytest.mark.parametrize("kind", ["call.gather.ended", "call.hangup", "call.initiated"])
def test_a_state_that_a_caller_set_is_not_believed(house: House, kind: str) -> None:
    """A browser may set its leg's: no other's call is bridged to it, and nothing is said of one."""
    forged = {"handoff": "esc_1", "delivery": "d", "side": "human", "caller": fake.CALL}
    genuine = json.loads(base64.b64decode(fake.state()))
    one = house.made(**WARM)

    for told in (forged, {**genuine, "caller": fake.CALL}, {**genuine, "side": "caller"}):
        packed = base64.b64encode(json.dumps(told).encode()).decode()
        assert heard(one, kind, packed, digits="1") == []

    assert house.fake.commands == []
