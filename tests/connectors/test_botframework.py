"""The Bot Framework connector: its events, its login, and whose tokens it believes."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from pydantic import JsonValue

from connectors import connect
from connectors.botframework import BotFramework
from handoff.domain.card import CardQuote
from handoff.domain.connector import Callback
from handoff.domain.errors import ConnectorError, Unauthenticated
from handoff.outbound import GuardedClient
from tests.parcels import NOW, parcel
from tests.receiver import Receiver, plain
from tests.vendors import botframework as fake


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the service it talks to."""

    bot: BotFramework
    fake: fake.Connector
    peer: Receiver


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Return the connector with a service on loopback; a parameter has further settings."""
    service = fake.Connector()
    more: dict[str, JsonValue] = getattr(request, "param", {})
    with Receiver(service) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        base = peer.url.removesuffix("/hook")
        places = {"login_url": base, "keys_url": f"{base}/v1/.well-known/openidconfiguration"}
        made = connect("botframework", {**fake.SETTINGS, "url": base, **places, **more}, outbound)
        assert isinstance(made, BotFramework)
        yield House(made, service, peer)


def test_the_event_has_variables_the_card_and_the_words(house: House) -> None:
    """For Copilot's hubs, for ours, and for those that read a transcript."""
    told = parcel()
    quoted = CardQuote(turn=0, text="I want a person")
    house.bot.deliver(replace(told, card=told.card.model_copy(update={"quotes": (quoted,)})))

    (event,) = house.fake.events
    names = [one["name"] for one in json.loads(json.dumps(event["attachments"]))]
    assert (event["type"], event["name"]) == ("event", "handoff.initiate")
    assert event["conversation"] == {"id": fake.CONVERSATION}
    assert json.loads(json.dumps(event["value"]))["va_LastPhrase"] == "I want a person"
    assert names == ["handoff-card/1", "Transcript"]


@pytest.mark.parametrize(("editable", "events"), [(True, 1), (False, 2)])
def test_an_update_changes_the_event_or_is_a_new_one(
    house: House, editable: bool, events: int
) -> None:
    """Where the channel cannot change it."""
    house.fake.editable = editable
    opened = house.bot.deliver(parcel())

    house.bot.deliver(replace(parcel("dlv_2", "updated"), reference=opened.reference))

    assert len(house.fake.activities) == events


@pytest.mark.parametrize(("event", "state"), [("closed", "completed"), ("withdrawn", "failed")])
def test_an_end_is_told_to_the_hub(house: House, event: str, state: str) -> None:
    """With the protocol's own words."""
    house.bot.deliver(replace(parcel("dlv_2", event), reference="act-dlv_1"))

    told = json.loads(json.dumps(house.fake.events[-1]))
    assert (told["name"], told["value"]["state"]) == ("handoff.status", state)


def test_one_login_does_for_an_hour(house: House) -> None:
    """And for another one after it, or once it was not taken."""
    for minutes in (0, 30, 56):
        house.bot.deliver(parcel(at=NOW + timedelta(minutes=minutes)))
    house.fake.logins += 1  # the service no longer knows the token
    with pytest.raises(ConnectorError):
        house.bot.deliver(parcel(at=NOW + timedelta(minutes=57)))
    house.bot.deliver(parcel(at=NOW + timedelta(minutes=57)))

    assert house.fake.logins == 4


@pytest.mark.parametrize("house", [{"app_secret": "wrong"}], indirect=True)
def test_a_refused_login_rests(house: House) -> None:
    """Repeating cannot help."""
    with pytest.raises(ConnectorError) as caught:
        house.bot.deliver(parcel())

    assert (caught.value.retryable, caught.value.pause) == (False, True)


@pytest.mark.parametrize(
    ("body", "verbs"),
    [
        (fake.status("accepted"), ["assigned"]),
        (fake.status("failed", "nobody speaks Latin"), ["note", "unreserved"]),
        (fake.status("completed", {"any": "format"}), ["return"]),
        (fake.status("paused"), []),
        (fake.status("accepted", type="message"), []),
        (fake.status("accepted", name="handoff.initiate"), []),
    ],
)
def test_what_the_hub_says_is_understood(house: House, body: bytes, verbs: list[str]) -> None:
    """Of the conversation it is in: hubs know no escalation."""
    said = house.bot.understand(fake.signed(body, NOW))

    assert [each.verb for each in said] == verbs
    assert {(each.conversation_id, each.by) for each in said} <= {(fake.CONVERSATION, "Zoe")}


@pytest.mark.parametrize(
    "token",
    [
        fake.token(NOW, "another"),
        fake.token(NOW, alg="none"),
        fake.token(NOW, alg="HS256"),
        fake.token(NOW, iss="https://sts.example"),
        fake.token(NOW, aud="another-bot"),
        fake.token(NOW, serviceurl="https://evil.example/"),
        fake.token(NOW, exp="soon"),
        fake.token(NOW - timedelta(hours=2)),
        fake.token(NOW + timedelta(minutes=6)),
        fake.token(NOW).rpartition(".")[0] + ".",
        "a.b.c",
    ],
)
def test_no_other_token_is_believed(house: House, token: str) -> None:
    """Another key, algorithm, issuer, bot, service or time."""
    callback = Callback({"authorization": f"Bearer {token}"}, fake.status("accepted"), NOW)

    with pytest.raises(Unauthenticated):
        house.bot.understand(callback)


def test_a_key_is_good_for_the_channels_it_names(house: House) -> None:
    """One channel does not speak for another."""
    with pytest.raises(Unauthenticated):
        house.bot.understand(fake.signed(fake.status("accepted", channelId="sms"), NOW))


@pytest.mark.parametrize(
    ("house", "body"),
    [
        ({}, fake.status("completed", **{"from": {"id": "u1", "name": "Zoe", "role": "user"}})),
        ({"hub_id": "hub"}, fake.status("completed", **{"from": {"id": "u1", "name": "Zoe"}})),
        ({}, fake.status("completed", channelId="msteams")),
    ],
    indirect=["house"],
)
def test_a_visitor_is_not_the_hub(house: House, body: bytes) -> None:
    """Who may write to the bot may send it events, and the channel signs them all."""
    assert house.bot.understand(fake.signed(body, NOW)) == ()


@pytest.mark.parametrize("house", [{"hub_id": "hub"}], indirect=True)
def test_the_hub_is_heard_by_its_id(house: House) -> None:
    """Where it is configured."""
    (said,) = house.bot.understand(fake.signed(fake.status("accepted"), NOW))

    assert said.verb == "assigned"


def test_forgeries_do_not_have_keys_asked_for(house: House) -> None:
    """Once in ten minutes is enough."""
    for _forged in range(5):
        with pytest.raises(Unauthenticated):
            house.bot.understand(
                Callback({"authorization": f"Bearer {fake.token(NOW, 'x')}"}, b"{}", NOW)
            )

    assert sum("keys" in one.line for one in house.peer.ledger) == 1


def test_forgeries_do_not_ask_again_what_has_no_answer(house: House) -> None:
    """While the keys cannot be had, strangers cause a call in five seconds and no more."""
    house.peer.answer = plain("503 Unavailable")
    for second in (0, 1, 4, 6):
        callback = fake.signed(fake.status("accepted"), NOW + timedelta(seconds=second))
        with pytest.raises(Unauthenticated):
            house.bot.understand(callback)

    assert len(house.peer.ledger) == 2
