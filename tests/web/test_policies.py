"""Policies for supervisors, and the changes that admins make of them."""

import csv
import io

import httpx
import pytest

from handoff.bootstrap import TENANT, Service
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.detectors import Written
from handoff.services.policies import add
from handoff.services.shadow import TABLE
from handoff.web.differences import MOST_LINES, DiffLine, differences
from tests import hostile
from tests.web.conftest import POLICY, LogIn, Person, say

QUIET = (
    POLICY.replace("name: test", "name: quiet").replace("escalate}", "offer}")
    + "score: {bias: -20}\n"
)
SHADOW = POLICY.replace("escalate}", "escalate, mode: shadow}")


def added(service: Service, text: str = QUIET) -> str:
    """Add a policy; return its version."""
    deps, written = service.deps, Written.load(text)
    deps.store.write(TENANT, lambda tx: add(tx, written, by=SYSTEM, at=deps.clock()))
    return written.policy.version


@pytest.fixture
def eve(log_in: LogIn) -> Person:
    """Return an admin."""
    return log_in("eve", Scope.ADMIN)


def test_the_settings_policy_is_in_force_at_first(ann: Person) -> None:
    """It is listed and can be read, though it is not stored; there is nothing to go back to."""
    page = ann.see("/policies")
    (address,) = {link for link in page.links if link.startswith("/policies/")}

    assert "test" in page.text
    assert "as the settings of the service say" in page.text
    assert page.actions == {"logout"}
    assert "default_queue: general" in ann.see(address).text


def test_an_admin_puts_a_version_in_force_and_goes_back(
    eve: Person, service: Service, bot: httpx.Client
) -> None:
    """Each with a reason, which stands in the history; turns follow at once."""
    version = added(service)
    assert eve.see(f"/policies/{version}").actions == {"logout", "activate"}

    eve.send(f"/policies/{version}/activate", why="too many transfers")
    during = eve.see("/policies")
    acted = say(bot, "I want to talk to a human").json()["action"]
    eve.send("/policies/rollback", why="too few")
    after = eve.see("/policies")

    assert f"quiet {version} since 04 May 2026, 12:00 UTC , by eve : too many transfers" in (
        during.text
    )
    assert "rollback" in during.actions
    assert acted == "offer"
    assert "gone back to eve too few" in after.text
    assert "rollback" not in after.actions
    assert "activate" not in eve.see(f"/policies/{after.links[-1].rpartition('/')[2]}").actions


def test_a_version_is_shown_beside_the_one_in_force(
    ann: Person, eve: Person, service: Service
) -> None:
    """And the one in force beside what was before it."""
    version = added(service)
    before = ann.see(f"/policies/{version}")
    eve.send(f"/policies/{version}/activate", why="better")
    after = ann.see(f"/policies/{version}")

    assert "What differs from the one in force" in before.text
    assert "What differs from the one before" in after.text
    for page in (before, after):
        assert "-name: test +name: quiet" in page.text
        assert {"diff-added", "diff-removed"} <= {str(li.get("class")) for li in page.all("li")}


def test_supervisors_look_and_do_not_change(ann: Person, service: Service) -> None:
    """There is no form for them, and one that they make up is refused."""
    version = added(service)

    page = ann.see(f"/policies/{version}")
    answers = [
        ann.send(address, why="x")
        for address in (f"/policies/{version}/activate", "/policies/rollback")
    ]

    assert page.actions == {"logout"}
    assert [answer.status_code for answer in answers] == [403, 403]


def test_agents_have_no_policies(log_in: LogIn) -> None:
    """Neither the place nor the page."""
    bob = log_in("bob", Scope.AGENT)

    assert "/policies" not in bob.see("/desk").links
    assert bob.browser.get("/policies").status_code == 403


@pytest.mark.parametrize(
    ("address", "fields", "status"),
    [
        ("/policies/{}/activate", {"why": " "}, 422),
        ("/policies/{}/activate", {"why": "x" * 501}, 422),
        ("/policies/{}/activate", {"why": "x", "csrf": "made up"}, 403),
        ("/policies/0/activate", {"why": "x"}, 404),
        ("/policies/rollback", {"why": "x"}, 409),
    ],
)
def test_what_cannot_be_is_told_on_a_page(
    eve: Person, service: Service, address: str, fields: dict[str, str], status: int
) -> None:
    """No reason, another login's form, no such version, nothing to go back to."""
    answer = eve.send(address.format(added(service)), **fields)

    assert answer.status_code == status
    assert "as the settings of the service say" in eve.see("/policies").text


