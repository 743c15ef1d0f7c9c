"""Change a tenant's policy in the running service: add a version, put it in force, go back."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from handoff.detection import Policy
from handoff.domain.audit import SYSTEM, Actor, AuditEntry
from handoff.domain.errors import Conflict, NotFound
from handoff.domain.policies import Activation, StoredPolicy, standing
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.detectors import Written

BEFORE = "in force until then, as the settings say"
"""Why of the first entry of a history: what the settings name, so that one can go back to it."""


def add(tx: Transaction, written: Written, *, by: Actor, at: datetime) -> tuple[StoredPolicy, bool]:
    """Return the policy as it is stored, and whether it is new; the same content is there once."""
    version = written.policy.version
    known = tx.policies.get(version)
    if known is not None:
        return known, False
    stored = StoredPolicy(version, written.policy.name, written.text, at, by.name)
    tx.policies.add(stored)
    _audit(tx, "policy_added", None, stored, {}, by, at)
    return stored, True


def find(tx: Transaction, configured: Written, version: str) -> StoredPolicy:
    """Return a version, also the one of the settings that is not stored; raise NotFound."""
    stored = tx.policies.get(version)
    if stored is not None:
        return stored
    if version != configured.policy.version:
        raise NotFound(f"no policy {version}")
    return StoredPolicy(version, configured.policy.name, configured.text, None, "")


def readable(deps: Deps, tenant: str, version: str) -> Policy:
    """Return a version compiled; raise NotFound, or PolicyInvalid where this program can't read it.

    A large policy takes seconds: never in a write, which others wait for.
    """
    configured = deps.detectors.configured
    stored = deps.store.read(tenant, lambda tx: find(tx, configured, version))
    return Policy.load(stored.text)


def activate(
    tx: Transaction, configured: Written, version: str, why: str, *, by: Actor, at: datetime
) -> Activation:
    """Put a version in force; raise NotFound, or Conflict if it is in force already.

    Detectors follow after the commit, by their `refresh`.
    """
    stored = find(tx, configured, version)
    history = tx.policies.history()
    if in_force(history, configured) == version:
        raise Conflict(f"policy {version} is in force already")
    if stored.added_at is None:
        stored, _ = add(tx, configured, by=SYSTEM, at=at)
    if not history:
        before, _ = add(tx, configured, by=SYSTEM, at=at)
        history = (Activation(1, before.version, at, SYSTEM.name, BEFORE),)
        tx.policies.activate(history[0])
    made = Activation(history[-1].sequence + 1, version, at, by.name, why)
    tx.policies.activate(made)
    _audit(tx, "policy_activated", history[-1].version, stored, {"why": why}, by, at)
    return made


def roll_back(tx: Transaction, why: str, *, by: Actor, at: datetime) -> Activation:
    """Put in force again what was before; raise Conflict where nothing was."""
    history = tx.policies.history()
    version = behind(history)
    if version is None:
        raise Conflict("no policy was put in force before this one: there is nothing to go back to")
    stored = tx.policies.get(version)
    if stored is None:  # a foreign key forbids it
        raise NotFound(f"no policy {version}")
    last = history[-1]
    made = Activation(last.sequence + 1, version, at, by.name, why, back=True)
    tx.policies.activate(made)
    _audit(tx, "policy_rolled_back", last.version, stored, {"why": why}, by, at)
    return made


def behind(history: Sequence[Activation]) -> str | None:
    """Return the version that going back leads to, None if there is none."""
    passed = standing(history)[-2:-1]
    return passed[0].version if passed else None


def in_force(history: Sequence[Activation], configured: Written) -> str:
    """Return the version in force: the newest activation's, else the one of the settings."""
    return history[-1].version if history else configured.policy.version


def _audit(
    tx: Transaction,
    action: str,
    before: str | None,
    stored: StoredPolicy,
    details: dict[str, JsonValue],
    by: Actor,
    at: datetime,
) -> None:
    entry = AuditEntry(
        tenant=tx.tenant,
        at=at,
        actor=by,
        action=action,
        subject=stored.version,
        before=before,
        after=stored.version,
        details={"name": stored.name, **details},
    )
    tx.audit.append(entry)
