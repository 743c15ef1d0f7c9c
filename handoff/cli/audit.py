"""Export the audit trail, and verify an export offline."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.bootstrap import TENANT, load_settings, opened
from handoff.cli.output import emit
from handoff.client import Client
from handoff.domain.audit import GENESIS, ChainedEntry, first_break
from handoff.domain.errors import Invalid
from handoff.domain.ports import Transaction
from handoff.domain.records import Listed, Page
from handoff.services.deps import Deps
from handoff.services.views import audit_view

PAGE = 500
"""Entries read at a time."""

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@dataclass(slots=True)
class Read:
    """What a verification has come past."""

    kept: str | None
    """The head that somebody kept, if they did."""
    kept_at: int | None = None
    """The entry that it is the hash of."""
    entries: int = 0
    head: str = GENESIS

    def take(self, entry: dict[str, JsonValue]) -> None:
        """Count an entry."""
        self.entries += 1
        self.head = str(entry.get("entry_hash"))
        if self.head == self.kept:
            self.kept_at = self.entries


@app.command()
def export(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The data folder; else as settings say.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A running service instead.")] = None,
    key: Annotated[
        str | None, typer.Option(help="An API key with the scope supervisor, for --url.")
    ] = None,
) -> None:
    """Print every audit entry with its hashes, oldest first, one line of JSON each."""
    if url is not None:
        if key is None or data is not None:
            raise Invalid("--url needs --key, and takes no --data")
        with Client(url, key) as client:
            for entry in client.audit():
                emit([entry])
        return
    settings = load_settings(data_dir=data)
    if settings.fresh:
        raise Invalid(
            f"{settings.own_file}: no such database: `handoff serve` makes it; is --data right?"
        )
    with opened(settings) as deps:
        for page in _stored(deps):
            emit(page)


def _stored(deps: Deps) -> Iterator[list[dict[str, JsonValue]]]:
    """Yield the entries in a database, some hundred at a time."""
    cursor: str | None = None
    while True:
        listed = deps.store.read(TENANT, partial(_page, cursor))
        yield [audit_view(chained) for chained in listed.items]
        cursor = listed.cursor
        if cursor is None:
            return


def _page(cursor: str | None, tx: Transaction) -> Listed[ChainedEntry]:
    return tx.audit.list(Page(PAGE, cursor))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export: one entry a line.")],
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="A head that you kept outside the service."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Check that every entry of an export follows from the one before; needs no service.

    Prints the number of entries and the head, the last entry's hash. Exits with 1 at the first
    entry that was changed, taken out or put in.

    What a chain alone cannot prove: whoever can write the database can also compute a whole new
    chain, or cut entries off its end, and it still verifies. Keep the head outside the service
    (printed, mailed, in another system) and give it here as --head: if it is found in the chain,
    nothing up to it was rewritten. About what came after it the chain alone speaks.
    """
    read = Read(kept=head)
    problem = first_break(_entries(file, read))
    if problem is None and head is not None and read.kept_at is None:
        problem = f"no entry has the head {head}: entries were rewritten or cut off"
    if as_json:
        emit([{"entries": read.entries, "head": read.head, "problem": problem}])
    elif problem is not None:
        typer.echo(f"{file}: {problem}")
    else:
        typer.echo(f"{read.entries} entries, none changed; head {read.head}")
        if read.kept_at is not None:
            typer.echo(f"the head you kept is entry {read.kept_at}")
    return 0 if problem is None else 1


def _entries(file: Path, read: Read) -> Iterator[dict[str, JsonValue]]:
    """Yield the entries of a file, counted; raise Invalid for a file that is no export."""
    for number, line in enumerate(_lines(file), 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            entry = None
        if not isinstance(entry, dict):
            raise Invalid(f"{file}:{number}: not an audit entry")
        read.take(entry)
        yield entry


def _lines(file: Path) -> Iterable[str]:
    try:
        with file.open(encoding="utf-8") as lines:
            yield from (line for line in lines if line.strip())
    except UnicodeDecodeError:
        raise Invalid(f"{file}: not UTF-8 text") from None
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from None
