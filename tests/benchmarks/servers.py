"""Processes that the benchmarks and the fault tests start, and end by their own id."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

HANDOFF = [sys.executable, "-m", "handoff"]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """Return the environment of a service whose data lies in `folder`."""
    told = {
        "HANDOFF_DATA_DIR": str(folder),
        "HANDOFF_PORT": str(port),
        "HANDOFF_BASE_URL": f"http://127.0.0.1:{port}",
        "HANDOFF_SEMANTIC": "false",  # what everybody installs is measured
    }
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HANDOFF_")}
    return {**clean, **told, **more}


def new_key(env: dict[str, str], *scopes: str) -> str:
    """Return a new API key of the service with this environment."""
    flags = [flag for scope in scopes for flag in ("--scope", scope)]
    made = subprocess.run(
        [*HANDOFF, "keys", "new", "--name", "test", *flags, "--json"],
        env=env,
        check=True,
        capture_output=True,
    )
    key: str = json.loads(made.stdout)["key"]
    return key


def start(
    env: dict[str, str],
    command: list[str] | None = None,
    *,
    stdin: int | None = None,
    stdout: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a service and return when it answers."""
    command = command or [*HANDOFF, "serve"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, stdin=stdin, stdout=stdout, stderr=quiet)
    port = int(env["HANDOFF_PORT"])
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with {process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
            return process
        time.sleep(0.05)
    process.kill()
    raise RuntimeError("the service did not answer within 15 s")


@contextlib.contextmanager
def running(env: dict[str, str], command: list[str] | None = None) -> Iterator[int]:
    """Run a service meanwhile; yield its process id."""
    process = start(env, command)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
