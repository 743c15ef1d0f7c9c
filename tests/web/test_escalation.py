"""An escalation's page: what it shows, what it offers, and what happens when a form is sent."""

from datetime import UTC, datetime

import httpx
import pytest

from handoff.domain.records import Scope
from handoff.templating import environment
from handoff.web.draft import Draft
from tests import fakes
from tests.web.conftest import LogIn, Person, escalated, say
from tests.web.looking import Look

CARD = "4000 0566 5566 5556"


def address(escalation: str) -> str:
    """Return where an escalation's page is."""
    return f"/desk/escalations/{escalation}"


def test_only_what_the_state_allows_is_offered(ann: Person, bot: httpx.Client) -> None:
    """The forms are the lifecycle's moves, for who holds it."""
    escalation = escalated(bot)

    queued = ann.see(address(escalation)).actions
    active = ann.do(escalation, "claim").actions
    closed = ann.do(escalation, "close", outcome="resolved", disposition="refund").actions

    assert queued == {"claim", "transfer", "defer", "note", "logout"}
    assert active == {
        "message",
        "hand_back",
        "close",
        "transfer",
        "release",
        "rate",
        "note",
        "logout",
    }
    assert closed == {"rate", "note", "logout"}


def test_what_others_hold_is_theirs(log_in: LogIn, bot: httpx.Client) -> None:
    """An agent may leave a note; a supervisor may also move it on."""
    escalation = escalated(bot)
    ann, bob, boss = log_in("ann"), log_in("bob", Scope.AGENT), log_in("eve", Scope.SUPERVISOR)
    ann.do(escalation, "claim")

    assert bob.see(address(escalation)).actions == {"note", "logout"}
    assert boss.see(address(escalation)).actions == {
        "transfer",
        "release",
        "close",
        "note",
        "logout",
    }
    assert "with ann" in bob.see(address(escalation)).text
    refused = bob.send(f"{address(escalation)}/release")
    assert refused.status_code == 409


def test_a_reservation_is_accepted_or_declined(
    ann: Person, bot: httpx.Client, log_in: LogIn
) -> None:
    """Only by whom it is held for."""
    escalation = escalated(bot)
    boss = log_in("eve", Scope.SUPERVISOR)
    told = {"human": "ann"}
    reserve = f"/v1/escalations/{escalation}/reserve"
    assert boss.browser.post(reserve, json=told).status_code == 200

    mine = ann.see(address(escalation))
    theirs = log_in("bob", Scope.AGENT).see(address(escalation))
    declined = ann.do(escalation, "decline", why="at lunch")

    assert {"accept", "decline"} <= mine.actions
    assert "held for you" in mine.text
    assert theirs.actions == {"note", "logout"}
    assert "claim" in declined.actions


def test_the_slower_one_learns_who_was_faster(log_in: LogIn, bot: httpx.Client) -> None:
    """The page is shown again, as it is now, and says so."""
    escalation = escalated(bot)
    ann, bob = log_in("ann"), log_in("bob")
    ann.do(escalation, "claim")

    answer = bob.send(f"{address(escalation)}/claim")

    assert answer.status_code == 409
    assert "It is active and ann has it: claim is not possible now." in answer.text


def test_tries_that_failed_are_told(ann: Person, bot: httpx.Client, clock: fakes.Clock) -> None:
    """Who and when, and how long the customer has waited by now."""
    escalation = escalated(bot)
    ann.do(escalation, "claim")

    once = ann.do(escalation, "release")
    for _ in range(3):
        ann.do(escalation, "claim")
        ann.do(escalation, "release")
    clock.forward(120)
    page = ann.see(address(escalation))

    assert "tried once: ann, released (12:00:00 UTC)" in once.text
    assert "tried 4 times, latest: ann, released (12:00:00 UTC);" in page.text
    assert page.text.count("ann, released") == 3
    assert "waited 2 min so far" in page.text


def test_whoever_claimed_learns_how_to_speak(log_in: LogIn, bot: httpx.Client) -> None:
    """Until the first message nobody has the floor; only its owner is told how to take it."""
    escalation = escalated(bot)
    ann, bob = log_in("ann"), log_in("bob", Scope.AGENT)

    claimed = ann.do(escalation, "claim")
    watched = bob.see(address(escalation))
    spoken = ann.do(escalation, "message", text="Hello", message_id="m1")

    assert "the bot is silent; your first message takes the floor" in claimed.text
    assert "may speak: nobody" in watched.text
    assert "may speak: ann" in spoken.text


