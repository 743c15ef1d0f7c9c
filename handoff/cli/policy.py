"""Check a policy file, or replay recordings under it and see what it changes."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.cli.options import policy_text
from handoff.cli.output import emit
from handoff.cli.replay import replay
from handoff.detection import Policy
from handoff.domain.errors import PolicyInvalid

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Work with policy files."""


app.command()(replay)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy (YAML).")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Print the policy's name and version, or `FILE:LINE: cause` of each mistake (exit 1)."""
    label, problems = _checked(policy_text(file))
    if as_json:
        listed: list[JsonValue] = list(problems)
        emit([{"file": str(file), "policy": label, "problems": listed}])
    else:
        typer.echo(
            "\n".join(f"{file}:{problem}" for problem in problems) or f"{file}: {label} is valid"
        )
    return 1 if problems else 0


def _checked(text: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the label of the policy in `text`, or None and its mistakes."""
    try:
        return Policy.load(text).label, ()
    except PolicyInvalid as error:
        return None, error.problems
