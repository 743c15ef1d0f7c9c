"""Rating a card at the desk, and what the pages tell of how cards are used."""

import csv
import io

import httpx
import pytest

from handoff.bootstrap import Service
from handoff.services.card_use import COLUMNS
from tests.web.conftest import LogIn, Person, escalated, say


def taken(ann: Person, bot: httpx.Client) -> str:
    """Open an escalation about an order, which Ann takes."""
    say(bot, "My order XK4711 is late.", conversation={"job": "returns"}, slots={"order": "XK4711"})
    escalation = escalated(bot, conversation={"job": "returns"})
    ann.do(escalation, "claim")
    return escalation


def test_two_buttons_and_what_was_said(ann: Person, bot: httpx.Client) -> None:
    """The page says what one said before; one may think again."""
    escalation = taken(ann, bot)

    first = ann.do(escalation, "rate", useful="yes", card_version="1")
    second = ann.do(escalation, "rate", useful="no", claim="order", card_version="1")

    assert "you said: useful" in first.text
    assert "you said: not useful" in second.text
    pressed = [b.get("aria-pressed") for b in second.all("button") if b.get("name") == "useful"]
    assert pressed == ["false", "true"]


@pytest.mark.parametrize("fields", [{}, {"useful": "maybe"}, {"useful": "no", "claim": "shoe"}])
def test_a_wrong_form_changes_nothing(
    fields: dict[str, str], ann: Person, bot: httpx.Client
) -> None:
    """It says why."""
    escalation = taken(ann, bot)

    answer = ann.send(f"/desk/escalations/{escalation}/rate", **fields)

    assert answer.status_code == 422
    assert "you said" not in ann.see(f"/desk/escalations/{escalation}").text


def test_ratings_at_the_desk_are_counted(ann: Person, bot: httpx.Client, service: Service) -> None:
    """Those that were stored, for Prometheus."""
    escalation = taken(ann, bot)

    ann.do(escalation, "rate", useful="yes", card_version="1")
    ann.send(f"/desk/escalations/{escalation}/rate", useful="no", claim="shoe")

    assert service.deps.counts.ratings.counts() == {"useful": 1, "not_useful": 0}


def test_nobody_else_is_asked(log_in: LogIn, ann: Person, bot: httpx.Client) -> None:
    """Who does not have it sees no buttons, and cannot rate it at the desk."""
    escalation = taken(ann, bot)
    bob = log_in("bob")

    assert "rate" not in bob.see(f"/desk/escalations/{escalation}").actions
    assert bob.send(f"/desk/escalations/{escalation}/rate", useful="no").status_code == 409


def test_the_story_tells_what_was_asked_again(ann: Person, bot: httpx.Client) -> None:
    """Unknown at first, then with its turn; and every rating."""
    escalation = taken(ann, bot)
    before = ann.see(f"/transfers/{escalation}").text
    ann.do(escalation, "message", text="What is your order number?", message_id="m1")
    ann.do(escalation, "rate", useful="no", claim="order")

    page = ann.see(f"/transfers/{escalation}")

    assert "nobody can tell whether they asked" in before
    assert "says it: order turn" in page.text
    assert "not useful; wrong on it: order" in page.text
    assert "Card version 1 rated" in page.text


def test_the_reports_page_and_csv(ann: Person, bot: httpx.Client) -> None:
    """Unknown is not 0."""
    escalation = taken(ann, bot)
    unknown = ann.see("/reports").text
    ann.do(escalation, "message", text="What is your order number?", message_id="m1")

    text = ann.see("/reports").text
    (row,) = csv.DictReader(io.StringIO(ann.browser.get("/reports/restarts.csv").text, newline=""))

    assert "returns no intent general 1 1 0 unknown unknown" in unknown
    assert "No turn of a human is known" in unknown
    assert "In 1 of 1 (100%) where the human's turns are known." in text
    assert "returns no intent general 1 1 1 1 100% 0 0 order" in text
    assert tuple(row) == tuple(COLUMNS)
    assert row["most_asked"] == "order"
