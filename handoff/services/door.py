"""Recognise credentials quickly: what is remembered of one is at most a second old."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic

from handoff.domain.errors import Unauthenticated
from handoff.domain.ports import Store
from handoff.domain.worklist import Worklist
from handoff.services.access import Principal, principal_of_key, principal_of_session

MEMORY = 1.0
"""Seconds a credential is remembered: a revoked key is shut out no later than that."""
MOST = 10_000
"""Credentials remembered at once; past it all are forgotten."""
LONGEST = 200
"""Characters of a credential; a longer one is none of ours."""


class Kind(StrEnum):
    """What a credential is."""

    KEY = "key"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody showed at the door."""

    kind: Kind
    text: str


class Door:
    """Keeps the principals of the last second; only valid credentials are remembered."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Ask `store`; `now` measures how long something has been remembered."""
        self._store = store
        self._clock = clock
        self._now = now
        self._known: dict[bytes, tuple[Principal, float]] = {}

    def remembered(self, credential: Credential) -> Principal | None:
        """Return whose it is if that was found out within the last second; never waits."""
        known = self._known.get(_mark(credential))
        if known is None or self._now() - known[1] >= MEMORY:
            return None
        return known[0]

    def recognise(self, credential: Credential) -> Principal | None:
        """Return whose it is by the store, None if it is not valid."""
        if len(credential.text) > LONGEST:
            return None
        began = self._now()
        find = principal_of_key if credential.kind is Kind.KEY else principal_of_session

        def look(work: Worklist) -> Principal:
            return find(work, credential.text, self._clock())

        try:
            principal = self._store.read_any(look)
        except Unauthenticated:
            return None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[_mark(credential)] = (principal, began)
        return principal

    def forget(self, credential: Credential) -> None:
        """Remember a credential no longer: whoever logged out is out at once."""
        self._known.pop(_mark(credential), None)


def _mark(credential: Credential) -> bytes:
    return hashlib.sha256(f"{credential.kind} {credential.text}".encode()).digest()
