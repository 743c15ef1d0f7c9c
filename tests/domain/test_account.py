"""When an account rests: on request, after failures in a row, when it turns us away."""

from datetime import timedelta

import pytest

from handoff.domain.account import HOLD, OPENS_AT, REST, Account, after
from handoff.domain.delivery import RETRY_AFTER, Receipt
from handoff.domain.errors import ConnectorError
from tests.factories import NOON, TENANT

NEW = Account(TENANT, "webhook")
BROKEN = ConnectorError("the receiver answered 500")
FINE = Receipt("r1")


def failed(times: int, account: Account = NEW) -> Account:
    """Return the account after failures in a row."""
    for _ in range(times):
        account = after(account, BROKEN, NOON)
    return account


def rest(account: Account) -> float | None:
    """Return the seconds that an account rests from noon."""
    until = account.paused_until
    return None if until is None else (until - NOON).total_seconds()


def test_it_rests_after_failures_in_a_row() -> None:
    """The last before that changes nothing; each probe that fails doubles the rest, to a bound."""
    assert rest(failed(OPENS_AT - 1)) is None
    assert [rest(failed(OPENS_AT + more)) for more in range(3)] == [10.0, 20.0, 40.0]
    assert rest(failed(OPENS_AT + 99)) == REST[1]


def test_a_success_in_between_forgets_failures() -> None:
    """Only a row of them counts; and after a good probe it is as new."""
    assert failed(OPENS_AT - 1, after(failed(OPENS_AT - 1), FINE, NOON)).failures == OPENS_AT - 1
    assert after(failed(OPENS_AT), FINE, NOON) == NEW


def test_a_refusal_is_an_answer() -> None:
    """The receiver works: it does not want this one."""
    refusal = ConnectorError("the receiver answered 400", retryable=False)

    assert after(failed(OPENS_AT), refusal, NOON) == NEW


def test_an_unknown_outcome_is_a_failure() -> None:
    """A receiver that does not answer is spared as well."""
    account = NEW
    for _ in range(OPENS_AT):
        account = after(account, ConnectorError("?", unknown=True, retryable=False), NOON)

    assert account.rests(NOON)


@pytest.mark.parametrize(("asked", "waits"), [(0.0, 1.0), (7.0, 7.0), (1e9, RETRY_AFTER[1])])
def test_a_request_to_wait_is_kept_and_no_failure(asked: float, waits: float) -> None:
    """Within bounds; one that still sends without it being told does not end it."""
    busy = ConnectorError("the receiver answered 429", retry_after=asked)
    account = after(NEW, busy, NOON)

    assert (rest(account), account.failures) == (waits, 0)
    assert rest(after(account, FINE, NOON)) == waits


def test_a_shorter_wait_never_cuts_a_longer_one() -> None:
    """Whichever answer comes last."""
    long, short = (ConnectorError("429", retry_after=s) for s in (60.0, 2.0))

    assert rest(after(after(NEW, long, NOON), short, NOON)) == 60.0


def test_who_turns_us_away_is_left_alone() -> None:
    """At once and for long; then one delivery tries whether a person has looked."""
    account = after(NEW, ConnectorError("401", retryable=False, pause=True), NOON)

    assert rest(account) == HOLD
    assert account.is_open
    assert not account.rests(NOON + timedelta(seconds=HOLD))
