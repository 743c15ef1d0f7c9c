"""The command line as a whole: help, exit codes, one line for whatever goes wrong."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from handoff.cli.registry import COMMANDS, resolve, summary
from tests.cli.conftest import Command, Write, said

GOLDEN = Path(__file__).parent / "golden" / "help.txt"
ENVIRONMENT = {"PATH": os.environ["PATH"], "COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}
EXTRAS = (
    "fastapi",
    "sqlalchemy",
    "alembic",
    "uvicorn",
    "prometheus_client",
    "pydantic_settings",
    "matplotlib",
    "sklearn",
    "numpy",
)
GOLD = ("handoff.evaluation.gold", "handoff.cli.labelled")


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, in a terminal of 80 columns."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=ENVIRONMENT,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_reads_as_it_was_agreed() -> None:
    """Golden: after a change on purpose run with RECORD=1 and review the difference."""
    shown = python("from handoff.cli.main import run; raise SystemExit(run(['--help']))")
    lines = "\n".join(line.rstrip() for line in shown.stdout.splitlines()) + "\n"

    if os.environ.get("RECORD"):
        GOLDEN.write_text(lines, encoding="utf-8")

    assert shown.returncode == 0
    assert lines == GOLDEN.read_text(encoding="utf-8")


def test_help_and_the_base_commands_import_no_extra(write: Write) -> None:
    """The base install has none of them; and what reads gold is no part of detect and card."""
    path = write("a.jsonl", said("Hello", "Hi"))
    code = (
        "import sys; from handoff.cli.main import run; run(['--help']); "
        f"run(['detect', {str(path)!r}]); run(['card', {str(path)!r}]); "
        f"print([name for name in {GOLD} if name in sys.modules]); "
        f"run(['evaluate', {str(path)!r}, '--json']); "
        f"print([name for name in {EXTRAS} if name in sys.modules])"
    )

    ran = python(code)

    gold, _, extras = ran.stdout.splitlines()[-3:]
    assert (gold, extras) == ("[]", "[]"), ran.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_resolves_and_says_what_it_is_for(name: str) -> None:
    """The registry's entries exist, and the short help is the module's first line."""
    module = import_module(COMMANDS[name].partition(":")[0])

    assert resolve(name).name == name
    assert summary(name) == (module.__doc__ or "").partition("\n")[0]
    assert summary(name).endswith(".")


def test_a_missing_extra_is_one_line(handoff: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that needs a package which is not installed says how to get it."""
    monkeypatch.setitem(COMMANDS, "detect", "not_installed_anywhere.detect:detect")
    monkeypatch.setattr("handoff.cli.registry.summary", lambda name: name)

    code, out, err = handoff("detect", "x")

    assert (code, out) == (2, "")
    assert err == (
        "handoff: not_installed_anywhere is missing; install the extra: pip install '.[server]'\n"
    )


def test_version_is_printed(handoff: Command) -> None:
    """One line with a number."""
    code, out, _ = handoff("--version")

    assert code == 0
    assert out.startswith("handoff ")
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["--nonsense"],
        ["detect"],
        ["detect", "missing.jsonl"],
        ["detect", "--format", "xml", "missing.jsonl"],
        ["card", "missing.jsonl", "--until", "never"],
        ["detect", __file__, "--policy", "missing.yaml"],
        ["policy", "check", "missing.yaml"],
        ["policy", "nonsense"],
        ["policy", "replay", "missing.yaml", "missing.jsonl"],
        ["evaluate", "missing.jsonl"],
    ],
)
def test_bad_usage_and_unreadable_files_are_one_line(args: list[str], handoff: Command) -> None:
    """Exit code 2, nothing on stdout, no traceback."""
    code, out, err = handoff(*args)

    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("handoff: ")


def test_no_command_shows_the_help(handoff: Command) -> None:
    """Bad usage, but a friendly one."""
    code, out, err = handoff()

    assert code == 2
    assert "detect" in out + err
