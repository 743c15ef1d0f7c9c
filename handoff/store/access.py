"""Keys, logins, presence and callbacks seen, in the database."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from handoff.domain.records import ApiKey, Presence, Session
from handoff.store.shape import Shape
from handoff.store.side_tables import api_keys, callbacks, presences, sessions

KEY = Shape(api_keys, ApiKey)
SESSION = Shape(sessions, Session)
PRESENCE = Shape(presences, Presence)


class SqlAccess:
    """One tenant's keys, logins, presence and inbox."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Work inside the connection's transaction."""
        self._connection = connection
        self._tenant = tenant

    def add_key(self, key: ApiKey) -> None:
        """Add a key; raise Conflict if its id is taken."""
        self._connection.execute(insert(api_keys), KEY.values(key) | {"tenant": self._tenant})

    def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, oldest first, revoked ones too."""
        rows = self._connection.execute(
            select(*KEY.columns)
            .where(api_keys.c.tenant == self._tenant)
            .order_by(api_keys.c.created_at, api_keys.c.key_id)
        )
        return tuple(KEY.item(row) for row in rows)

    def revoke_key(self, key_id: str, at: datetime) -> bool:
        """End a key; return False if there is none, or it is revoked already."""
        revoked = self._connection.execute(
            update(api_keys)
            .where(
                api_keys.c.tenant == self._tenant,
                api_keys.c.key_id == key_id,
                api_keys.c.revoked_at.is_(None),
            )
            .values(revoked_at=at)
        )
        return revoked.rowcount > 0

    def add_session(self, session: Session) -> None:
        """Add a login."""
        values = SESSION.values(session) | {"tenant": self._tenant}
        self._connection.execute(insert(sessions), values)

    def drop_session(self, token_hash: str) -> bool:
        """End a login; return False if there is none."""
        dropped = self._connection.execute(
            delete(sessions).where(
                sessions.c.tenant == self._tenant, sessions.c.token_hash == token_hash
            )
        )
        return dropped.rowcount > 0

    def set_presence(self, presence: Presence) -> None:
        """Write a human's presence over the one before."""
        values = PRESENCE.values(presence)
        changed = self._connection.execute(
            update(presences)
            .where(presences.c.tenant == self._tenant, presences.c.human == presence.human)
            .values(values)
        )
        if not changed.rowcount:
            self._connection.execute(insert(presences), {**values, "tenant": self._tenant})

    def presences(self) -> tuple[Presence, ...]:
        """Return everybody's presence, by name."""
        rows = self._connection.execute(
            select(*PRESENCE.columns)
            .where(presences.c.tenant == self._tenant)
            .order_by(presences.c.human)
        )
        return tuple(PRESENCE.item(row) for row in rows)

    def first_time(self, source: str, event_id: str, at: datetime) -> bool:
        """Record a callback's id; return False if it was seen before."""
        mine = {"tenant": self._tenant, "source": source, "event_id": event_id}
        seen = self._connection.execute(
            select(callbacks.c.at).where(*(callbacks.c[name] == mine[name] for name in mine))
        ).first()
        if seen is None:
            self._connection.execute(insert(callbacks), {**mine, "at": at})
        return seen is None
