"""Check that the service could run as it is set, and say what is wrong."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.bootstrap import (
    Settings,
    connected,
    describe_store,
    load_settings,
    look_at_redis,
    policy_in_force,
    policy_of,
    summarizer_of,
    unknown_variables,
)
from handoff.cards import build_card
from handoff.cli.output import emit
from handoff.domain.errors import HandoffError, Invalid
from handoff.domain.summary import SummaryFailed
from handoff.domain.turn import Conversation, Role, Turn

LEAST_FREE_MB = 100
WANTED: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {"journal_mode": ("wal",), "synchronous": ("full",), "foreign_keys": ("on",)},
    "postgresql": {
        "fsync": ("on",),
        "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
        "full_page_writes": ("on",),
        "row_security": ("on",),
    },
}
"""What must be in force for an acknowledged turn to be on disk, and its tenant's alone."""
OLDEST_POSTGRESQL = 13


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def doctor(
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Print what was checked and how it stands; exit 1 if anything is wrong."""
    try:
        settings = load_settings(data_dir=data)
    except HandoffError as error:
        found = [Finding("settings", ok=False, detail=error.message)]
    else:
        found = [_looked(name, look, settings) for name, look in CHECKS.items()]
    ok = all(finding.ok for finding in found)
    if as_json:
        checks: dict[str, JsonValue] = {f.name: {"ok": f.ok, "detail": f.detail} for f in found}
        emit([{"ok": ok, "checks": checks}])
    else:
        for finding in found:
            mark = "ok" if finding.ok else "PROBLEM"
            typer.echo(f"{mark:8}{finding.name:12}{finding.detail}")
    return 0 if ok else 1


def _looked(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, ok=True, detail=look(settings))
    except HandoffError as error:
        return Finding(name, ok=False, detail=error.message)
    except OSError as error:
        return Finding(name, ok=False, detail=error.strerror or type(error).__name__)


def _environment(_: Settings) -> str:
    unknown = unknown_variables()
    if unknown:
        raise Invalid(f"there is no such setting: {', '.join(unknown)} (README has them all)")
    return "every HANDOFF_ variable is a setting"


def _folder(settings: Settings) -> str:
    folder = settings.data_dir.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Invalid(f"HANDOFF_DATA_DIR is {settings.data_dir}: {there} cannot be written to")
    free = shutil.disk_usage(there).free // 2**20
    if free < LEAST_FREE_MB:
        raise Invalid(f"{there}: only {free} MB are free")
    return f"{folder}, {free} MB free"


def _database(settings: Settings) -> str:
    if settings.fresh:
        return "not there yet: the first start makes it"
    found = _described(settings)
    wanted = next(wanted for database, wanted in WANTED.items() if database in found)
    lacking = [f"{k} is {found[k]}, not {v[0]}" for k, v in wanted.items() if found[k] not in v]
    version = found.get("postgresql", "")
    if version and int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        lacking.append(
            f"PostgreSQL is {version}, and {OLDEST_POSTGRESQL} is the oldest that serves"
        )
    if found["revision"] != found["newest_revision"]:
        lacking.append(f"its tables are at {found['revision']}, not {found['newest_revision']}")
    if lacking:
        raise Invalid("; ".join(lacking))
    return ", ".join(f"{name} {value}" for name, value in found.items())


def _described(settings: Settings) -> dict[str, str]:
    try:
        return describe_store(settings)
    except Invalid as error:
        raise Invalid(f"HANDOFF_DATABASE_URL: {error.message}") from None


def _redis(settings: Settings) -> str:
    """Return what Redis is like; it must answer, and must not drop hints for want of memory."""
    told, wrong = look_at_redis(settings)
    if wrong:
        raise Invalid(f"HANDOFF_REDIS_URL: {wrong}")
    return told


def _policy(settings: Settings) -> str:
    """Return the policy in force, beside that of the settings where another one was activated."""
    configured = policy_of(settings).label
    if settings.fresh:
        return configured
    active = policy_in_force(settings)
    if active is None or active == configured:
        return configured
    return f"{active} is in force, activated over {configured} of the settings"


def _connectors(settings: Settings) -> str:
    """Return what is configured; a queue or a masking rule for another connector is a mistake."""
    with connected(settings) as configured:
        there = tuple(configured)
    unknown = _named(settings).difference(there)
    if unknown:
        raise Invalid(
            f"the policy names {', '.join(sorted(unknown))}; configured are {', '.join(there)}"
        )
    return ", ".join(there)


def _named(settings: Settings) -> set[str]:
    """Return the connectors that the policy of the settings names."""
    try:
        policy = policy_of(settings)
    except HandoffError:  # told by the look at the policy itself
        return set()
    queues = policy.routing.queues.values()
    return {
        *policy.redaction.destinations,
        *(name for each in queues for name in (*each.connectors, *each.fallback)),
    }


def _summarizer(settings: Settings) -> str:
    """Ask the model about a small conversation: it must answer in the form it is asked for."""
    with summarizer_of(settings) as summarizer:
        if summarizer is None:
            return "none: cards have no story by a model"
        try:
            draft = summarizer.write(_SMALL, build_card(_SMALL))
        except SummaryFailed as error:
            raise Invalid(_asked(settings, error.message)) from None
    told = draft.provenance
    return f"{told.model} answered in {(told.latency_ms or 0) / 1_000:.1f} s"


def _asked(settings: Settings, why: str) -> str:
    """Return why a model did not answer, and which setting to look at."""
    url = settings.llm_url
    told = f"HANDOFF_LLM_URL, {url.host if url else ''}: {why}"
    if url and url.scheme == "http" and not settings.llm_local:
        told += "; on this machine or in a private network HANDOFF_LLM_LOCAL=1 allows http"
    if "404" in why:
        told += "; is the path right? Most end in /v1"
    return told


_SMALL = Conversation(
    conversation_id="doctor",
    turns=(
        Turn(turn_id="1", role=Role.CUSTOMER, text="Where is my order 4711?", index=0),
        Turn(turn_id="2", role=Role.BOT, text="Order 4711 arrives on Friday.", index=1),
    ),
)

CHECKS: dict[str, Callable[[Settings], str]] = {
    "settings": _environment,
    "folder": _folder,
    "database": _database,
    "redis": _redis,
    "policy": _policy,
    "connectors": _connectors,
    "summarizer": _summarizer,
}
"""What is looked at, in this order; a look returns what it saw or raises what is wrong."""
