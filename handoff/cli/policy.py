"""Check or replay a policy; put one in force in a service, or go back."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.cli.options import policy_text
from handoff.cli.output import emit
from handoff.cli.registry import attribute_of
from handoff.cli.replay import replay
from handoff.detection import Policy
from handoff.domain.errors import PolicyInvalid

Why = Annotated[str, typer.Option(help="Why; stands in the history and the audit trail.")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

IN_FORCE = "handoff.cli.in_force"
"""What works on a service's database: loaded on use, for `check` needs none."""

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Work with policy files, and with the policy in force; a running service follows in seconds.

    `activate`, `rollback` and `list` work on the data folder, as `handoff keys` does.
    """


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


@app.command()
def activate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy (YAML).")],
    why: Why,
    data: Data = None,
) -> None:
    """Check a policy, keep it, and put it in force."""
    attribute_of(f"{IN_FORCE}:activate_text", "server")(policy_text(file), why, data)


@app.command()
def rollback(why: Why, data: Data = None) -> None:
    """Put in force again what was before."""
    attribute_of(f"{IN_FORCE}:go_back", "server")(why, data)


@app.command("list")
def show(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print the versions, the one added last first, and which is in force."""
    attribute_of(f"{IN_FORCE}:show", "server")(data, as_json=as_json)


def _checked(text: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the label of the policy in `text`, or None and its mistakes."""
    try:
        return Policy.load(text).label, ()
    except PolicyInvalid as error:
        return None, error.problems
