"""Give a repeated request its first answer: one effect per Idempotency-Key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pydantic import JsonValue

from handoff.domain.audit import digest
from handoff.domain.errors import KeyReused
from handoff.domain.ports import Transaction
from handoff.domain.records import Remembered


@dataclass(frozen=True, slots=True)
class Request:
    """What makes two requests the same: who asked what under which key."""

    principal: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body; `replayed` where it is the stored one."""

    status: int
    body: JsonValue
    replayed: bool = False


def fingerprint(route: str, body: JsonValue) -> str:
    """Return SHA-256 of route and canonical JSON, so that a re-serialised body still matches."""
    return digest(route, body)


def once(
    tx: Transaction, request: Request | None, at: datetime, run: Callable[[], Answer]
) -> Answer:
    """Return `run`'s answer, or the stored one of an earlier request with the same key.

    The answer is stored in the transaction of its effect, so there is no effect without it. Where
    `run` raises, nothing is stored and nothing happened: the request may be corrected and repeated.
    Raises KeyReused when the key came with another request.
    """
    if request is None:
        return run()
    known = kept(tx, request)
    if known is not None:
        if known.fingerprint != request.fingerprint:
            raise KeyReused("this Idempotency-Key was used for another request: take a new one")
        return Answer(known.status, known.body, replayed=True)
    answer = run()
    remembered = Remembered(request.fingerprint, answer.status, answer.body)
    tx.idempotency.put(request.principal, request.route, _hashed(request), remembered, at)
    return answer


def kept(tx: Transaction, request: Request) -> Remembered | None:
    """Return the answer that is stored under a request's key, None before there is one."""
    return tx.idempotency.get(request.principal, request.route, _hashed(request))


def _hashed(request: Request) -> str:
    """Return the key as it is stored: it may be anything, a card number too."""
    return sha256(request.key.encode()).hexdigest()
