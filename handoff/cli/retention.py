"""Let go of what was kept long enough, or say what would go (`--dry-run`)."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.bootstrap import load_settings, opened
from handoff.cli.output import emit
from handoff.domain.errors import Invalid
from handoff.domain.retention import Retention
from handoff.services.retention import keep_house, old

KINDS = {
    "conversations": "conversations",
    "going_on": "conversations that stay, for they go on",
    "audit": "audit entries",
    "feed": "events",
    "answers": "kept answers",
    "callbacks": "ids of callbacks",
}
GONE = KINDS | {
    "partitions_made": "partitions made for months to come",
    "months": "partitions of old months dropped",
}
EVER = "everything is kept for ever: no HANDOFF_RETENTION_… setting says otherwise"


def retention(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let go of what is older than HANDOFF_RETENTION_MONTHS and its sisters say.

    The service does the same by itself, once a day. What goes is gone for good.
    """
    settings = load_settings(data_dir=data)
    if settings.fresh:
        raise Invalid(
            f"{settings.own_file}: no such database: `handoff serve` makes it; is --data right?"
        )
    with opened(settings) as deps:
        at = deps.clock()
        nothing = EVER if settings.retention == Retention() else "nothing is old enough to go"
        if dry_run:
            found = old(deps.store, settings.retention, at)
            rows = [{"tenant": each, **asdict(there)} for each, there in found.items()]
            _tell(rows, as_json=as_json, none=nothing)
            return
        gone = keep_house(deps.store, settings.retention, at)
    if as_json:
        emit([dict(gone)])
    else:
        told = ", ".join(f"{number} {GONE[name]}" for name, number in gone.items() if number)
        typer.echo(told or nothing)


def _tell(rows: list[dict[str, JsonValue]], *, as_json: bool, none: str) -> None:
    if as_json:
        emit(rows)
        return
    if not rows:
        typer.echo(none)
    for row in rows:
        for kind, words in KINDS.items():
            if row[kind]:
                typer.echo(f"{row['tenant']}: {row[kind]} {words}")