def test_a_call_says_what_happens_if_it_is_not_connected(log_in: LogIn, bot: httpx.Client) -> None:
    """To whoever is being connected; others see until when it is tried."""
    escalation = escalated(bot, conversation={"channel": "voice"})
    ann, bob = log_in("ann"), log_in("bob", Scope.AGENT)

    mine = ann.do(escalation, "claim").text
    theirs = bob.see(address(escalation)).text

    due = theirs.partition("tried until ")[2][: len("12:00:00 UTC")]
    assert due.endswith(" UTC")
    assert f"if it does not until {due}, it goes back to the queue." in mine


def test_no_transfer_without_another_queue() -> None:
    """A button that leads nowhere is not shown."""
    choices = {"at": "/x", "csrf": "", "choices": {"transfer"}, "draft": Draft(), "tried": None}
    moves = environment("html").get_template("agent/_moves.html").module.moves  # type: ignore[attr-defined] # a macro
    rest = {"outcomes": (), "dispositions": ()}

    alone, two = (Look(moves(**choices, **rest, queues=queues)) for queues in ((), ("billing",)))

    assert "/x/transfer" not in alone.html
    assert "/x/transfer" in two.html


def test_what_was_typed_survives_a_refusal(ann: Person, bot: httpx.Client) -> None:
    """The form is open again, with its words."""
    escalation = escalated(bot)
    ann.do(escalation, "claim")

    answer = ann.send(f"{address(escalation)}/hand_back", summary="  ", done="sent <it>")

    assert answer.status_code == 422
    assert "Tell the bot in a sentence where things stand." in answer.text
    assert 'maxlength="8000">sent &lt;it&gt;</textarea>' in answer.text
    assert '<details class="move" name="move" open>' in answer.text


