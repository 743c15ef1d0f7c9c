"""Secrets kept encrypted; a module of its own, for the cipher takes 9 MB that few services need."""

from base64 import b64encode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handoff.domain.errors import Invalid

SECRET_BYTES = 32


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
