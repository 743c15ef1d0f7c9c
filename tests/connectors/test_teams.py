"""The Teams connector: an adaptive card whose words are words."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors import connect
from connectors.teams import LIMIT, message
from handoff.domain.connector import Connector
from handoff.domain.errors import Invalid
from handoff.domain.escalation import CloseOutcome, State
from handoff.outbound import GuardedClient
from tests.parcels import parcel
from tests.receiver import Receiver, plain

HOSTILE = "<at>everyone</at> [click](https://evil.example) **bold** {{x}} \u202e" + "x" * 5_000


@dataclass(frozen=True, slots=True)
class House:
    """The connector and the workflow it calls."""

    teams: Connector
    peer: Receiver

    def cards(self) -> list[dict[str, Any]]:
        """Return the cards that arrived."""
        return [json.loads(one.body)["attachments"][0]["content"] for one in self.peer.ledger]


@pytest.fixture
def house() -> Iterator[House]:
    """Return the connector with a workflow on loopback."""
    with (
        Receiver(plain("202 Accepted")) as peer,
        closing(GuardedClient(allow_loopback=True)) as out,
    ):
        told = {"url": f"{peer.url}?sig=s3cret", "urls": {"billing": f"{peer.url}/billing?sig=b"}}
        yield House(connect("teams", told, out), peer)


def words(card: dict[str, Any]) -> str:
    """Return all that a card says."""
    runs = [run for block in card["body"][0]["items"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    return "\n".join(run["text"] for run in runs)


def test_a_card_has_the_words_and_the_link(house: House) -> None:
    """To the queue's own workflow."""
    house.teams.deliver(parcel())

    (card,) = house.cards()
    assert "I want a person" in words(card)
    assert card["actions"][0]["url"] == "http://127.0.0.1:8080/desk/escalations/esc_1"
    assert house.peer.ledger[0].line.startswith("POST /hook/billing?sig=b ")


def test_hostile_words_are_runs_of_plain_text() -> None:
    """No Markdown, no mention, and within what Teams takes."""
    told = message(parcel(said=HOSTILE))

    assert len(json.dumps(told)) < LIMIT
    assert "entities" not in json.dumps(told)
    assert '"TextBlock"' not in json.dumps(told)


def test_an_end_is_told_in_a_line(house: House) -> None:
    """Without the card, and not at all where there was no beginning."""
    told = parcel("dlv_2", "closed")
    over = told.escalation.evolve(state=State.CLOSED, outcome=CloseOutcome.RESOLVED)
    house.teams.deliver(replace(told, escalation=over, reference="esc_1"))
    house.teams.deliver(replace(told, escalation=over))

    (card,) = house.cards()
    assert "closed in billing, priority 2: resolved" in words(card)


@pytest.mark.parametrize("url", ["", "ftp://x", "workflow", 7])
def test_an_address_is_checked_and_never_shown(url: object) -> None:
    """It holds the workflow's key."""
    with closing(GuardedClient()) as out, pytest.raises(Invalid) as caught:
        connect("teams", {"url": url}, out)  # type: ignore[dict-item] # what is wrong

    assert "ftp" not in caught.value.message
