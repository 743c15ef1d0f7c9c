"""The list at the desk."""

import httpx

from handoff.domain.records import Scope
from tests import fakes
from tests.web.conftest import LogIn, Person, escalated, say
from tests.web.looking import Look


def headlines(page: Look) -> list[str]:
    """Return the links to escalations in order."""
    return [link for link in page.links if link.startswith("/desk/escalations/")]


def test_an_empty_desk_says_so(ann: Person) -> None:
    """Every queue is named though nobody waits."""
    page = ann.see("/desk")

    assert page.text.count("Nobody waits here.") == 2
    assert "general" in page.text
    assert "Everybody takes from here." in page.text


def test_the_most_urgent_comes_first(ann: Person, bot: httpx.Client, clock: fakes.Clock) -> None:
    """By priority, then by how long somebody has waited."""
    late = escalated(bot, "late")
    clock.forward(60)
    later = escalated(bot, "later")
    clock.forward(60)
    opening = {"conversation_id": "urgent", "priority": 1}
    urgent = bot.post("/v1/escalations", json=opening).json()["escalation"]["escalation_id"]
    clock.forward(60)

    page = ann.see("/desk")

    assert headlines(page) == [f"/desk/escalations/{one}" for one in (urgent, late, later)]
    assert "3 min waiting" in page.text
    assert "1 min waiting" in page.text
    assert page.text.count(", urgent") == 1


def test_mine_are_first_and_others_last(log_in: LogIn, bot: httpx.Client) -> None:
    """Who has what is plain to see."""
    mine, theirs, free = (escalated(bot, name) for name in ("a", "b", "c"))
    ann, bob = log_in("ann"), log_in("bob")
    ann.do(mine, "claim")
    bob.do(theirs, "claim")

    page = ann.see("/desk")

    assert headlines(page) == [f"/desk/escalations/{one}" for one in (mine, free, theirs)]
    assert "Yours 1" in page.text
    assert "With others 1" in page.text
    assert "bob" in page.text.partition("With others")[2]


def test_the_rest_of_a_long_queue_is_a_page_away(ann: Person, bot: httpx.Client) -> None:
    """A hundred on a page, and no one left out or shown twice."""
    opened = [escalated(bot, f"c{n}") for n in range(103)]

    first = ann.see("/desk")
    (more,) = [link for link in first.links if link.startswith("/desk?cursor=")]
    second = ann.see(more)

    shown = headlines(first) + headlines(second)
    assert sorted(shown) == sorted(f"/desk/escalations/{one}" for one in opened)
    assert "103" in first.text


def test_deferred_ones_say_when(ann: Person, bot: httpx.Client) -> None:
    """A promised contact is not forgotten."""
    escalation = escalated(bot)

    ann.do(escalation, "defer", amount="2", unit="days")

    later = ann.see("/desk").text.partition("Later")[2]
    assert "back in the queue at 06 May 2026, 12:00 UTC" in later


def test_without_a_script_the_page_reloads_itself(ann: Person) -> None:
    """A plain refresh, for browsers that run no script."""
    page = ann.see("/desk")

    assert {"http-equiv": "refresh", "content": "30"} in page.all("meta")
    assert "<noscript>" in page.html


def test_the_start_is_the_desk_or_the_reports(log_in: LogIn, bot: httpx.Client) -> None:
    """Whoever may not take over starts where they may look."""
    agent, admin = log_in("ann", Scope.AGENT), log_in("eve", Scope.ADMIN)
    say(bot, "hello")

    assert agent.browser.get("/").headers["location"] == "/desk"
    assert admin.browser.get("/").headers["location"] == "/reports"
