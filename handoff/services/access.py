"""Who may ask: API keys and logins, issued, revoked, redeemed and recognised."""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from handoff.domain.audit import Actor, ActorKind, AuditEntry
from handoff.domain.errors import Invalid, NotFound, Unauthenticated
from handoff.domain.ports import Store, Transaction
from handoff.domain.records import ApiKey, Scope, Session
from handoff.domain.worklist import Worklist

PREFIX = "ho"
KEY_PARTS = 4
SECRET_BYTES = 20
LINK_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=12)

KINDS = {
    Scope.RUNTIME: ActorKind.RUNTIME,
    Scope.AGENT: ActorKind.HUMAN,
    Scope.SUPERVISOR: ActorKind.SUPERVISOR,
    Scope.ADMIN: ActorKind.ADMIN,
}
"""Scope to what the audit trail calls whoever acts by it."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a credential belongs to. `identity` is the same over a person's logins."""

    tenant: str
    name: str
    scopes: frozenset[Scope]
    identity: str

    def actor(self, among: Iterable[Scope]) -> Actor | None:
        """Return them as the first of the scopes they have; None if they have none of these."""
        scope = next((scope for scope in among if scope in self.scopes), None)
        return None if scope is None else Actor(KINDS[scope], self.name)


def issue_key(
    tx: Transaction,
    name: str,
    scopes: Iterable[Scope],
    *,
    by: Actor,
    at: datetime,
    life: timedelta | None = None,
) -> tuple[str, ApiKey]:
    """Return a new key as its holder needs it, shown this once, and as it is kept.

    `ho_ID_SECRET_CHECK`: 48 bits of id, 160 random bits, and a CRC-32 of what is before it, so
    that a scanner of leaked texts can tell a key from look-alikes without asking us.
    """
    allowed = frozenset(scopes)
    if not name.strip() or not allowed:
        raise Invalid("a key needs a name and at least one scope")
    key_id, secret = secrets.token_hex(6), secrets.token_hex(SECRET_BYTES)
    key = ApiKey(
        key_id=key_id,
        tenant=tx.tenant,
        name=name.strip(),
        scopes=allowed,
        secret_hash=_hash(secret),
        created_at=at,
        expires_at=None if life is None else at + life,
    )
    tx.access.add_key(key)
    details: dict[str, JsonValue] = {"name": key.name, "scopes": [*sorted(allowed)]}
    tx.audit.append(_entry(tx, "key_issued", key_id, details, by, at))
    body = f"{PREFIX}_{key_id}_{secret}"
    return f"{body}_{_check(body)}", key


def revoke_key(tx: Transaction, key_id: str, *, by: Actor, at: datetime) -> None:
    """End a key; raise NotFound if there is none that is not ended already."""
    if not tx.access.revoke_key(key_id, at):
        raise NotFound(f"no key {key_id} that is in use")
    tx.audit.append(_entry(tx, "key_revoked", key_id, {}, by, at))


def principal_of_key(work: Worklist, text: str, at: datetime) -> Principal:
    """Return whose key this is; raise Unauthenticated."""
    parts = text.split("_")
    body = text.rpartition("_")[0]
    if len(parts) != KEY_PARTS or parts[0] != PREFIX or not _same(_check(body), parts[3]):
        raise Unauthenticated
    key = work.key(parts[1])
    # The same work for an id that is not known as for a wrong secret.
    if not _same(key.secret_hash if key else _hash(""), _hash(parts[2])) or key is None:
        raise Unauthenticated
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= at):
        raise Unauthenticated
    return Principal(key.tenant, key.name, key.scopes, f"key:{key.key_id}")


def issue_login(
    tx: Transaction, name: str, scopes: Iterable[Scope], *, by: Actor, at: datetime
) -> str:
    """Return the token of a login link for a person: good once, for a quarter of an hour."""
    token = secrets.token_urlsafe(32)
    link = Session(_hash(token), tx.tenant, name, frozenset(scopes), at, at + LINK_LIFE)
    tx.access.add_session(replace(link, one_time=True))
    details: dict[str, JsonValue] = {"scopes": [*sorted(link.scopes)]}
    tx.audit.append(_entry(tx, "login_issued", name, details, by, at))
    return token


def redeem_login(
    store: Store, token: str, at: datetime, life: timedelta = SESSION_LIFE
) -> tuple[str, Principal]:
    """Return a new session's token for a login link, which is used up; raise Unauthenticated."""
    link = store.read_any(lambda work: _alive(work, token, at))
    if not link.one_time:
        raise Unauthenticated
    session = secrets.token_urlsafe(32)

    def swap(tx: Transaction) -> None:
        if not tx.access.drop_session(link.token_hash):
            raise Unauthenticated  # somebody else was faster with the same link
        tx.access.add_session(
            Session(_hash(session), tx.tenant, link.name, link.scopes, at, at + life)
        )
        by = Actor(ActorKind.HUMAN, link.name)
        tx.audit.append(_entry(tx, "login", link.name, {}, by, at))

    store.write(link.tenant, swap)
    return session, _person(link)


def principal_of_session(work: Worklist, token: str, at: datetime) -> Principal:
    """Return who logged in with this session; raise Unauthenticated."""
    session = _alive(work, token, at)
    if session.one_time:
        raise Unauthenticated
    return _person(session)


def end_session(store: Store, token: str, at: datetime) -> None:
    """Log out; a session that is over already is no trouble."""
    try:
        session = store.read_any(lambda work: _alive(work, token, at))
    except Unauthenticated:
        return
    store.write(session.tenant, lambda tx: tx.access.drop_session(session.token_hash))


def _person(session: Session) -> Principal:
    return Principal(session.tenant, session.name, session.scopes, f"login:{session.name}")


def _alive(work: Worklist, token: str, at: datetime) -> Session:
    session = work.session(_hash(token))
    if session is None or session.expires_at <= at:
        raise Unauthenticated("the login is not valid any more")
    return session


def _hash(secret: str) -> str:
    """Return SHA-256: a slow hash protects guessable secrets, and these are random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _entry(
    tx: Transaction,
    action: str,
    subject: str,
    details: dict[str, JsonValue],
    by: Actor,
    at: datetime,
) -> AuditEntry:
    return AuditEntry(
        tenant=tx.tenant, at=at, actor=by, action=action, subject=subject, details=details
    )
