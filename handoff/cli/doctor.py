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
    Seen,
    Settings,
    connected,
    load_settings,
    look_at_redis,
    policy_in_force,
    policy_of,
    summarizer_of,
    unknown_variables,
)
from handoff.cards import build_card
from handoff.cli.database_look import look_at_clocks, look_at_database
from handoff.cli.output import emit
from handoff.domain.errors import HandoffError, Invalid
from handoff.domain.summary import SummaryFailed
from handoff.domain.turn import Conversation, Role, Turn
from handoff.domain.webhooks import is_registered

LEAST_FREE_MB = 100
Look = Callable[[Settings], str | Seen]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    """What works, and would be better otherwise."""


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
        checks: dict[str, JsonValue] = {finding.name: _as_json(finding) for finding in found}
        emit([{"ok": ok, "checks": checks}])
    else:
        for finding in found:
            mark = "ok" if finding.ok else "PROBLEM"
            typer.echo(f"{mark:8}{finding.name:12}{finding.detail}")
            if finding.advice:
                typer.echo(f"{'advice':8}{finding.name:12}{finding.advice}")
    return 0 if ok else 1


def _as_json(finding: Finding) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {"ok": finding.ok, "detail": finding.detail}
    return told | ({"advice": finding.advice} if finding.advice else {})


def _looked(name: str, look: Look, settings: Settings) -> Finding:
    try:
        told = look(settings)
        seen = Seen(told) if isinstance(told, str) else told
        return Finding(name, ok=True, detail=seen.told, advice=seen.advice)
    except HandoffError as error:
        return Finding(name, ok=False, detail=error.message)
    except OSError as error:
        return Finding(name, ok=False, detail=error.strerror or type(error).__name__)


def _environment(_: Settings) -> str:
    unknown = unknown_variables()
    if unknown:
        raise Invalid(
            f"there is no such setting: {', '.join(unknown)}; handoff/OPERATING.md has them all"
        )
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


def _redis(settings: Settings) -> Seen:
    """Return what Redis is like; it must answer, and must not drop hints for want of memory."""
    seen = look_at_redis(settings)
    if seen.wrong:
        raise Invalid(f"HANDOFF_REDIS_URL: {seen.wrong}")
    return seen


def _policy(settings: Settings) -> str:
    """Return the policy in force, beside that of the settings where another one was activated."""
    configured = policy_of(settings).label
    if settings.fresh:
        return configured
    try:
        active = policy_in_force(settings)
    except HandoffError:  # told by the look at the database itself
        return f"{configured}, unless another one is in force: the database does not answer"
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
    """Return the connectors that the policy of the settings names, those of settings only.

    Webhooks may all be registered by the API.
    """
    try:
        policy = policy_of(settings)
    except HandoffError:  # told by the look at the policy itself
        return set()
    queues = policy.routing.queues.values()
    named = {
        *set(policy.redaction.destinations).difference({"webhook"}),
        *(name for each in queues for name in (*each.connectors, *each.fallback)),
    }
    return {name for name in named if not is_registered(name)}


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

CHECKS: dict[str, Look] = {
    "settings": _environment,
    "folder": _folder,
    "database": look_at_database,
    "redis": _redis,
    "clocks": look_at_clocks,
    "policy": _policy,
    "connectors": _connectors,
    "summarizer": _summarizer,
}
"""What is looked at, in this order; a look returns what it saw or raises what is wrong and what to
do."""