@pytest.mark.parametrize(
    ("choice", "fields", "told"),
    [
        ("close", {"outcome": "resolved", "disposition": "made up"}, "disposition must be one of"),
        ("close", {"outcome": "won", "disposition": "refund"}, "Choose how it ended."),
        ("transfer", {"queue": "nowhere"}, "no queue &#39;nowhere&#39;"),
        ("message", {"text": " "}, "The message is empty"),
        ("note", {"text": ""}, "The note is empty"),
        ("defer", {"amount": "2", "unit": "hours"}, "defer is not possible now"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(
    choice: str, fields: dict[str, str], told: str, ann: Person, bot: httpx.Client
) -> None:
    """In the page, and nothing has happened."""
    escalation = escalated(bot)
    ann.do(escalation, "claim")

    answer = ann.send(f"{address(escalation)}/{choice}", **fields)

    assert answer.status_code in (409, 422)
    assert told in answer.text
    assert bot.get(f"/v1/escalations/{escalation}").json()["state"] == "active"


@pytest.mark.parametrize("fields", [{"csrf": ""}, {"csrf": "0" * 64}])
def test_a_form_of_another_site_does_nothing(
    fields: dict[str, str], ann: Person, bot: httpx.Client
) -> None:
    """Without the token of this login a form is refused."""
    escalation = escalated(bot)

    answer = ann.browser.post(f"{address(escalation)}/claim", data=fields)

    assert answer.status_code == 403
    assert bot.get(f"/v1/escalations/{escalation}").json()["state"] == "queued"


def test_a_request_of_another_site_does_nothing(ann: Person, bot: httpx.Client) -> None:
    """Not even with the token, if the browser says where it comes from."""
    escalation = escalated(bot)

    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://mallory.test"}):
        answer = ann.browser.post(
            f"{address(escalation)}/claim", data={"csrf": ann.csrf}, headers=headers
        )
        assert answer.status_code == 403
    assert bot.get(f"/v1/escalations/{escalation}").json()["state"] == "queued"


def test_reading_changes_nothing(ann: Person, bot: httpx.Client) -> None:
    """A choice is a form, not a link."""
    escalation = escalated(bot)

    assert ann.browser.get(f"{address(escalation)}/claim").status_code == 405


def test_a_message_reaches_the_conversation_once(ann: Person, bot: httpx.Client) -> None:
    """Sent twice by a double click it is one turn, and the human has the floor."""
    escalation = escalated(bot)
    message_id = ann.do(escalation, "claim").field("message_id")

    for _ in range(2):
        ann.do(escalation, "message", text="Hello, this is Ann.", message_id=message_id)

    said = bot.get("/v1/conversations/c1/turns").json()["items"]
    assert [turn["text"] for turn in said if turn["role"] == "human"] == ["Hello, this is Ann."]
    control = bot.get("/v1/conversations/c1/control").json()
    assert (control["holder"], control["name"]) == ("human", "ann")


def test_a_card_number_is_masked_on_its_way_in(ann: Person, bot: httpx.Client) -> None:
    """In whatever a person types, and the mask is marked on the page."""
    escalation = escalated(bot)
    ann.do(escalation, "claim")

    ann.do(escalation, "message", text=f"Is it {CARD}?")
    ann.do(escalation, "note", text=f"they read out {CARD}")
    page = ann.do(escalation, "hand_back", summary=f"paid with {CARD}", promises=CARD)

    assert "4000" not in page.html
    assert page.text.count("[card ••5556]") == 4
    assert '<span class="masked" title="masked before it was stored">[card ••5556]' in page.html


def test_handed_back_with_a_brief(ann: Person, bot: httpx.Client) -> None:
    """What was done and promised, line by line, and whether the bot may go on."""
    escalation = escalated(bot)
    ann.do(escalation, "claim")

    page = ann.do(
        escalation,
        "hand_back",
        summary="Refunded.",
        done="refunded\r\n\r\ntold them ",
        promises="mail today",
        may_resume="yes",
    )

    assert bot.get(f"/v1/escalations/{escalation}").json()["return_brief"] == {
        "summary": "Refunded.",
        "done": ["refunded", "told them"],
        "promises": ["mail today"],
        "may_resume": True,
    }
    assert "Handed back to the bot with" in page.text
    assert bot.get("/v1/conversations/c1/control").json()["holder"] == "bot"


def test_deferred_to_a_time_from_now(ann: Person, bot: httpx.Client, clock: fakes.Clock) -> None:
    """In minutes, hours or days: whatever the time zone."""
    escalation = escalated(bot)

    ann.do(escalation, "defer", amount="90", unit="minutes")

    told = bot.get(f"/v1/escalations/{escalation}").json()["contact_at"]
    contact_at = datetime.fromisoformat(told).astimezone(UTC)
    assert (contact_at - clock()).total_seconds() == 5_400


def test_transferred_to_another_queue(ann: Person, bot: httpx.Client) -> None:
    """It waits there, and the form does not offer the queue it is in."""
    escalation = escalated(bot)

    page = ann.do(escalation, "transfer", queue="billing", why="an invoice")

    assert "queue billing" in page.text
    options = [option["value"] for option in page.all("option")]
    assert "billing" not in options
    assert "general" in options


def test_every_claim_says_how_it_is_known(ann: Person, bot: httpx.Client) -> None:
    """In a word of its own, not by colour."""
    say(bot, "It is FF-1 and my name is Mo", slots={"order_id": "FF-1", "name": "Mo"})
    call = {"name": "get_order", "arguments": {"order_id": "FF-1"}, "ok": True}
    say(bot, "", turn_id="t2", role="tool", tool_call=call | {"result": {"order_id": "FF-1"}})

    page = ann.see(address(escalated(bot)))

    assert '<span class="claim-status claim-status-verified">verified</span>' in page.html
    assert '<span class="claim-status claim-status-stated">customer said</span>' in page.html


def test_a_citation_leads_to_its_turn_and_back(ann: Person, bot: httpx.Client) -> None:
    """Each cited turn is on the page, marked, with what cites it."""
    say(bot, "My order FF-1 is lost", slots={"order_id": "FF-1"})

    page = ann.see(address(escalated(bot)))

    ids = {a["id"] for _, a in page.elements if "id" in a}
    cited = [link for link in page.links if link.startswith("#turn-")]
    assert cited
    assert {link.removeprefix("#") for link in cited} <= ids
    assert "on the card:" in page.text
    assert "card" in ids


def test_there_is_no_such_escalation(ann: Person) -> None:
    """A page says so, not a line of JSON."""
    page = ann.see(address("esc_nothing"), 404)

    assert "no escalation esc_nothing" in page.text
    assert ann.send(f"{address('esc_nothing')}/claim").status_code == 404


def test_an_unknown_choice_is_refused(ann: Person, bot: httpx.Client) -> None:
    """As a page too."""
    answer = ann.send(f"{address(escalated(bot))}/explode")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
