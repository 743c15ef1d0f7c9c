"""What an engine has claimed and not ended: held under its lease, or given back."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from threading import Condition
from time import monotonic

from handoff.domain.delivery import Clock, Delivery, given_back, left_unknown

SLOW_S = 0.1
"""Seconds of an answer from which on an account is slow: it would keep others waiting."""


class Held:
    """The claimed deliveries by attempt token; from any thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Hold nothing. `clock` tells how long an answer takes, in seconds."""
        self._clock = clock
        self._claimed: dict[str, Delivery] = {}
        self._begun: dict[str, float] = {}
        """Since when, by token."""
        self._slow: set[tuple[str, str]] = set()
        """Accounts whose last answer took its time."""
        self._changed = Condition()
        self._closed = False

    def add(self, delivery: Delivery) -> None:
        """Hold a delivery that was claimed."""
        with self._changed:
            self._claimed[delivery.attempt_token or ""] = delivery

    def begin(self, token: str) -> bool:
        """Say that it is being sent now; False if it is to be left: we are stopping."""
        with self._changed:
            if self._closed or token not in self._claimed:
                return False
            self._begun[token] = self._clock()
            return True

    def end(self, token: str) -> None:
        """Hold it no more."""
        with self._changed:
            delivery, since = self._claimed.pop(token, None), self._begun.pop(token, None)
            if delivery is not None and since is not None:
                slow = self._clock() - since >= SLOW_S
                (self._slow.add if slow else self._slow.discard)(_account(delivery))
            self._changed.notify_all()

    def count(self, clock: Clock | None = None) -> int:
        """Return how many are held, of one clock or of both."""
        with self._changed:
            return sum(clock in (None, one.clock) for one in self._claimed.values())

    def rooms(self, share: int) -> dict[tuple[str, str], int]:
        """Return how many more may be claimed of each slow account, that it has a share at most.

        One is slow whose last answer took SLOW_S, or that is being waited for as long. Of others
        as many may be claimed as there are.
        """
        with self._changed:
            late = self._clock() - SLOW_S
            waited = {token for token, since in self._begun.items() if since <= late}
            slow = self._slow.union(
                _account(one) for token, one in self._claimed.items() if token in waited
            )
            held = Counter(map(_account, self._claimed.values()))
            return {account: max(0, share - held[account]) for account in slow}

    def tokens(self) -> dict[str, str]:
        """Return attempt token to delivery id."""
        with self._changed:
            return {token: one.delivery_id for token, one in self._claimed.items()}

    def wait_below(self, most: int, patience: float) -> bool:
        """Wait until fewer than `most` are held; return whether that came."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._claimed) < most, patience)

    def close(self, patience: float, now: Callable[[], datetime]) -> dict[str, Delivery]:
        """Let what is being sent end; return the rest by token, as it is to be given back.

        What still runs then may have arrived, so it is due as `unknown`: its own end comes too
        late to be applied.
        """
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: not self._begun, patience)
            rest, at = self._claimed, now()
            begun, self._claimed = set(self._begun), {}
            return {
                token: left_unknown(one, at) if token in begun else given_back(one)
                for token, one in rest.items()
            }


def _account(delivery: Delivery) -> tuple[str, str]:
    return delivery.tenant, delivery.connector
