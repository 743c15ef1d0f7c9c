"""Certificates that must not be taken, at OpenSSL's level, against the product's way out."""

import datetime
import ssl
from collections.abc import Callable
from contextlib import closing

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from handoff.domain.errors import ConnectorError
from handoff.outbound import GuardedClient
from tests.receiver import Receiver

CA = trustme.CA()
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def issued(*names: str, by: trustme.CA = CA, **options: datetime.datetime) -> ssl.SSLContext:
    """Return a server's side with a certificate of an authority."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    by.issue_cert(*names, **options).configure_cert(made)
    return made


def expired() -> ssl.SSLContext:
    """Return one whose time is over."""
    return issued("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY)


def not_yet() -> ssl.SSLContext:
    """Return one whose time has not begun."""
    return issued("localhost", not_before=NOW + DAY, not_after=NOW + 9 * DAY)


def self_signed() -> ssl.SSLContext:
    """Return one that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    blob = trustme.Blob(pem + certificate.public_bytes(serialization.Encoding.PEM))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with blob.tempfile() as path:
        made.load_cert_chain(path)
    return made


def old_tls() -> ssl.SSLContext:
    """Return a server that speaks nothing newer than TLS 1.1."""
    made = issued("localhost")
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = ssl.TLSVersion.TLSv1
    made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


BAD: dict[str, Callable[[], ssl.SSLContext]] = {
    "expired": expired,
    "not yet valid": not_yet,
    "wrong host": lambda: issued("other.example"),
    "wildcard of another": lambda: issued("*.localhost"),
    "self-signed": self_signed,
    "unknown authority": lambda: issued("localhost", by=trustme.CA()),
    "old TLS": old_tls,
}


def sent(server: ssl.SSLContext) -> tuple[Receiver, ConnectorError | None]:
    """Return the receiver after one try, and what went wrong."""
    trust = ssl.create_default_context()
    CA.configure_trust(trust)
    with (
        Receiver(tls=server) as receiver,
        closing(GuardedClient(allow_loopback=True, tls=trust)) as outbound,
    ):
        try:
            outbound.post(f"https://localhost:{receiver.port}/hook", b"secret", {})
        except ConnectorError as error:
            return receiver, error
        return receiver, None


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_certificate_gets_nothing(kind: str) -> None:
    """Not a byte of the request, and the delivery is tried again later: it surely did not go."""
    receiver, error = sent(BAD[kind]())

    assert error is not None
    assert (error.retryable, error.unknown) == (True, False)
    assert "certificate" in error.message or "handshake" in error.message
    assert receiver.ledger == []


def test_a_good_certificate_is_taken() -> None:
    """What fails above fails for its fault alone."""
    receiver, error = sent(issued("localhost"))

    assert error is None
    assert [one.body for one in receiver.ledger] == [b"secret"]
