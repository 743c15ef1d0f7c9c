"""Progress is told to people, and only once they had to wait."""

from io import StringIO

import pytest
from rich.console import Console

from handoff.cli.output import Pace


def shown(*, terminal: bool) -> str:
    """Return what is told of a piece of work with two steps."""
    console = Console(file=StringIO(), force_terminal=terminal, width=100)
    with Pace("detect", console) as pace:
        pace.show(30, 120, 1_000)
        pace.show(60, 120, 2_000)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_short_work_is_silent() -> None:
    """Nothing is said within the first seconds."""
    assert shown(terminal=False) == shown(terminal=True) == ""


def test_long_work_is_told_in_plain_lines_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, and not again at once."""
    monkeypatch.setattr("handoff.cli.output.PATIENCE", 0)

    assert shown(terminal=False) == "detect: 1,000 conversations (25 %)\n"


def test_long_work_has_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar shows what is done and how many conversations that was."""
    monkeypatch.setattr("handoff.cli.output.PATIENCE", 0)

    told = shown(terminal=True)

    assert "2,000 conversations" in told
    assert "━" in told
