"""What names mean: which are secret, say who the customer is, are money, or say nothing."""

from functools import lru_cache

from handoff.domain.extracts import label

GENERIC = frozenset(
    {
        "id", "name", "value", "values", "code", "key", "type", "data", "result", "results", "item",
        "items",
    }
)  # fmt: skip
"""Keys that say nothing without the key above them."""

_SECRET_WORDS = frozenset(
    {
        "pin", "password", "passcode", "passphrase", "passwd", "pwd", "secret", "cvv", "cvc",
        "otp", "ssn", "token", "maiden", "pesel",
    }
)  # fmt: skip
_SECRET_PAIRS = (
    ("security", "answer"), ("security", "question"), ("security", "code"), ("secret", "answer"),
    ("social", "security"), ("api", "key"), ("one", "time"), ("access", "code"),
    ("verification", "code"),
)  # fmt: skip
_CARD_PAIRS = (("card", "number"), ("card", "no"), ("cardnumber",))
_VERIFIER_WORDS = frozenset({"dob", "birthdate", "birthday", "birth", "mother", "childhood", "pet"})
_MONEY_WORDS = frozenset(
    {
        "price", "prices", "amount", "amounts", "total", "cost", "costs", "fare", "fee", "fees",
        "balance", "refund", "paid", "charge", "charges", "payment", "credit", "discount",
    }
)  # fmt: skip
_CUSTOMER_NAMES = frozenset(
    {
        "name", "full name", "customer name", "caller name", "your name", "first name",
        "last name", "surname", "username", "user name", "user id", "customer id", "member id",
        "account id", "account number", "membership number", "client id", "email",
        "email address", "phone", "phone number", "mobile", "address", "postcode", "zip",
        "zip code", "dob", "date of birth",
    }
)  # fmt: skip
_PERSON_NAMES = frozenset({"name", "first name", "last name", "surname"})


@lru_cache(maxsize=4096)
def readable(name: str) -> str:
    """Return a source's name for a value as a person reads it."""
    return label(name)


def path_name(path: tuple[str, ...]) -> str:
    """Return the name of a leaf: its last key, with the key above where the last says nothing."""
    if not path:
        return ""
    last = path[-1]
    if last.casefold() in GENERIC and len(path) > 1:
        return f"{path[-2]}_{last}"
    return last


@lru_cache(maxsize=4096)
def name_words(name: str) -> frozenset[str]:
    """Return the words of a name that carry meaning."""
    return frozenset(readable(name).casefold().split()) - {"id", "of", "the", "is", "has"}


def _has_pair(parts: frozenset[str], pairs: tuple[tuple[str, ...], ...]) -> bool:
    return any(parts.issuperset(pair) for pair in pairs)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Tell whether a value of this name must never be shown."""
    parts = frozenset(part.strip("0123456789") for part in readable(name).casefold().split())
    return bool(parts & _SECRET_WORDS) or _has_pair(parts, _SECRET_PAIRS)


@lru_cache(maxsize=4096)
def is_card_number(name: str) -> bool:
    """Tell whether this names a payment card number, of which four digits may be shown."""
    return _has_pair(frozenset(readable(name).casefold().split()), _CARD_PAIRS)


@lru_cache(maxsize=4096)
def is_verifier(name: str) -> bool:
    """Tell whether a value of this name is used to check who somebody is."""
    return is_secret(name) or bool(name_words(name) & _VERIFIER_WORDS)


def is_money(path: tuple[str, ...]) -> bool:
    """Tell whether the number at this path is an amount of money."""
    return any(_MONEY_WORDS & name_words(part) for part in path[-3:])


def is_customer(name: str) -> bool:
    """Tell whether a value of this name says who the customer is."""
    return readable(name).casefold() in _CUSTOMER_NAMES


def is_person_name(name: str) -> bool:
    """Tell whether this names a person, who need not be the customer."""
    return readable(name).casefold() in _PERSON_NAMES
