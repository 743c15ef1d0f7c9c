"""The entry point: runs a command and turns what went wrong into one line and an exit code."""

import sys
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from typing import Annotated

import typer
from typer.main import get_command

from handoff.cli.registry import Commands
from handoff.domain.errors import HandoffError, Invalid, MissingExtra, PolicyInvalid

PROBLEMS, USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes: problems were found; bad usage, unreadable file or missing extra; Control-C."""

app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 # the form of a Typer callback
    if not wanted:
        return
    try:
        typer.echo(f"handoff {version('handoff')}")
    except PackageNotFoundError:
        typer.echo("handoff (a checkout that is not installed)")
    raise typer.Exit


@app.callback()
def handoff(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Notice that a bot is stuck, and hand over to a person with a card they can act on."""


def run(args: list[str] | None = None) -> int:
    """Run the command that `args` (else the command line) ask for and return its exit code.

    A command returns its exit code, None for 0; a HandoffError it raises is told in one line.
    """
    try:
        code = get_command(app).main(args, prog_name="handoff", standalone_mode=False)
    except typer.TyperException as error:
        message = " ".join(error.format_message().split())
        if message:  # none where the help was shown for want of a command
            typer.echo(f"handoff: {message} (try --help)", err=True)
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except HandoffError as error:
        return _explain(error)
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the `handoff` command and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # JSON is UTF-8 whatever the terminal's language
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run())


def _explain(error: HandoffError) -> int:
    """Print what went wrong, a policy's mistakes one a line, and return the exit code."""
    if isinstance(error, PolicyInvalid):
        typer.echo(f"handoff: the policy has {len(error.problems)} mistake(s)", err=True)
        for problem in error.problems:
            typer.echo(problem, err=True)
    else:
        typer.echo(f"handoff: {error.message}", err=True)
    return USAGE if isinstance(error, Invalid | MissingExtra) else PROBLEMS


if __name__ == "__main__":
    main()
