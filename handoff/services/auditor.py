"""Prove that no escalation is stuck: find what is wrong all over, and mend what is safe to mend."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from handoff.domain.audit import SYSTEM, AuditEntry
from handoff.domain.delivery import Clock
from handoff.domain.escalation import AttemptResult, State
from handoff.domain.finding import (
    Damage,
    Finding,
    Looked,
    Promised,
    Seen,
    ownerless,
    wrong_with,
    wrong_with_account,
    wrong_with_delivery,
)
from handoff.domain.lifecycle import Move
from handoff.domain.ports import Transaction
from handoff.domain.worklist import Worklist
from handoff.services.deps import Deps
from handoff.services.moving import DESK, due, make, post

PAGE = 500
BACK = timedelta(minutes=10)
"""How long after its end an escalation is still looked at."""
RETURNS = {
    State.RESERVED: Move.EXPIRE,
    State.CONNECTING: Move.FAILED,
    State.ACTIVE: Move.LAPSE,
}
"""How an escalation that nobody has goes back into its queue."""


def audit_due(deps: Deps, every: float) -> tuple[Finding, ...] | None:
    """Look at everything if it is time and no other process does; return what was found.

    `every` is the seconds between two audits, over all processes together.

    What was found in one snapshot is looked at again in the transaction that mends it: what was
    only just being changed is no damage.
    """
    at = deps.clock()
    until = at + timedelta(seconds=every)
    if not deps.store.write_any(lambda work: work.auditing.begin(at, until)):
        return None
    found = tuple(_mended(deps, one) for one in _found(deps, at))
    deps.store.write_any(lambda work: work.auditing.keep(found))
    return found


def _found(deps: Deps, at: datetime) -> list[Finding]:
    looked = chain(_just_closed(deps, at), _open_ones(deps))
    found = [wrong for one in looked for wrong in wrong_with(one, _promised(deps, one), at)]
    sending, accounts = deps.store.read_any(
        lambda work: (work.auditing.sending(), work.auditing.accounts())
    )
    for delivery in sending:
        found += wrong_with_delivery(delivery, accounts, at)
    for account in accounts:
        found += wrong_with_account(account, at)
    return found


def _just_closed(deps: Deps, at: datetime) -> tuple[Looked, ...]:
    return deps.store.read_any(lambda work: work.auditing.closed_since(at - BACK, PAGE)).looked


def _open_ones(deps: Deps) -> Iterator[Looked]:
    """Yield all that are open, a page at a time."""
    after: tuple[str, str] | None = ("", "")
    while after is not None:
        page = deps.store.read_any(partial(_page, after))
        yield from page.looked
        after = page.after


def _page(after: tuple[str, str], work: Worklist) -> Seen:
    return work.auditing.open_ones(after, PAGE)


def _promised(deps: Deps, seen: Looked) -> Promised:
    """Return which deliveries there must be: to the desk, and to whom the opening was to go."""
    known = deps.connectors_for(seen.escalation.tenant)
    told = dict.fromkeys((DESK, *seen.connectors))
    there = tuple(name for name in told if name in known)
    events = {"opened": there}
    if not seen.escalation.is_open:
        gone = {delivery.connector for delivery in seen.deliveries if delivery.event == "withdrawn"}
        events["closed"] = tuple(name for name in there if name not in gone)
    return events


def _mended(deps: Deps, finding: Finding) -> Finding:
    """Return the finding, with when it was mended where it was."""
    at = deps.clock()
    if finding.damage is Damage.NO_LEASE:
        done = _freed(deps, finding, at)
    else:
        done = deps.store.write(finding.tenant, lambda tx: _mend(tx, deps, finding, at))
    return replace(finding, mended_at=at) if done else finding


def _mend(tx: Transaction, deps: Deps, finding: Finding, at: datetime) -> bool:
    match finding.damage:
        case Damage.NO_TIMER:
            return _timed(tx, deps, finding, at)
        case Damage.OWNERLESS:
            return _returned(tx, deps, finding, at)
        case Damage.NOT_SENT:
            return _sent(tx, deps, finding, at)
        case Damage.RESTS_TOO_LONG:
            return _woken(tx, finding, at)
        case _:
            return False


def _timed(tx: Transaction, deps: Deps, finding: Finding, at: datetime) -> bool:
    escalation = tx.escalations.get(finding.subject)
    if escalation is None or escalation.due_at is not None or not escalation.is_open:
        return False
    tx.escalations.touch(finding.subject, due(deps, escalation.state, at) or at)
    _say(tx, finding, at)
    deps.wake()
    return True


def _returned(tx: Transaction, deps: Deps, finding: Finding, at: datetime) -> bool:
    escalation = tx.escalations.get(finding.subject)
    if escalation is None or not ownerless(escalation):
        return False
    move = RETURNS[escalation.state]
    told = {"mended": finding.damage.value}
    lost = AttemptResult.LAPSED
    make(tx, deps, escalation, move, by=SYSTEM, at=at, attempt=lost, details={**told})
    return True


def _sent(tx: Transaction, deps: Deps, finding: Finding, at: datetime) -> bool:
    escalation = tx.escalations.get(finding.subject)
    event, _, connector = finding.detail.partition(" ")
    there = {(one.event, one.connector) for one in tx.deliveries.of(finding.subject)}
    if escalation is None or (event, connector) in there:
        return False
    clock = Clock.RECORD if event == "closed" else Clock.LIVE
    post(tx, deps, escalation, event, clock, [connector], at=at)
    _say(tx, finding, at)
    return True


def _woken(tx: Transaction, finding: Finding, at: datetime) -> bool:
    account = tx.accounts.held(finding.subject)
    if not wrong_with_account(account, at):
        return False
    tx.accounts.save(replace(account, paused_until=at))
    _say(tx, finding, at)
    return True


def _freed(deps: Deps, finding: Finding, at: datetime) -> bool:
    """Let a delivery under no lease be taken up; audited once it is."""
    delivery = deps.store.read(finding.tenant, lambda tx: tx.deliveries.get(finding.subject))
    if delivery is None or not deps.store.write_any(lambda work: work.auditing.free(delivery)):
        return False
    deps.store.write(finding.tenant, lambda tx: _say(tx, finding, at, delivery.escalation_id))
    return True


def _say(tx: Transaction, finding: Finding, at: datetime, subject: str | None = None) -> None:
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=SYSTEM,
            action="mended",
            subject=subject or finding.subject,
            details={
                "damage": finding.damage.value,
                "of": finding.subject,
                "detail": finding.detail,
            },
        )
    )
