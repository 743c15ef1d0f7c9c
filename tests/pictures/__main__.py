"""Take README's pictures of the real pages: `python -m tests.pictures`."""

import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from handoff.cli.demo import samples
from handoff.domain.records import Scope
from tests.chromium import chromium
from tests.e2e.house import House, house

FOLDER = Path(__file__).parent
WIDTH = 1080
LARGEST = 150_000
MINE, READ, RETURNED = "demo-parcel", "demo-card-charge", "demo-locked-out"
"""The shipped conversations that Ann has, whose card and whose story are shown."""
APART = 3
"""Minutes between conversations, so that the desk's waiting times are those of a working day."""


@dataclass
class Earlier:
    """A clock that begins a while ago and is moved on by hand."""

    minutes: int

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return datetime.now(UTC) - timedelta(minutes=self.minutes)


def main() -> int:
    """Write the pictures; 1 if one is too large for a repository."""
    conversations = samples()
    clock = Earlier(APART * len(conversations))
    with tempfile.TemporaryDirectory() as folder, house(Path(folder), clock=clock) as home:
        opened: dict[str, str | None] = {}
        for conversation in conversations:
            opened[conversation.conversation_id] = home.play(conversation)
            clock.minutes -= APART
        with chromium() as browser:
            page = browser.new_page()
            page.goto(home.login("Ann Bauer", Scope.AGENT, Scope.SUPERVISOR))
            page.get_by_role("button", name="Log in").click()
            _claim(page, home, opened[MINE])
            _hand_back(page, home, opened[RETURNED])
            page.goto(f"{home.url}/desk")
            page.get_by_text("Updates by itself").wait_for()
            _take(page, "desk", 700)
            page.goto(f"{home.url}/desk/escalations/{opened[READ]}")
            _take(page, "card", 720)
            page.goto(f"{home.url}/transfers/{opened[RETURNED]}")
            _take(page, "story", 600)
    large = [file.name for file in FOLDER.glob("*.png") if file.stat().st_size > LARGEST]
    if large:
        print(f"larger than {LARGEST} bytes: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


def _claim(page: Page, home: House, escalation: str | None) -> None:
    page.goto(f"{home.url}/desk/escalations/{escalation}")
    page.get_by_role("button", name="Claim").click()
    page.get_by_label("Message to the customer").fill("Hello, this is Ann. One moment, please.")
    page.get_by_role("button", name="Send").click()
    page.locator(".turn-human").wait_for()


def _hand_back(page: Page, home: House, escalation: str | None) -> None:
    _claim(page, home, escalation)
    page.locator("summary", has_text="Hand back").click()
    page.get_by_label("Where things stand").fill("The reset mail goes to the new address now.")
    page.get_by_role("button", name="Hand back to the bot").click()
    page.get_by_text("closed as returned").wait_for()


def _take(page: Page, name: str, height: int) -> None:
    page.set_viewport_size(ViewportSize(width=WIDTH, height=height))
    page.reload()
    page.wait_for_load_state()
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
