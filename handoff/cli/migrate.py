"""Bring the database's tables to this version, and say where they are."""

from pathlib import Path
from typing import Annotated

import typer

from handoff import bootstrap
from handoff.bootstrap import describe_store, load_settings, pending
from handoff.cli.output import emit

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The data folder.")]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def migrate(context: typer.Context) -> None:
    """Bring the tables up to date (`up`), or say what would be done (`status`).

    Run it before the services of a new version start; those of the version before go on meanwhile.
    """
    if context.invoked_subcommand is None:
        up()


@app.command()
def up(data: Data = None) -> None:
    """Bring the tables to this version; whoever migrates at the same time is waited for."""
    settings = load_settings(data_dir=data)
    if not settings.database_url:
        settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    bootstrap.migrate(settings.database)
    typer.echo(f"the tables are at {describe_store(settings)['revision']}", err=True)


@app.command()
def status(
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Print the revision of the tables and those to come; exit 1 if there are any."""
    settings = load_settings(data_dir=data)
    at = "none" if settings.fresh else describe_store(settings)["revision"]
    to_come = pending(None if settings.fresh else settings.database)
    if as_json:
        emit([{"revision": at, "to_come": [{"revision": r, "does": d} for r, d in to_come]}])
        return 1 if to_come else 0
    typer.echo("there are no tables yet" if at == "none" else f"the tables are at {at}")
    for revision, does in to_come:
        typer.echo(f"to come: {revision}  {does}")
    return 1 if to_come else 0
