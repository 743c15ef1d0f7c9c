"""Which keys of JSON name a secret, and whether a value under one may be it."""

from collections.abc import Mapping
from functools import lru_cache

from handoff.domain.extracts import label
from handoff.domain.masking import MASKS, mask
from handoff.domain.secret_words import Secret

_PARTS: Mapping[Secret, tuple[str, ...]] = {
    Secret.CODE: (
        *("cvv", "cvc", "cvn", "csc", "cardcode", "securitycode", "cardsecurity"),
        "verificationvalue",
    ),
    Secret.CARD: ("cardnumber", "cardno", "creditcard", "debitcard", "primaryaccountnumber"),
    Secret.ONE_TIME: ("onetimecode", "onetimepass", "verificationcode", "smscode", "authcode"),
    Secret.PASSWORD: ("password", "passwd", "passphrase", "passcode"),
    Secret.KEY: (
        *("apikey", "secretkey", "accesstoken", "clientsecret", "privatekey", "refreshtoken"),
        *("authtoken", "bearertoken", "apitoken"),
    ),
    Secret.SSN: ("socialsecurity",),
    Secret.NATIONAL: ("nationalid", "nationalinsurance", "taxid", "personalid"),
}
"""What a key without its separators may contain."""
_WORDS: Mapping[Secret, frozenset[str]] = {
    Secret.CODE: frozenset({"cid"}),
    Secret.ONE_TIME: frozenset({"otp", "tan"}),
    Secret.PIN: frozenset({"pin"}),
    Secret.PASSWORD: frozenset({"pwd"}),
    Secret.SSN: frozenset({"ssn"}),
    Secret.NATIONAL: frozenset(
        {"pesel", "bsn", "dni", "nif", "cpf", "curp", "nino", "personnummer", "aadhaar"}
    ),
}
"""What one of its words may be; `cid` only alone or after "card"."""
_WHOLE = frozenset({"cid", "card cid"})
_SIZES: Mapping[Secret, range] = {
    Secret.CODE: range(3, 5),
    Secret.CARD: range(12, 20),
    Secret.ONE_TIME: range(4, 9),
    Secret.PIN: range(4, 7),
    Secret.SSN: range(9, 10),
    Secret.NATIONAL: range(6, 19),
}
"""How many digits a value has that may be it; other values under the key stay."""
_LEAST = 4


def names_secret(key: str) -> bool:
    """Return whether a key such as `card_cvv`, `pin` or `apiKey` names something secret."""
    return _kind(key) is not None


def secret_value(key: str, value: str | float) -> str:
    """Return the mask for what stands under a key that names a secret; "" if it may stay."""
    kind = _kind(key)
    if kind is None:
        return ""
    sizes = _SIZES.get(kind)
    if sizes is None:
        telling = isinstance(value, str) and len(value) >= _LEAST and not value.startswith("[")
        return MASKS[kind] if telling else ""
    if not isinstance(value, str):
        whole = 0 <= value < 10**19 and value == int(value)
        digits = str(int(value)) if whole else ""
    else:
        digits = value.strip().replace("-", "").replace(" ", "")
    if len(digits) not in sizes or not _numeric(kind, digits):
        return ""
    return mask(digits) if kind is Secret.CARD else MASKS[kind]


def _numeric(kind: Secret, value: str) -> bool:
    """Return whether it is digits; a personal id may have letters among them."""
    if kind is Secret.NATIONAL:
        return value.isalnum() and sum(map(str.isdigit, value)) >= _LEAST
    return value.isdecimal()


@lru_cache(maxsize=4096)
def _kind(key: str) -> Secret | None:
    words = label(key[:200]).casefold().split()
    name = "".join(filter(str.isalnum, key[:200].casefold()))
    for kind, parts in _PARTS.items():
        if any(part in name for part in parts):
            return kind
    for kind, known in _WORDS.items():
        if not known.isdisjoint(words) and (kind is not Secret.CODE or " ".join(words) in _WHOLE):
            return kind
    return None
