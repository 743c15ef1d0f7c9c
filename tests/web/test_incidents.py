"""The banner of what goes on, and how an escalation says that it is of it."""

import httpx
import pytest

from handoff.bootstrap import Service
from handoff.domain.records import Scope
from handoff.services.timers import fire_timer
from tests import fakes
from tests.web.conftest import LogIn, Person, say

BANNER = "5 conversations since 12:00 UTC because get_order<b> fails"


def fail(bot: httpx.Client, number: int) -> str:
    """Let a tool fail in a conversation of its own; return the escalation."""
    for turn in range(3):
        call = {"name": "get_order<b>", "ok": False}
        answer = say(bot, f"t{turn}", f"storm-{number}", role="tool", tool_call=call)
    return str(answer.json()["escalation"]["escalation_id"])


@pytest.fixture
def storm(bot: httpx.Client) -> list[str]:
    """Return five escalations of one incident, two of them held."""
    return [fail(bot, number) for number in range(5)]


@pytest.mark.parametrize("page", ["/desk", "/transfers", "/reports"])
def test_a_banner_stands_over_the_lists(ann: Person, storm: list[str], page: str) -> None:
    """How many, since when, why, where they are, and a way to see them."""
    seen = ann.see(page)

    assert BANNER in seen.text
    assert "3 in the queue, 2 promised a contact by 12:13 UTC" in seen.text
    assert any("?incident=inc_" in link for link in seen.links)


@pytest.mark.parametrize("page", ["/desk", "/transfers", "/reports"])
def test_without_an_incident_there_is_no_banner(ann: Person, page: str) -> None:
    """Only its empty place, which fills by itself."""
    seen = ann.see(page)

    assert "because" not in seen.text
    assert [a["id"] for a in seen.all("div") if a.get("class") == "incidents"] == ["incidents"]


@pytest.mark.parametrize("page", ["/desk", "/transfers"])
def test_the_banner_leads_to_its_escalations(
    ann: Person, bot: httpx.Client, storm: list[str], page: str
) -> None:
    """Those of the incident and no others."""
    say(bot, "I want to talk to a human", "another")
    href = next(link for link in ann.see(page).links if "?incident=" in link)

    seen = ann.see(href)

    listed = {link.rpartition("/")[2] for link in seen.links if "/esc_" in link}
    assert listed == set(storm)


def test_an_escalation_says_of_which_incident_it_is(ann: Person, storm: list[str]) -> None:
    """At the desk and in its story, with why it was held."""
    desk = ann.see(f"/desk/escalations/{storm[-1]}")
    story = ann.see(f"/transfers/{storm[-1]}")

    assert "One of 5 conversations because get_order<b> fails" in desk.text
    assert "One of 5 conversations" in story.text
    assert "many came for the same cause" in story.text


def test_another_tenant_has_no_banner(log_in: LogIn, storm: list[str]) -> None:
    """Nor does an incident's id tell it anything."""
    eve = log_in("eve", Scope.AGENT, Scope.SUPERVISOR, tenant="other")

    assert "because" not in eve.see("/desk").text
    assert "/esc_" not in " ".join(eve.see("/transfers?incident=inc_1").links)


def test_it_is_over_by_itself(
    ann: Person, storm: list[str], clock: fakes.Clock, service: Service
) -> None:
    """Then the banner is gone, and the escalation says so."""
    clock.forward(300)
    deps = service.deps
    for timer in deps.store.read_any(lambda work: work.due_timers(clock.at, 50)):
        fire_timer(deps, timer)

    assert "because" not in ann.see("/desk").text
    assert "fails, over" in ann.see(f"/desk/escalations/{storm[0]}").text
