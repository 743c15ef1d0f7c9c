"""One escalation's story."""

import httpx

from handoff.domain.audit import AuditEntry, chain
from handoff.domain.lifecycle import Move
from handoff.services.deliver import ACTIONS as DELIVERED
from handoff.web.timeline import ACTIONS, Step, timeline
from tests import factories, fakes
from tests.web.conftest import Person, escalated, say, until_card


def step(**entry: object) -> Step:
    """Return one entry of the trail in words."""
    told: AuditEntry = factories.entry(**entry)
    (only,) = timeline([chain("", 7, told)], {2: "get_order"})
    return only


def test_from_the_decision_to_the_outcome(
    ann: Person, bot: httpx.Client, clock: fakes.Clock
) -> None:
    """Signals, decision, card versions, people and outcome, in order, on one page."""
    say(bot, "hello")
    escalation = escalated(bot)
    say(bot, "my order is FF-1", slots={"order_id": "FF-1"})
    until_card(bot, escalation, 2)
    clock.forward(60)
    ann.do(escalation, "claim")
    ann.do(escalation, "note", text="known customer")
    ann.do(escalation, "close", outcome="resolved", disposition="refund")

    text = ann.see(f"/transfers/{escalation}").text

    titles = [
        "Escalated to the queue general",
        "A new card",
        "Claimed by ann",
        "Connected to the customer",
        "“known customer”",
        "Closed as resolved",
        "Deliveries",
        "Conversation",
    ]
    places = [text.index(title) for title in titles[:6]]
    assert places == sorted(places)
    assert all(title in text for title in titles)
    assert "asked for a person: “talk to a human” turn 2 strength 1" in text
    assert "waited 1 min" in text
    assert "closed as resolved , refund" in text


def test_every_card_version_can_be_read(ann: Person, bot: httpx.Client) -> None:
    """As it was when somebody acted on it."""
    escalation = escalated(bot)
    say(bot, "my order is FF-1", slots={"order_id": "FF-1"})
    until_card(bot, escalation, 2)

    newest = ann.see(f"/transfers/{escalation}")
    first = ann.see(f"/transfers/{escalation}?card=1")

    assert "Card version 1 , version 2" not in newest.text
    assert "Card version 2," in newest.text
    assert "Card version 1," in first.text
    assert f"/transfers/{escalation}?card=1#card" in newest.links


def test_deliveries_are_a_line_a_connector(ann: Person, bot: httpx.Client) -> None:
    """Where the last one stands; each of them is one fold away."""
    escalation = escalated(bot)
    say(bot, "my order is FF-1", slots={"order_id": "FF-1"})
    until_card(bot, escalation, 2)

    page = ann.see(f"/transfers/{escalation}")

    sent = page.text.rpartition("Deliveries")[2].partition("Conversation")[0]
    lines = [
        told for name, told in page.elements if name == "ul" and told.get("class") == "receivers"
    ]
    assert len(lines) == 1
    assert sent.split()[0] == "desk"
    assert "opened" in sent
    assert "updated" in sent


def test_evidence_leads_to_its_turns(ann: Person, bot: httpx.Client) -> None:
    """Signal, rule, strength, value, threshold, turns."""
    escalation = escalated(bot)

    page = ann.see(f"/transfers/{escalation}")

    ids = {a["id"] for _, a in page.elements if "id" in a}
    cited = {link.removeprefix("#") for link in page.links if link.startswith("#turn-")}
    assert cited
    assert cited <= ids


def test_every_move_and_every_delivery_has_words() -> None:
    """Nothing that happens is told by a code."""
    assert {move.value for move in Move} <= set(ACTIONS)
    assert set(DELIVERED.values()) | {"delivery_late", "delivery_replayed"} <= set(ACTIONS)


def test_an_entry_in_words() -> None:
    """Who, what, from where to where."""
    told = step(details={"human": "ann", "attempt": "connected"})

    assert (told.kind, told.title, told.who) == ("person", "Claimed by ann", "ann")
    assert (told.change, told.remarks) == ("queued → connecting", ("attempt connected",))
    assert (told.time, told.sequence) == ("12:00:00", 7)


def test_evidence_names_the_tool_and_counts_turns_from_one() -> None:
    """In plain words, whatever an older version wrote beside them."""
    reason = {"signal": "tool_failure", "rule": None, "value": 2, "turns": [0, 2], "x": 1}

    (line,) = step(action="opened", details={"reasons": [reason, "?"]}).evidence

    assert line.text == "the tool get_order failed 2 times in a row"
    assert (line.where, line.turns) == ("turns 1, 3", (0, 2))


def test_an_entry_of_a_kind_that_is_not_known_yet() -> None:
    """A newer service's trail can still be read."""
    assert step(action="call_back_booked", details={}).title == "call back booked"


def test_braces_in_details_are_only_text() -> None:
    """A name is filled in once, whatever it looks like."""
    assert step(details={"human": "{why}", "why": "x"}).title == "Claimed by {why}"
