"""Webhooks that tenants register by the API: where to post, and the secrets, kept encrypted."""

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handoff.domain.errors import Invalid
from handoff.domain.records import Listed, Page

PREFIX = "wh_"
"""How the ids begin; a webhook's id is its connector's name too."""
MOST = 50
"""Of one tenant."""
OVERLAP = timedelta(hours=24)
"""How long the secret before goes on to sign, unless another time is asked for."""
SECRET_BYTES = 32


def is_registered(connector: str) -> bool:
    """Tell whether a connector's name is the id of a registered webhook."""
    return connector.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """One registered webhook. What it hears: escalations of its queues, of all where none is."""

    webhook_id: str
    url: str
    description: str
    queues: tuple[str, ...]
    secret: str
    """As `SecretBox` closed it, like the one before."""
    secret_before: str | None
    before_until: datetime | None
    """Until when the secret before signs too, and is taken."""
    rotated_at: datetime
    """Since when the secret is the present one."""
    created_at: datetime
    created_by: str

    def before(self, at: datetime) -> str | None:
        """Return the secret before, closed, while it is still to sign."""
        due = self.before_until is not None and at < self.before_until
        return self.secret_before if due else None

    def rotated(self, secret: str, overlap: timedelta, at: datetime) -> "StoredWebhook":
        """Return it with a new secret, closed; the present one signs beside it for `overlap`."""
        if not overlap:
            return replace(
                self, secret=secret, secret_before=None, before_until=None, rotated_at=at
            )
        until = at + overlap
        return replace(
            self, secret=secret, secret_before=self.secret, before_until=until, rotated_at=at
        )


class StoredWebhooks(Protocol):
    """One tenant's webhooks."""

    def add(self, webhook: StoredWebhook) -> None: ...
    def get(self, webhook_id: str) -> StoredWebhook | None: ...
    def list(self, page: Page) -> Listed[StoredWebhook]:
        """Return webhooks, the one registered last first."""

    def count(self) -> int: ...
    def save(self, webhook: StoredWebhook) -> None:
        """Write it over what is stored under its id."""

    def remove(self, webhook_id: str) -> None: ...


class SecretBox:
    """Closes secrets for the database and opens them again: Fernet, by a key of the service's own.

    The key is HKDF-SHA256 (RFC 5869) of the key that hashes: who has only the database has none.
    https://github.com/fernet/spec/blob/master/Spec.md
    """

    def __init__(self, key: bytes) -> None:
        """Derive the key; raises nothing."""
        derived = HKDF(SHA256(), 32, salt=None, info=b"handoff webhook secrets").derive(key)
        self._fernet = Fernet(urlsafe_b64encode(derived))

    def new(self) -> str:
        """Return a new secret as receivers want it (`whsec_…`), closed."""
        return self.close(f"whsec_{b64encode(token_bytes(SECRET_BYTES)).decode()}")

    def close(self, secret: str) -> str:
        """Return a secret as it may be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def opens(self, closed: str) -> bool:
        """Tell whether it was closed by this key."""
        try:
            self.open(closed)
        except Invalid:
            return False
        return True

    def open(self, closed: str) -> str:
        """Return the secret; raise Invalid where another key closed it."""
        try:
            return self._fernet.decrypt(closed.encode()).decode()
        except InvalidToken:
            raise Invalid(
                "the webhook's secret was kept under another HANDOFF_HASH_SECRET (or hash.key):"
                " bring that back, or rotate the secret"
            ) from None
