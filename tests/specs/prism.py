"""Prism on loopback: a vendor's own description of its API, as a server that validates requests."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRISM = Path(os.environ.get("PRISM", ROOT / ".specs/node_modules/.bin/prism"))
SPECS = ROOT / os.environ.get("SHARED", "../shared") / "specs"
PATIENCE = 60.0
"""Seconds for Prism to read a description of some megabytes."""


@contextmanager
def served(description: str) -> Iterator[str]:
    """Yield the address where Prism serves a description; skip where either is absent."""
    if not PRISM.is_file():
        pytest.skip(f"no Prism at {PRISM}: `make specs` installs it")
    if not (SPECS / description).is_file():
        pytest.skip(f"no description at {SPECS / description}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), SPECS / description]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("Prism does not listen")
