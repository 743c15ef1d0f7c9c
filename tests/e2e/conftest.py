"""Chromium, and a service with a desk for it to look at."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from handoff.domain.records import Scope
from tests.chromium import chromium
from tests.e2e.house import House, house

NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a real Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a fresh service."""
    with house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def enter(browser: Browser, home: House) -> Iterator[NewPage]:
    """Return what logs a person in, in a browser window of their own, and shows them the desk."""
    windows = []

    def log_in(name: str, *, script: bool = True, scopes: tuple[Scope, ...] = ()) -> Page:
        window = browser.new_context(java_script_enabled=script)
        windows.append(window)
        page = window.new_page()
        page.goto(home.login(name, *(scopes or (Scope.AGENT, Scope.SUPERVISOR))))
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/desk")
        return page

    yield log_in
    for window in windows:
        window.close()
