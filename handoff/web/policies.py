"""Policies for supervisors: which is in force, what was before, how one differs; admins change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from handoff.domain.errors import Invalid
from handoff.domain.policies import Activation, StoredPolicy
from handoff.domain.ports import Transaction
from handoff.domain.records import Page as Slice
from handoff.domain.records import Scope
from handoff.domain.redaction import redact_text
from handoff.services.detectors import Written
from handoff.services.policies import activate, behind, find, in_force, readable, roll_back
from handoff.web.differences import DiffLine, differences
from handoff.web.errors import PageRoute
from handoff.web.pages import Page, shown
from handoff.web.visits import Administering, Counting, OwnForm, Visit
from handoff.web.words import iso, moment

LIMIT = 50
SHOWN = 50
"""Entries of the history on the page, the newest."""
LONGEST_WHY = 500

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list."""

    version: str
    name: str
    href: str
    added: str
    added_at: str
    by: str
    active: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of what was in force."""

    version: str
    href: str
    at: str = ""
    instant: str = ""
    by: str = ""
    why: str = ""
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesPage(Page):
    """Which policy is in force since when, what was before, and what else there is."""

    template: ClassVar[str] = "supervisor/policies.html"
    name: str
    active: Entry
    rows: tuple[VersionRow, ...]
    history: tuple[Entry, ...]
    back: str
    """The version that going back leads to, for those who may; else empty."""
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage(Page):
    """One version: how it differs from the one it is compared with, and its whole text."""

    template: ClassVar[str] = "supervisor/policy.html"
    row: VersionRow
    beside: str
    beside_href: str
    diff: tuple[DiffLine, ...] | None
    text: str
    may_activate: bool


@router.get("/policies")
def policies(visit: Counting, cursor: str | None = None) -> Response:
    """Show the versions, the one added last first, and the history."""
    configured = visit.deps.detectors.configured

    def read(tx: Transaction) -> PoliciesPage:
        history = tx.policies.history()
        version = in_force(history, configured)
        found = tx.policies.list(Slice(LIMIT, cursor))
        listed = [*found.items]
        if cursor is None and all(one.version != version for one in listed) and not history:
            listed.append(find(tx, configured, version))
        now = history[-1] if history else None
        return PoliciesPage(
            frame=visit.frame("Policies"),
            name=find(tx, configured, version).name,
            active=_entry(now) if now else Entry(version, _href(version)),
            rows=tuple(_row(one, version) for one in listed),
            history=tuple(_entry(one) for one in history[: -SHOWN - 1 : -1]),
            back=(behind(history) or "") if visit.may(Scope.ADMIN) else "",
            more=f"/policies?{urlencode({'cursor': found.cursor})}" if found.cursor else "",
        )

    return shown(visit.read(read))


@router.post("/policies/rollback", dependencies=[OwnForm])
def back(visit: Administering, why: Annotated[str, Form(max_length=8_000)] = "") -> Response:
    """Go back to what was in force before."""
    reason = _reason(why)
    version = behind(visit.read(lambda tx: tx.policies.history()))
    if version is not None:
        readable(visit.deps, visit.who.tenant, version)
    return _changed(visit, lambda tx: roll_back(tx, reason, by=visit.by, at=visit.at))


@router.get("/policies/{version}")
def policy(visit: Counting, version: str) -> Response:
    """Show a version beside the one in force, or the one in force beside the one before it."""
    configured = visit.deps.detectors.configured
    stored, active, beside = visit.read(lambda tx: _compared(tx, configured, version))
    return shown(
        PolicyPage(
            frame=visit.frame(f"Policy {stored.name}"),
            row=_row(stored, active),
            beside=beside.version if beside else "",
            beside_href=_href(beside.version) if beside else "",
            diff=differences(beside.text, stored.text) if beside else (),
            text=stored.text,
            may_activate=visit.may(Scope.ADMIN) and stored.version != active,
        )
    )


@router.post("/policies/{version}/activate", dependencies=[OwnForm])
def put_in_force(
    visit: Administering, version: str, why: Annotated[str, Form(max_length=8_000)] = ""
) -> Response:
    """Put a version in force."""
    reason = _reason(why)
    readable(visit.deps, visit.who.tenant, version)
    configured = visit.deps.detectors.configured
    return _changed(
        visit, lambda tx: activate(tx, configured, version, reason, by=visit.by, at=visit.at)
    )


def _changed(visit: Visit, work: Callable[[Transaction], Activation]) -> Response:
    visit.write(work)
    visit.deps.detectors.refresh()
    return RedirectResponse("/policies", 303)


def _compared(
    tx: Transaction, configured: Written, version: str
) -> tuple[StoredPolicy, str, StoredPolicy | None]:
    """Return a version, the version in force, and what the first is compared with, if anything."""
    history = tx.policies.history()
    stored, active = find(tx, configured, version), in_force(history, configured)
    other = behind(history) if version == active else active
    return stored, active, None if other is None else find(tx, configured, other)


def _reason(why: str) -> str:
    told = " ".join(redact_text(why)[0].split())
    if not 0 < len(told) <= LONGEST_WHY:
        raise Invalid(f"Say why, in at most {LONGEST_WHY} characters: it stands in the history.")
    return told


def _row(policy: StoredPolicy, active: str) -> VersionRow:
    return VersionRow(
        version=policy.version,
        name=policy.name,
        href=_href(policy.version),
        added=moment(policy.added_at) or "as the settings say",
        added_at=iso(policy.added_at),
        by=policy.added_by,
        active=policy.version == active,
    )


def _entry(activation: Activation) -> Entry:
    return Entry(
        version=activation.version,
        href=_href(activation.version),
        at=moment(activation.at),
        instant=iso(activation.at),
        by=activation.by,
        why=activation.why,
        back=activation.back,
    )


def _href(version: str) -> str:
    return f"/policies/{quote(version, safe='')}"
