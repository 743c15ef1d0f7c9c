"""What the tests of the command line share: files of conversations, and the command itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import JsonValue

from handoff.cli.main import run

Write = Callable[..., Path]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes records (or raw lines) into a file of JSON Lines."""

    def _write(name: str, *records: JsonValue | bytes) -> Path:
        lines = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
        path = tmp_path / name
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    return _write


@pytest.fixture
def handoff(capfd: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the command in this process: exit code, stdout, stderr."""

    def _handoff(*args: str | Path) -> tuple[int, str, str]:
        code = run([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return code, out, err

    return _handoff


def said(*texts: str, name: str = "c") -> dict[str, JsonValue]:
    """Return a conversation in the data layout: bot and customer take turns."""
    roles = ("agent", "user")
    turns: list[JsonValue] = [
        {"index": i, "role": roles[i % 2], "text": text, "label": {"gold": i}, "confidence": None}
        for i, text in enumerate(texts)
    ]
    return {"id": name, "source": "test", "channel": "chat", "turns": turns, "outcome": {"x": 1}}
