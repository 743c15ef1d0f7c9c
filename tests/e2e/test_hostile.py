"""Hostile text on every page, in a real browser: nothing runs, and nothing leaves the origin."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page

from handoff.bootstrap import TENANT
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.ports import Transaction
from handoff.domain.records import Scope
from handoff.services.detectors import Written
from handoff.services.policies import activate, add
from tests import hostile
from tests.e2e.conftest import NewPage
from tests.e2e.house import House, house

pytestmark = pytest.mark.e2e
WORST = hostile.PAYLOADS[1]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Return a service whose policy and dispositions are hostile too."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(hostile.policy(WORST), encoding="utf-8")
    codes = {"general": hostile.PAYLOADS}
    with house(tmp_path / "data", policy_file=policy, dispositions=codes) as running:
        yield running


def harmed(home: House, payload: str) -> str:
    """Play a hostile conversation, let people add to it; return its escalation."""
    conversation = f"c {payload}"
    for turn in hostile.turns(payload):
        answer = home.bot.turn(conversation, turn, **hostile.about(payload))
    assert answer.escalation is not None
    escalation = answer.escalation.escalation_id
    home.bot.note(escalation, payload)
    home.bot.transfer(escalation, WORST, payload)
    home.bot.transfer(escalation, "general", payload)
    home.bot.claim(escalation)
    home.bot.turn(conversation, {"turn_id": "6", "role": "bot", "text": payload})
    return escalation


def activated(home: House, payload: str) -> str:
    """Put a hostile policy in force, with a rule in shadow that acts; return its version."""
    deps = home.service.deps
    text = hostile.policy(payload).replace("then: escalate", "then: escalate\n    mode: shadow")
    written, by = Written.load(text), Actor(ActorKind.ADMIN, payload)
    configured, version = deps.detectors.configured, written.policy.version

    def work(tx: Transaction) -> None:
        add(tx, written, by=by, at=deps.clock())
        activate(tx, configured, version, payload, by=by, at=deps.clock())

    deps.store.write(TENANT, work)
    deps.detectors.refresh()
    asks = {"turn_id": "1", "role": "customer", "text": "I want to talk to a human"}
    home.bot.turn(f"shadow {payload}", asks, job=payload)
    return version


class Watch:
    """Notes what a page does that it must not."""

    def __init__(self, page: Page, origin: str) -> None:
        """Watch from now on."""
        self.noted: list[str] = []
        page.on("request", lambda r: r.url.startswith(origin) or self.noted.append(r.url))
        page.on("dialog", lambda dialog: self.noted.append(dialog.message))
        page.on("pageerror", lambda error: self.noted.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: object) -> None:
        text = str(getattr(message, "text", message))
        if "Content Security Policy" in text or "Refused" in text:
            self.noted.append(text)  # it was stopped, but should never have been markup


def pages(escalations: list[str], versions: list[str]) -> list[str]:
    """Return the address of every page there is, with hostile parts where an address has some."""
    worst = quote(WORST, safe="")
    filters = urlencode(dict.fromkeys(("job", "intent", "reason", "queue"), WORST))
    return [
        "/desk",
        *(f"/desk/escalations/{one}?turns=all" for one in escalations),
        *(f"/transfers/{one}" for one in escalations),
        "/transfers",
        f"/transfers?{filters}",
        f"/transfers?since={worst}",
        f"/transfers?state={worst}",
        f"/transfers?cursor={worst}",
        "/reports",
        f"/reports?since={worst}",
        "/reports/shadow",
        f"/reports/shadow?since={worst}",
        "/policies",
        f"/policies?cursor={worst}",
        f"/policies/{worst}",
        *(f"/policies/{version}" for version in versions),
        f"/desk/escalations/{worst}",
        f"/transfers/{worst}",
        f"/login?token={worst}",
        f"/static/{worst}/{worst}",
    ]


def test_hostile_text_stays_text(home: House, enter: NewPage) -> None:
    """Every payload in every field, on every page."""
    escalations = [harmed(home, payload) for payload in hostile.PAYLOADS]
    home.bot.hand_back(escalations[0], {WORST: WORST, "summary": WORST})
    home.bot.dispose(escalations[1], "resolved", WORST)
    versions = [activated(home, payload[:90]) for payload in hostile.PAYLOADS]
    page = enter(WORST, scopes=(Scope.AGENT, Scope.SUPERVISOR, Scope.ADMIN))
    watch = Watch(page, home.url)

    for address in pages(escalations, versions):
        page.goto(home.url + address)
        page.wait_for_load_state()
        assert page.evaluate("window.__xss") is None, address
        assert not watch.noted, (address, watch.noted)


def test_hostile_text_that_arrives_by_itself_stays_text(home: House, enter: NewPage) -> None:
    """What the script puts on the page is no more trusted than what the server put there."""
    page = enter("Ann", scopes=(Scope.AGENT,))
    watch = Watch(page, home.url)
    page.get_by_text("Updates by itself").wait_for()

    escalations = [harmed(home, payload) for payload in hostile.PAYLOADS]

    page.locator(f"a[href='/desk/escalations/{escalations[-1]}']").wait_for()
    assert page.evaluate("window.__xss") is None
    assert not watch.noted


def test_hostile_text_in_a_form_that_failed_stays_text(home: House, enter: NewPage) -> None:
    """What somebody typed comes back into its field, and nowhere else."""
    escalation = harmed(home, "harmless")
    home.bot.release(escalation)
    page = enter("Ann")
    watch = Watch(page, home.url)
    page.goto(f"{home.url}/desk/escalations/{escalation}")
    page.get_by_role("button", name="Claim").click()
    page.locator("summary", has_text="Hand back").click()
    page.get_by_label("What you did").fill(hostile.PAYLOADS[4])
    page.get_by_label("Where things stand").fill(" ")

    page.get_by_role("button", name="Hand back to the bot").click()

    page.get_by_role("alert").wait_for()
    assert page.get_by_label("What you did").input_value() == hostile.PAYLOADS[4]
    assert page.evaluate("window.__xss") is None
    assert not watch.noted
