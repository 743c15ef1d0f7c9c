"""The pages over a real database, put together by bootstrap, with a clock that stands still."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key, issue_login
from tests import fakes
from tests.serving import Served
from tests.web.looking import Look

POLICY = """\
schema: handoff-policy/1
name: test
rules:
  - {id: asks, when: signals.human_request >= 0.9, then: escalate}
  - {id: fails, when: signals.tool_failure >= 0.85, then: escalate}
storm: {window_s: 300, incident_at: 4}
routing:
  default_queue: general
  queues:
    general: {description: Everybody takes from here.}
    billing: {}
"""


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in, with a browser that has no script."""

    browser: httpx.Client
    csrf: str

    def see(self, address: str, status: int = 200) -> Look:
        """Return a page."""
        answer = self.browser.get(address)
        assert answer.status_code == status, answer.text
        return Look(answer.text)

    def send(self, address: str, **fields: str) -> httpx.Response:
        """Send a form."""
        return self.browser.post(address, data={"csrf": self.csrf, **fields})

    def do(self, escalation: str, choice: str, **fields: str) -> Look:
        """Send one of an escalation's forms and return the page that it leads to."""
        address = f"/desk/escalations/{escalation}"
        answer = self.send(f"{address}/{choice}", **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, address), answer.text
        return self.see(address)


LogIn = Callable[..., Person]


@pytest.fixture
def clock() -> fakes.Clock:
    """Return a clock that stands still."""
    return fakes.Clock()


@pytest.fixture
def service(tmp_path: Path, clock: fakes.Clock) -> Service:
    """Return a service with two queues, one of which wants a disposition."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    settings = Settings(
        data_dir=tmp_path,
        session_h=168,
        policy_file=policy,
        dispositions={"general": ("refund", "advice")},
    )
    return build(settings, clock=clock, connectors={"desk": fakes.Recorder()})


@pytest.fixture
def served(service: Service) -> Iterator[Served]:
    """Return the running application."""
    with Served(service.app) as running:
        yield running


@pytest.fixture
def bot(served: Served, service: Service) -> Iterator[httpx.Client]:
    """Return a client with a runtime's key."""
    deps = service.deps
    key, _ = deps.store.write(
        TENANT,
        lambda tx: issue_key(tx, "bot", [Scope.RUNTIME, Scope.AGENT], by=SYSTEM, at=deps.clock()),
    )
    with served.client(key) as made:
        yield made


@pytest.fixture
def link(service: Service) -> Callable[..., str]:
    """Return a maker of login links."""

    def make(name: str = "ann", *scopes: Scope, tenant: str = TENANT) -> str:
        deps = service.deps
        allowed = scopes or (Scope.AGENT, Scope.SUPERVISOR)
        token = deps.store.write(
            tenant, lambda tx: issue_login(tx, name, allowed, by=SYSTEM, at=deps.clock())
        )
        return f"/login?token={token}"

    return make


@pytest.fixture
def log_in(served: Served, link: Callable[..., str]) -> Iterator[LogIn]:
    """Return what logs somebody in."""
    browsers = []

    def enter(name: str = "ann", *scopes: Scope, tenant: str = TENANT) -> Person:
        browser = served.client()
        browsers.append(browser)
        token = urlsplit(link(name, *scopes, tenant=tenant)).query.partition("=")[2]
        answer = browser.post("/login", data={"token": token})
        assert answer.status_code == 303, answer.text
        start = browser.get(browser.get("/").headers["location"])
        return Person(browser, Look(start.text).field("csrf"))

    yield enter
    for browser in browsers:
        browser.close()


@pytest.fixture
def ann(log_in: LogIn) -> Person:
    """Return a human agent who is a supervisor too."""
    return log_in("ann")


def say(bot: httpx.Client, text: str, named: str = "c1", **fields: Any) -> httpx.Response:
    """Post a turn, a customer's unless it says otherwise."""
    body = {"turn_id": text, "role": "customer", "text": text, **fields}
    answer = bot.post(f"/v1/conversations/{named}/turns", json=body)
    assert answer.status_code == 200, answer.text
    return answer


def until_card(bot: httpx.Client, escalation: str, version: int) -> None:
    """Wait for a card that is written soon after the turn that adds to it."""
    for _ in range(100):
        if bot.get(f"/v1/escalations/{escalation}").json()["card_version"] >= version:
            return
        time.sleep(0.02)
    pytest.fail(f"no card version {version}")


def escalated(bot: httpx.Client, named: str = "c1", **fields: Any) -> str:
    """Open an escalation by asking for a person; return its id."""
    answer = say(bot, "I want to talk to a human", named, **fields).json()
    return str(answer["escalation"]["escalation_id"])
