"""Make, list and revoke API keys, and make login links."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.bootstrap import TENANT, Settings, load_settings, opened
from handoff.cli.output import emit
from handoff.domain.audit import Actor, ActorKind, timestamp
from handoff.domain.errors import Invalid
from handoff.domain.records import ApiKey, Scope
from handoff.services.access import issue_key, issue_login, revoke_key

AT_TERMINAL = Actor(ActorKind.ADMIN, "command line")

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """Work with API keys; a running service knows of a change within a second."""


@app.command()
def new(
    name: Annotated[str, typer.Option(help="Who will use it; stands in the audit trail.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it several times.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days it is good for.")] = None,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it: this once, for only its hash is kept."""
    life = None if days is None else timedelta(days=days)
    with opened(load_settings(data_dir=data)) as deps:
        text, key = deps.store.write(
            TENANT,
            lambda tx: issue_key(tx, name, scope, by=AT_TERMINAL, at=deps.clock(), life=life),
        )
    if as_json:
        emit([{"key": text, **_shown(key)}])
    else:
        typer.echo(text)
        typer.echo("keep it now: it cannot be shown again", err=True)


@app.command("list")
def show(data: Data = None, *, as_json: AsJson = False) -> None:
    """Print the keys, oldest first; never their secrets."""
    with opened(_there(data)) as deps:
        found = deps.store.read(TENANT, lambda tx: tx.access.keys())
    if as_json:
        emit([_shown(key) for key in found])
        return
    for key in found:
        scopes = ",".join(sorted(key.scopes))
        state = "revoked" if key.revoked_at else "in use"
        typer.echo(f"{key.key_id}  {state:8}  {scopes:32}  {key.name}")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The part after `ho_`.")],
    data: Data = None,
) -> None:
    """End a key."""
    with opened(_there(data)) as deps:
        deps.store.write(TENANT, lambda tx: revoke_key(tx, key_id, by=AT_TERMINAL, at=deps.clock()))
    typer.echo(f"{key_id} is revoked", err=True)


@app.command()
def login(
    name: Annotated[str, typer.Option(help="The person; stands in the audit trail.")],
    scope: Annotated[list[Scope], typer.Option(help="What they may do; give it several times.")],
    data: Data = None,
) -> None:
    """Print a link that logs a person in to the pages: good once, for a quarter of an hour."""
    with opened(_there(data)) as deps:
        token = deps.store.write(
            TENANT, lambda tx: issue_login(tx, name, scope, by=AT_TERMINAL, at=deps.clock())
        )
        typer.echo(f"{deps.base_url}/login?token={token}")


def _there(data: Path | None) -> Settings:
    """Return the settings; raise Invalid where there is no database, mistyped most likely."""
    settings = load_settings(data_dir=data)
    if settings.fresh:
        raise Invalid(
            f"there is no database in {settings.data_dir}: "
            "`handoff serve` or `handoff keys new` makes it"
        )
    return settings


def _shown(key: ApiKey) -> dict[str, JsonValue]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": [*sorted(key.scopes)],
        "created_at": timestamp(key.created_at),
        "expires_at": timestamp(key.expires_at) if key.expires_at else None,
        "revoked_at": timestamp(key.revoked_at) if key.revoked_at else None,
    }
