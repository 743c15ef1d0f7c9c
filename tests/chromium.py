"""Make sure that Chromium can be driven: `python -m tests.chromium` gets it where it is missing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]


def installed() -> str | None:
    """Return the path of a Chromium on this machine: the system's, else Playwright's own."""
    return next(filter(None, map(shutil.which, NAMES)), None) or _own()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium, headless, with nothing that talks to anybody by itself."""
    path = installed()
    if path is None:
        raise RuntimeError("there is no Chromium: run `python -m tests.chromium`")
    # Chromium refuses to run as root inside its sandbox.
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def main() -> int:
    """Get Chromium if it is missing and say in one line what was done; 1 if none can be had."""
    path = installed()
    if path is not None:
        print(f"Chromium is here: {path}")
        return 0
    complaints: list[str] = []
    for get in _ways():
        complaints.append(get())
        path = installed()
        if path is not None:
            print(f"Chromium was installed: {path}")
            return 0
    told = "; ".join(filter(None, complaints))
    print(f"Chromium is needed for the page tests, and none can be had: {told}", file=sys.stderr)
    return 1


def _ways() -> list[Callable[[], str]]:
    """Return how Chromium can be got here, the system's own package first."""
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    return [_by_apt, _by_playwright] if may_install else [_by_playwright]


def _by_apt() -> str:
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = _run([*APT, *command], DEBIAN_FRONTEND="noninteractive")
        if done:
            return done
    return ""


def _by_playwright() -> str:
    return _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _run(command: list[str], **more: str) -> str:
    """Run a command; return the last line of what it complained of, empty if it went well."""
    done = subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )
    complaint = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else (complaint[-1] if complaint else "no word of why")


def _own() -> str | None:
    """Return Playwright's own Chromium, without starting its driver: that alone takes a second."""
    told = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(told)] if told else [_CACHES[sys.platform == "darwin"]]
    found = (path for folder in folders for name in _OWN for path in sorted(folder.glob(name)))
    return next((str(path) for path in found), None)


_CACHES = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
_OWN = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-linux*/headless_shell",
)
"""Where Playwright puts what `playwright install chromium` gets."""

if __name__ == "__main__":
    sys.exit(main())
