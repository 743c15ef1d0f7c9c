"""An account: one tenant at one connector, and whether it may be used just now.

Its receiver may ask us to wait, fail so often that asking again only makes it worse, or turn us
away until a person looks. Whoever sends to it, in whichever process, keeps to that.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from handoff.domain.delivery import RETRY_AFTER, Receipt
from handoff.domain.errors import ConnectorError

OPENS_AT = 5
"""Failures in a row after which an account rests."""
REST = (10.0, 300.0)
"""Seconds of the first rest, doubled by every probe that fails, and of the longest."""
HOLD = 900.0
"""Seconds of rest after 401, 403 or 410: one delivery then tries whether a person has looked."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of one tenant's dealings with one connector."""

    tenant: str
    connector: str
    failures: int = 0
    """In a row; a request to wait is none."""
    paused_until: datetime | None = None
    why: str | None = None
    """Why it rests; a status or a kind of failure, nobody's words."""

    @property
    def is_open(self) -> bool:
        """Tell whether its breaker is open: after the rest one delivery probes it."""
        return self.failures >= OPENS_AT

    def rests(self, at: datetime) -> bool:
        """Tell whether nothing may be sent to it."""
        return self.paused_until is not None and self.paused_until > at


class Accounts(Protocol):
    """How the outside systems answered one tenant lately."""

    def get(self, connector: str) -> Account:
        """Return the account at a connector; without a row, one of which nothing is known."""

    def held(self, connector: str) -> Account:
        """Return it as `get` does, and let nobody else change it until the commit."""

    def save(self, account: Account) -> None: ...


def after(account: Account, outcome: Receipt | ConnectorError, at: datetime) -> Account:
    """Return the account after a try to send to it, however that ended.

    A refusal of one delivery is an answer like a receipt: the other side works.
    """
    if isinstance(outcome, Receipt):
        return _answered(account)
    if outcome.pause:
        failures = max(account.failures + 1, OPENS_AT)
        return _paused(replace(account, failures=failures), at, HOLD, outcome.message)
    if outcome.retry_after is not None:
        wait = min(max(outcome.retry_after, RETRY_AFTER[0]), RETRY_AFTER[1])
        return _paused(account, at, wait, outcome.message)
    if not outcome.retryable and not outcome.unknown:
        return _answered(account)
    failed = replace(account, failures=account.failures + 1)
    if not failed.is_open:
        return failed
    wait = min(REST[0] * 2.0 ** min(failed.failures - OPENS_AT, 10), REST[1])
    return _paused(failed, at, wait, outcome.message)


def _answered(account: Account) -> Account:
    """Return the account with its failures forgotten; what it asked us to wait still holds."""
    if account.is_open:
        return Account(account.tenant, account.connector)
    return replace(account, failures=0)


def _paused(account: Account, at: datetime, seconds: float, why: str) -> Account:
    until = at + timedelta(seconds=seconds)
    if account.paused_until is not None and account.paused_until > until:
        return account
    return replace(account, paused_until=until, why=why)