def test_hostile_words_stay_text(eve: Person, service: Service) -> None:
    """In a policy's name, its lines and a reason."""
    for payload in hostile.PAYLOADS:
        version = added(service, hostile.policy(payload[:95]))
        pages = [eve.see(f"/policies/{version}")]
        eve.send(f"/policies/{version}/activate", why=payload)
        pages += [eve.see("/policies"), eve.see(f"/policies/{version}")]
        for page in pages:
            assert not {"iframe", "img", "base", "math"} & {tag for tag, _ in page.elements}
            assert all(script.get("src") for script in page.all("script"))


def test_differences_are_bounded() -> None:
    """Long lines are cut with their indent kept; long texts are not compared."""
    long = "  x: " + "y" * 1_000

    told = differences("a\nb", f"a\n{long}")

    assert told is not None
    assert [line.kind for line in told] == ["place", "same", "removed", "added"]
    assert told[-2] == DiffLine("removed", "-b")
    assert told[-1].text.startswith("+  x: y")
    assert len(told[-1].text) == 400
    assert differences("", "a\n" * (MOST_LINES + 1)) is None


def test_rules_in_shadow_have_a_page(
    ann: Person, eve: Person, service: Service, bot: httpx.Client
) -> None:
    """By rule with conversations, and by rule and job; a period without any says so."""
    eve.send(f"/policies/{added(service, SHADOW)}/activate", why="try")
    say(bot, "I want to talk to a human", "c1", conversation={"job": "returns"})

    page = ann.see("/reports/shadow")
    rows = csv.DictReader(io.StringIO(ann.browser.get("/reports/shadow.csv").text, newline=""))

    assert "asks escalate 1 0 1 0 0 0 c1" in page.text
    assert "asks escalate returns 1 0 1 0 0 0" in page.text
    assert [tuple(row) for row in rows] == [TABLE]
    assert "No rule in shadow would have acted" in ann.see("/reports/shadow?since=2027-01-01").text
    assert "/reports/shadow?since=2026-05-01" in ann.see("/reports?since=2026-05-01").links


def test_a_replay_has_a_page(ann: Person, service: Service, bot: httpx.Client) -> None:
    """First a form; once it is sent, counts by job and some conversations that differ."""
    version = added(service)
    say(bot, "I want to talk to a human", "c1", conversation={"job": "returns"})
    say(bot, "hello", "c2")
    address = f"/policies/{version}/replay"

    form, told = ann.see(address), ann.see(f"{address}?limit=100")
    outside = ann.see(f"{address}?limit=100&since=2027-01-01")

    assert address in ann.see(f"/policies/{version}").links
    assert "By job" not in form.text
    assert f"quiet@{version} beside test@" in told.text
    assert "returns 1 1 0 0 1 0 0 0" in told.text
    assert "All 2 1 0 0 1 0 0 0" in told.text
    assert "c1 returns only as it is turn 1:" in told.text
    assert "They differ in no conversation" in outside.text


def test_a_replay_page_says_what_it_left_out(
    ann: Person, service: Service, bot: httpx.Client
) -> None:
    """And that there is no such version, or that a limit is none."""
    version = added(service)
    for name in ("c1", "c2", "c3"):
        say(bot, "hello", name)

    assert (
        "2 older conversations were left out" in ann.see(f"/policies/{version}/replay?limit=1").text
    )
    assert ann.browser.get("/policies/0/replay?limit=1").status_code == 404
    assert ann.browser.get(f"/policies/{version}/replay?limit=0").status_code == 422


def test_replays_are_for_those_who_count(log_in: LogIn, service: Service) -> None:
    """Agents are refused; supervisors and admins are not; another tenant has no such version."""
    address = f"/policies/{added(service)}/replay"

    assert log_in("bob", Scope.AGENT).browser.get(address).status_code == 403
    assert log_in("sue", Scope.SUPERVISOR).see(address)
    assert log_in("eve", Scope.ADMIN).see(address)
    assert log_in("zoe", Scope.ADMIN, tenant="other").browser.get(address).status_code == 404


def test_hostile_words_of_a_replay_stay_text(
    ann: Person, service: Service, bot: httpx.Client
) -> None:
    """A job and a policy's name are foreign words."""
    payload = hostile.PAYLOADS[0][:90]
    say(bot, "I want to talk to a human", "c1", conversation={"job": payload})

    page = ann.see(f"/policies/{added(service, hostile.policy(payload))}/replay?limit=100")

    assert not {"iframe", "img", "base", "math"} & {tag for tag, _ in page.elements}
    assert all(script.get("src") for script in page.all("script"))
