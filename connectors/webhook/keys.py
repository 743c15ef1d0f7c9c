"""The keys of a webhook: shared secrets, the present one and the one before, and ed25519 pairs."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import SecretStr

from handoff.domain.connector import Callback
from handoff.domain.errors import Unauthenticated
from handoff.domain.standard_webhooks import checked, content, matches, signature

_SIZE = 32
"""Bytes of a key of ed25519; some write the public one behind the private one."""
_VERSION = b"v1a,"


def _bytes(text: str, prefix: str) -> bytes:
    try:
        found = base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be {prefix} followed by base64") from None
    if len(found) not in (_SIZE, 2 * _SIZE):
        raise ValueError("must hold a key of ed25519")
    return found[:_SIZE]


def private(key: SecretStr) -> Ed25519PrivateKey:
    """Return the private key in `whsk_` + base64; raise ValueError where it is none."""
    return Ed25519PrivateKey.from_private_bytes(_bytes(key.get_secret_value(), "whsk_"))


def public(key: str) -> Ed25519PublicKey:
    """Return the public key in `whpk_` + base64; raise ValueError where it is none."""
    return Ed25519PublicKey.from_public_bytes(_bytes(key, "whpk_"))


@dataclass(frozen=True, slots=True)
class Keys:
    """Signs what goes out with every key there is, and takes back what any of them signed."""

    secrets: tuple[bytes, ...] = field(repr=False)
    """The present one first."""
    private: Ed25519PrivateKey | None = None
    """Ours."""
    public: Ed25519PublicKey | None = None
    """The receiver's."""

    def signatures(self, message_id: str, at: datetime, body: bytes) -> str:
        """Return the header: a receiver takes a message of which it knows one key."""
        told = [signature(key, message_id, at, body) for key in self.secrets]
        if self.private is not None:
            signed = self.private.sign(content(message_id, at, body))
            told.append(_VERSION.decode() + base64.b64encode(signed).decode())
        return " ".join(told)

    def verified(self, callback: Callback) -> str:
        """Return the id of a callback that one of the keys signed; raise Unauthenticated."""
        message_id, at, given = checked(callback)
        known = matches(self.secrets, message_id, at, callback.body, given)
        signed = content(message_id, at, callback.body)
        if not (known or self._signed_by_theirs(signed, given)):
            raise Unauthenticated("the webhook signature does not match")
        return message_id

    def _signed_by_theirs(self, signed: bytes, given: Iterable[bytes]) -> bool:
        """Tell whether a signature is the receiver's own key's."""
        if self.public is None:
            return False
        for each in given:
            if not each.startswith(_VERSION):
                continue
            try:
                self.public.verify(base64.b64decode(each[len(_VERSION) :], validate=True), signed)
            except (InvalidSignature, binascii.Error, ValueError):
                continue
            return True
        return False
