"""The tour runs as it stands: README's blocks, then those of who connects, in one service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.servers import environment, free_port
from tests.docs.documents import INTEGRATING, README, blocks

STEPS = (
    (README, "Five minutes with a running service"),
    (INTEGRATING, "Your own transcript"),
    (INTEGRATING, "The record"),
    (INTEGRATING, "No service at all"),
    (INTEGRATING, "Your own recordings"),
)
"""Where they stand, in the order in which they are taken."""

pytestmark = pytest.mark.e2e


def tour() -> list[tuple[str, str]]:
    """Return language and text of each block of the tour."""
    return [block for document, title in STEPS for block in blocks(document, title)]


def script(steps: list[tuple[str, str]]) -> str:
    """Return one shell script of all blocks; it stops at the first that fails."""
    lines = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for language, code in steps:
        assert language in ("bash", "python")
        lines.append(
            f"python3 - <<'END_OF_BLOCK'\n{code}END_OF_BLOCK" if language == "python" else code
        )
    return "\n".join(lines)


def test_the_tour_runs(tmp_path: Path) -> None:
    """Copied block by block into a terminal, it does what it says."""
    port = free_port()
    env = environment(tmp_path / "data", port)
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    text = script(tour()).replace("127.0.0.1:8080", f"127.0.0.1:{port}")

    done = subprocess.run(
        ["bash", "-c", text],
        check=False,
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout
    assert '"action":"escalate"' in shown.replace(" ", "")
    assert "active" in shown
    assert "the bot stays silent" in shown
    assert "delivery on Friday" in shown
    assert "none changed; head" in shown
