"""What the human should do first, from the reason and from what is still open."""

from dataclasses import dataclass

from pydantic import JsonValue

from handoff.cards.actions import subject
from handoff.domain.card import CardAction, Claim, OpenItem, OpenKind, Outcome, Promise
from handoff.domain.extracts import clip
from handoff.domain.turn import Effect

_BY_REASON = {
    "fraud_or_security_concern": "Verify who you speak to, then secure the account.",
    "account_closure_request": "Confirm the closure with the customer and start it.",
    "deceased_account_holder": "Offer condolences and start the bereavement process.",
    "legal_or_regulatory_matter": "Take it down in their words, pass it to legal, promise nothing.",
    "account_ownership_dispute": "Verify who you speak to; disclose nothing before.",
    "complex_billing_dispute": "Go through the disputed charges and decide what the bot may not.",
    "abusive_customer_behavior": "State the limits once, then deal with the request.",
    "third_party_inquiry": "Check the caller's authority before disclosing anything.",
    "customer_demands_after_unavailable_offer_refusal": "Say why there is no such offer.",
    "unconfirmed_external_communication": "Look up the message or offer the customer cites.",
    "kb_search_unsuccessful_customer_requests_transfer": "Answer what the bot found nothing for.",
    "specialized_department_required": "Take the request on, or pass it to the right department.",
    "accessibility_or_special_needs": "Ask how you can best help, then go on with the request.",
    "customer_frustrated_demands_human": "Acknowledge the trouble, then go on with the request.",
    "supervisor_request_service_complaint": "Hear the complaint, then go on with the request.",
    "customer_requests_human_no_specific_reason": "Take the request on: they asked for a person.",
    "request_completed_customer_wants_human_followup": "It is done: ask what is left to do.",
    "repeated_intent": "Settle the request the customer keeps coming back to.",
    "bot_stuck": "Answer in another way than the bot, which got no further with it.",
    "not_understood": "Ask in your own words what the customer needs.",
    "missing_information": "Find the value the bot could not obtain.",
    "policy": "Decide what the policy leaves to a person.",
    "safety_emergency": "Make sure first that nobody is in danger, by the emergency procedure.",
    "customer_upset": "Acknowledge the trouble, then go on with the request.",
    "formal_complaint": "Take the complaint down in their words; promise nothing.",
    "high_value_action": "Check the amount and who asks, then decide what the bot may not.",
    "vip_customer": "Take the request on: they are served by a person first.",
    "language_not_supported": "Go on in the customer's language, or pass it to who speaks it.",
    "out_of_scope": "Take the request on, or pass it to the right department.",
    "poor_connection": "Ask for a number to call back, or for it in writing.",
    "returning_customer": "Look at what was done before, then go on with the request.",
}
_ASKS_ONLY = "Ask what it is about: they asked for a person{when}."
_ASKING = frozenset(
    {"customer_requests_human_no_specific_reason", "customer_frustrated_demands_human"}
)
"""Reasons that say that a person is wanted and not what for."""
_NOTHING_FAILED = {
    "bot_requested": "Go on where the bot gave up; it asked for a person.",
    "tool_failed": "Do by hand what the bot's tool could not.",
    "technical_system_error": "Do by hand what the bot's system could not.",
    "none": "Nothing needs a person so far.",
}
_DEFAULT = "Go on with the request where the bot stopped."
_NOTHING = "The changes are done: ask whether anything is left."
_LEADS = {
    OpenKind.UNKNOWN_OUTCOME: "Check first, before repeating it: {text}.",
    OpenKind.FAILED_ACTION: "Do by hand: {text}.",
    OpenKind.UNCONFIRMED: "Check first: {text}.",
    OpenKind.QUESTION: "Answer: {text}",
}
_VALUE_LIMIT = 40
_PROMISE_LIMIT = 120


@dataclass(frozen=True, slots=True)
class Outset:
    """What the next step follows from."""

    code: str
    """Why the conversation was handed over."""
    about: str
    """The request in a word or two, as the runtime names it; empty where it does not."""
    open_items: tuple[OpenItem, ...]
    actions: tuple[CardAction, ...]
    facts: tuple[Claim, ...]
    promises: tuple[Promise, ...]
    asks_only: bool = False
    """The customer did not say what a person is wanted for."""
    at_once: bool = False
    """It was their first wish."""


def next_step(outset: Outset) -> str:
    """Return one or two sentences: what to check or settle first, then what the reason asks.

    A side effect nobody confirmed leads, else a value that was refused or heard differently;
    where there is neither, the last promise with a deadline follows.
    """
    code = outset.code
    first = outset.open_items[0] if outset.open_items else None
    lead = _LEADS[first.kind].format(text=first.text) if first else ""
    if code in _BY_REASON:
        effect = lead if first and first.kind is not OpenKind.QUESTION else ""
        before = effect or _unsettled(outset.facts)
        return _joined(before, _step(outset), "" if before else _due(outset.promises))
    if lead:
        return _joined(lead, _unsettled(outset.facts))
    if left := _never_done(outset.actions):
        failed = f"Do by hand what failed: {left}."
        return _joined(failed, _unsettled(outset.facts) or _due(outset.promises))
    if code == "none":
        return _NOTHING if _something_done(outset.actions) else _NOTHING_FAILED[code]
    step = _about(_NOTHING_FAILED.get(code, _DEFAULT), outset.about)
    return _joined(_unsettled(outset.facts), step, _due(outset.promises))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _unsettled(facts: tuple[Claim, ...]) -> str:
    """Return what to ask again: a value that no tool took, else one that was heard differently."""
    current = [claim for claim in facts if not claim.superseded]
    for claim in current:
        if claim.refused and _short(claim.value):
            return f"Settle the {claim.name}: {claim.value} was refused."
    for claim in current:
        if claim.alternatives and _short(claim.value):
            others = " or ".join(map(str, claim.alternatives[:2]))
            return f"Confirm the {claim.name}: {claim.value}, or {others}?"
    return ""


def _short(value: JsonValue) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= _VALUE_LIMIT


def _due(promises: tuple[Promise, ...]) -> str:
    """Return the last promise that named a deadline."""
    due = [promise for promise in promises if promise.due]
    return f"Keep the promise: “{clip(due[-1].text, _PROMISE_LIMIT)}”" if due else ""


def _about(step: str, about: str) -> str:
    """Return a step with the request named where one is known."""
    return step.replace("the request", f"the request ({about})", 1) if about else step


def _step(outset: Outset) -> str:
    if outset.code not in _ASKING or not outset.asks_only:
        return _about(_BY_REASON[outset.code], outset.about)
    return _ASKS_ONLY.format(when=" at once" if outset.at_once else " without saying why")


def _never_done(actions: tuple[CardAction, ...]) -> str | None:
    """Return the latest call that failed and was not made good by a later one of that name."""
    done: set[str] = set()
    for action in reversed(actions):
        if action.outcome is Outcome.FAILED and action.name not in done:
            return subject(action)
        if action.outcome is Outcome.DONE:
            done.add(action.name)
    return None


def _something_done(actions: tuple[CardAction, ...]) -> bool:
    return any(a.effect is Effect.WRITE and a.outcome is Outcome.DONE for a in actions)
