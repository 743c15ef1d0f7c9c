"""Who the customer is, and whether a tool or system authenticated them."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from handoff.cards.ledger import Entry, Source
from handoff.cards.names import (
    is_customer,
    is_person_name,
    is_secret,
    is_verifier,
    name_words,
    path_name,
    readable,
)
from handoff.cards.reading import Call, Reading
from handoff.domain.card import Auth, CardCustomer, Check, CheckResult, Claim, Outcome
from handoff.domain.effects import outcome_of
from handoff.domain.turn import Conversation

_VERIFYING = frozenset(
    {
        "verify", "verification", "authenticate", "authentication", "identify", "identity",
        "login", "validate",
    }
)  # fmt: skip
_ANSWERS = frozenset({"postcode", "zip", "zipcode", "postal", "answer"})
"""Names of what is asked for as a check, when it is given to a verifying tool."""
_SHORTEST = 3
_VERDICTS = frozenset(
    {
        "verified", "authenticated", "valid", "match", "matched", "passed", "success",
        "identified",
    }
)  # fmt: skip


def about_customer(entry: Entry) -> bool:
    """Tell whether the entry says who the customer is; a bare name only if they said it."""
    if not is_customer(entry.name):
        return False
    return not is_person_name(entry.name) or Source.SAID in entry.turns


def customer(reading: Reading, claimed: tuple[Claim, ...]) -> CardCustomer:
    """Return who the customer is; authentication only as a tool or the runtime's attributes say."""
    conversation = reading.conversation
    return CardCustomer(claimed=claimed, matched_by=_matched_by(conversation), auth=_auth(reading))


def _matched_by(conversation: Conversation) -> str | None:
    told = conversation.attributes.get("matched_by")
    if isinstance(told, str) and told:
        return told
    return "customer_key" if conversation.customer_key else None


def _auth(reading: Reading) -> Auth:
    verdicts = [(call, _verdict(call)) for call in reading.calls if _verifies(call)]
    checks = _checks(reading, verdicts)
    failed = sum(verdict is CheckResult.FAILED for _, verdict in verdicts)
    status = verdicts[-1][1] if verdicts else CheckResult.NOT_DONE
    by = verdicts[-1][0].call.name if verdicts else None
    told = reading.conversation.attributes.get("auth")
    if isinstance(told, Mapping):
        return _told(told).model_copy(update={"checks": checks, "failed_attempts": failed})
    level = _level(verdicts[-1][0]) if verdicts else None
    return Auth(status=status, level=level, by=by, failed_attempts=failed, checks=checks)


def verifiers(reading: Reading) -> frozenset[str]:
    """Return the values that identity was checked with: of those the card says how it ended."""
    return frozenset(
        str(leaf.value)
        for call in reading.calls
        if _verifies(call)
        for leaf in call.arguments
        if _checked(path_name(leaf.path)) and len(str(leaf.value)) >= _SHORTEST
    )


def _checked(name: str) -> bool:
    """Tell whether a value of this name only serves to check who somebody is."""
    return is_verifier(name) or bool(name_words(name) & _ANSWERS)


def _level(call: Call) -> str | None:
    levels = (str(leaf.value) for leaf in call.results if leaf.path and leaf.path[-1] == "level")
    return next(levels, None)


def _told(told: Mapping[str, JsonValue]) -> Auth:
    def text(key: str) -> str | None:
        value = told.get(key)
        return value if isinstance(value, str) and value else None

    status = text("status")
    return Auth(
        status=next((known for known in CheckResult if known == status), CheckResult.NOT_DONE),
        level=text("level"),
        method=text("method"),
        by=text("by") or "runtime",
    )


def _verifies(call: Call) -> bool:
    return bool(name_words(call.call.name) & _VERIFYING)


def _verdict(call: Call) -> CheckResult:
    outcome = outcome_of(call.call)
    if outcome is Outcome.UNKNOWN:
        return CheckResult.NOT_DONE
    denied = any(
        leaf.value is False and name_words(path_name(leaf.path)) & _VERDICTS
        for leaf in call.results
    )
    return CheckResult.FAILED if denied or outcome is Outcome.FAILED else CheckResult.PASSED


def _checks(reading: Reading, verdicts: Iterable[tuple[Call, CheckResult]]) -> tuple[Check, ...]:
    """Return one check per secret given and per item a verifying tool was called with."""
    checks: dict[str, tuple[CheckResult, list[int]]] = {}
    for index, name in _secrets_given(reading):
        _, turns = checks.setdefault(name, (CheckResult.NOT_DONE, []))
        turns.append(index)
    for call, verdict in verdicts:
        for leaf in call.arguments:
            name = readable(path_name(leaf.path))
            _, turns = checks.get(name, (verdict, []))
            checks[name] = (verdict, [*turns, call.index])
    return tuple(
        Check(name=name, result=result, turns=tuple(dict.fromkeys((*turns[:1], *turns[-1:]))))
        for name, (result, turns) in checks.items()
    )


def _secrets_given(reading: Reading) -> list[tuple[int, str]]:
    """Return where something secret was given, and its name, in order."""
    sources = [(slot.index, slot.leaves) for slot in reading.slots]
    sources += [(call.index, call.arguments) for call in reading.calls]
    return sorted(
        (index, readable(path_name(leaf.path)))
        for index, found in sources
        for leaf in found
        if is_secret(path_name(leaf.path))
    )
