"""What an engine has claimed and not ended: held under its lease, or given back."""

from collections.abc import Callable
from datetime import datetime
from threading import Condition

from handoff.domain.delivery import Clock, Delivery, given_back, left_unknown


class Held:
    """The claimed deliveries by attempt token; from any thread."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._claimed: dict[str, Delivery] = {}
        self._begun: set[str] = set()
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
            self._begun.add(token)
            return True

    def end(self, token: str) -> None:
        """Hold it no more."""
        with self._changed:
            self._claimed.pop(token, None)
            self._begun.discard(token)
            self._changed.notify_all()

    def count(self, clock: Clock | None = None) -> int:
        """Return how many are held, of one clock or of both."""
        with self._changed:
            return sum(clock in (None, one.clock) for one in self._claimed.values())

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
