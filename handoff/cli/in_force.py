"""Change the policy in force on a data folder, as the API does it; a running service follows."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import typer
from pydantic import JsonValue

from handoff.bootstrap import TENANT, load_settings, opened
from handoff.cli.keys import AT_TERMINAL
from handoff.cli.output import emit
from handoff.domain.errors import Invalid
from handoff.domain.policies import StoredPolicy
from handoff.domain.ports import Transaction
from handoff.domain.records import Listed, Page
from handoff.services.deps import Deps
from handoff.services.detectors import Written
from handoff.services.policies import activate, add, roll_back
from handoff.services.policy_views import in_force_view, policy_view

LONGEST_WHY = 500
PAGE = 500


def activate_text(text: str, why: str, data: Path | None) -> None:
    """Keep a policy and put it in force; raise PolicyInvalid, or Conflict if it is already."""
    written, reason = Written.load(text), _reason(why)
    with opened(load_settings(data_dir=data)) as deps:

        def work(tx: Transaction) -> None:
            at, configured = deps.clock(), deps.detectors.configured
            add(tx, written, by=AT_TERMINAL, at=at)
            activate(tx, configured, written.policy.version, reason, by=AT_TERMINAL, at=at)

        deps.store.write(TENANT, work)
    typer.echo(f"{written.policy.label} is in force", err=True)


def go_back(why: str, data: Path | None) -> None:
    """Put in force what was before; raise Conflict if nothing was."""
    reason = _reason(why)
    with opened(load_settings(data_dir=data)) as deps:
        done = deps.store.write(
            TENANT, lambda tx: roll_back(tx, reason, by=AT_TERMINAL, at=deps.clock())
        )
    typer.echo(f"{done.version} is in force again", err=True)


def show(data: Path | None, *, as_json: bool) -> None:
    """Print the versions, and which is in force."""
    with opened(load_settings(data_dir=data)) as deps:
        configured = deps.detectors.configured
        active = in_force_view(
            deps.store.read(TENANT, lambda tx: tx.policies.history()), configured
        )
        rows = [
            {**policy_view(policy), "active": policy.version == active["version"]}
            for policy in _stored(deps)
        ]
    if not any(row["active"] for row in rows):  # the settings name it, and it was never stored
        policy = StoredPolicy(configured.policy.version, configured.policy.name, "", None, "")
        rows.append({**policy_view(policy), "active": True})
    if as_json:
        emit(rows)
        return
    for row in rows:
        typer.echo(_line(row))


def _line(row: dict[str, JsonValue]) -> str:
    mark = "in force" if row["active"] else ""
    added = row["added_at"] or "as the settings say"
    return f"{row['version']}  {mark:8}  {added}  {row['name']}"


def _stored(deps: Deps) -> Iterator[StoredPolicy]:
    cursor: str | None = None
    while True:
        found = deps.store.read(TENANT, partial(_page, cursor))
        yield from found.items
        cursor = found.cursor
        if cursor is None:
            return


def _page(cursor: str | None, tx: Transaction) -> Listed[StoredPolicy]:
    return tx.policies.list(Page(PAGE, cursor))


def _reason(why: str) -> str:
    told = " ".join(why.split())
    if not 0 < len(told) <= LONGEST_WHY:
        raise Invalid(f"--why: 1 to {LONGEST_WHY} characters")
    return told
