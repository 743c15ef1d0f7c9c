"""What a tool call did: whether it changes something, as declared or by its name; how it ended."""

from functools import lru_cache

from handoff.domain.card import Outcome
from handoff.domain.extracts import label
from handoff.domain.turn import Effect, ToolCall

_READ_VERBS = frozenset(
    {
        "get", "find", "search", "list", "lookup", "look", "fetch", "read", "check", "query",
        "calculate", "think", "retrieve", "show", "view", "describe", "count", "verify",
        "validate", "estimate", "track", "browse", "select", "ask", "quote", "preview",
    }
)  # fmt: skip
_WRITE_VERBS = frozenset(
    {
        "update", "cancel", "book", "reserve", "buy", "add", "make", "request", "schedule",
        "share", "play", "send", "create", "modify", "return", "exchange", "change", "set",
        "delete", "remove", "submit", "pay", "refund", "transfer", "rent", "order", "purchase",
        "issue", "open", "close", "reset", "enable", "disable", "register", "enroll",
        "activate", "block", "unblock", "freeze", "apply", "redeem", "report", "rsvp", "post",
        "put", "patch", "upgrade", "downgrade", "renew", "confirm", "assign", "notify",
        "record", "log", "insert", "write", "save", "ship", "replace", "subscribe",
        "unsubscribe", "grant", "revoke", "charge", "credit", "place",
        "redirect", "move", "reschedule", "extend", "waive", "suspend", "restore", "lock",
        "unlock", "switch", "swap", "deactivate",
    }
)  # fmt: skip
_READ_OBJECTS = frozenset(
    {
        "details", "status", "info", "information", "available", "availability", "search",
        "balance", "list",
    }
)  # fmt: skip
_ALSO_NOUNS = frozenset(
    {
        "order", "request", "report", "record", "log", "return", "schedule", "charge", "credit",
        "transfer", "refund", "exchange", "rent", "post", "book", "purchase", "issue",
    }
)  # fmt: skip
"""Verbs that are nouns, too: `order_status` orders nothing."""
_THOUGHTS = frozenset({"think", "thought", "calculate", "calculator", "reason", "reflect", "plan"})
_MODE_KEYS = ("RequestType", "request_type", "action", "operation", "mode")
_GET_THINGS = frozenset({"ride", "tickets", "ticket", "train"})


def effect_of(call: ToolCall) -> Effect:
    """Return whether the call writes: declared, by its mode argument, or by its name's verb."""
    if call.effect is not None:
        return call.effect
    mode = _mode(call)
    if mode and mode[0] in _READ_VERBS | _WRITE_VERBS:
        return Effect.WRITE if mode[0] in _WRITE_VERBS else Effect.READ
    return Effect.WRITE if _names_a_write(_readable(call.name).casefold().split()) else Effect.READ


def outcome_of(call: ToolCall) -> Outcome:
    """Return how the call ended, as the runtime said."""
    if call.ok is None:
        return Outcome.UNKNOWN
    return Outcome.DONE if call.ok else Outcome.FAILED


def is_thought(name: str) -> bool:
    """Tell whether a tool only thinks or reckons: it knows nothing that the bot did not tell it."""
    return not _THOUGHTS.isdisjoint(_readable(name).casefold().split()[:1])


def says_the_mode(name: str, value: object) -> bool:
    """Tell whether a value only says what a tool is to do, such as `RequestType: Book`."""
    if name not in _MODE_KEYS or not isinstance(value, str):
        return False
    verb = _readable(value[:40]).casefold().split()[:1]
    return not (_READ_VERBS | _WRITE_VERBS).isdisjoint(verb)


def _mode(call: ToolCall) -> list[str]:
    for key in _MODE_KEYS:
        value = call.arguments.get(key)
        if isinstance(value, str):
            return _readable(value[:40]).casefold().split()
    return []


def _names_a_write(parts: list[str]) -> bool:
    if not parts:
        return False
    verb, rest = parts[0], frozenset(parts[1:])
    if verb == "get" and rest and rest <= _GET_THINGS:
        return True
    if verb in _READ_VERBS:
        return False
    if verb in _WRITE_VERBS:
        return verb not in _ALSO_NOUNS or not rest & _READ_OBJECTS
    return bool(rest & _WRITE_VERBS) and not rest & _READ_OBJECTS


@lru_cache(maxsize=1024)
def _readable(name: str) -> str:
    return label(name)
