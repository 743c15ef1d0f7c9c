"""Tell an audit trail as a story: each entry in words, with who, when and the evidence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import re2
from pydantic import JsonValue

from handoff.cards.evidence import EvidenceLine, Tools, evidence_line
from handoff.domain.audit import Actor, ActorKind, AuditEntry, ChainedEntry
from handoff.domain.decision import Reason
from handoff.domain.extracts import clip
from handoff.domain.reasons import sentence
from handoff.web.words import clock, iso, moment

Details = Mapping[str, JsonValue]
_PLACE = re2.compile(r"\{([a-z_]+)\}")
"""Where a title takes a word from the details."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the trail in words."""

    kind: str
    """decision, card, delivery, person, control or outcome: what the step is about."""
    title: str
    who: str
    time: str
    instant: str
    date: str
    change: str
    """State before → state after."""
    remarks: tuple[str, ...]
    evidence: tuple[EvidenceLine, ...]
    sequence: int


@dataclass(frozen=True, slots=True)
class _Kind:
    """How an action is told: its kind and its title, `{…}` filled from the details."""

    kind: str
    title: str


ACTIONS = {
    "offered": _Kind("decision", "A person was offered to the customer"),
    "shadow": _Kind("decision", "A rule in shadow mode would have acted"),
    "opened": _Kind("decision", "Escalated to the queue {queue}"),
    "evidence_added": _Kind("decision", "More evidence for the same escalation"),
    "card": _Kind("card", "A new card"),
    "delivered": _Kind("delivery", "{connector} has it"),
    "delivery_failed": _Kind("delivery", "{connector} did not take it; it is tried again"),
    "delivery_unknown": _Kind("delivery", "{connector} may have it; it is asked"),
    "delivery_refused": _Kind("delivery", "{connector} refused it"),
    "delivery_dead": _Kind("delivery", "{connector} never took it; no more tries"),
    "delivery_late": _Kind("delivery", "{connector} answered too late to count"),
    "delivery_replayed": _Kind("delivery", "A delivery was made due again by hand"),
    "reserve": _Kind("person", "Held for {human}"),
    "claim": _Kind("person", "Claimed by {human}"),
    "accept": _Kind("person", "Accepted by {human}"),
    "decline": _Kind("person", "Declined"),
    "expire": _Kind("person", "Time ran out"),
    "bridged": _Kind("person", "Connected to the customer"),
    "failed": _Kind("person", "The customer was not reached"),
    "release": _Kind("person", "Released to the queue"),
    "transfer": _Kind("person", "Moved from {from} to {queue}"),
    "lapse": _Kind("person", "No sign of life: back in the queue"),
    "wrap": _Kind("person", "The talk is over: wrap-up"),
    "customer_back": _Kind("person", "The customer came back"),
    "customer_left": _Kind("person", "The customer left"),
    "defer": _Kind("person", "A later contact was promised"),
    "due": _Kind("person", "The promised contact is due"),
    "note": _Kind("person", "Note"),
    "rated": _Kind("card", "Card version {card_version} rated"),
    "leg": _Kind("person", "Telephone leg {leg}"),
    "control": _Kind("control", "The floor: {floor}"),
    "hand_back": _Kind("outcome", "Handed back to the bot"),
    "dispose": _Kind("outcome", "Closed as {outcome}"),
    "cancel": _Kind("outcome", "Withdrawn before anybody took it"),
    "feedback": _Kind("outcome", "Feedback: {score}"),
    "ended": _Kind("outcome", "The conversation ended"),
}
"""Action of the audit trail to how it is told; one that is not here is told by its own name."""

WHO = {
    ActorKind.RUNTIME: "the bot's runtime",
    ActorKind.CUSTOMER: "the customer",
    ActorKind.CONNECTOR: "a connector",
    ActorKind.SYSTEM: "the service",
}


def timeline(entries: Iterable[ChainedEntry], tools: Tools) -> tuple[Step, ...]:
    """Return the entries in words, in their order."""
    return tuple(_step(chained, tools) for chained in entries)


def _step(chained: ChainedEntry, tools: Tools) -> Step:
    entry = chained.entry
    told = ACTIONS.get(entry.action, _Kind("person", entry.action.replace("_", " ")))
    return Step(
        kind=told.kind,
        title=_filled(told.title, entry),
        who=_who(entry.actor),
        time=clock(entry.at),
        instant=iso(entry.at),
        date=moment(entry.at),
        change=_change(entry),
        remarks=tuple(text for remark in REMARKS if (text := remark(entry.details))),
        evidence=evidence(entry.details.get("reasons"), tools),
        sequence=chained.sequence,
    )


def _filled(title: str, entry: AuditEntry) -> str:
    values = {**entry.details, "floor": _floor(entry)}
    filled: str = _PLACE.sub(lambda place: clip(str(values.get(place[1], "")), 100), title)
    return filled


def _floor(entry: AuditEntry) -> str:
    holders = {"bot": "the bot", "nobody": "nobody"}
    name = entry.details.get("name")
    return str(name) if name else holders.get(entry.after or "", entry.after or "")


def _who(actor: Actor) -> str:
    return actor.name or WHO.get(actor.kind, actor.kind.value)


def _change(entry: AuditEntry) -> str:
    if entry.action == "control" or entry.before is None or entry.after is None:
        return ""
    return f"{entry.before} → {entry.after}"


def _reason(details: Details) -> str:
    code = details.get("reason_code")
    return sentence(code) if isinstance(code, str) else ""


def _score(details: Details) -> str:
    score, policy = details.get("score"), details.get("policy")
    if not isinstance(score, int | float) or not policy:
        return ""
    return f"stuck score {score:.2f}, policy {policy}"


def _at_turn(details: Details) -> str:
    turn = details.get("turn_index")
    return f"at turn {turn + 1}" if isinstance(turn, int) else ""


def _useful(details: Details) -> str:
    useful = details.get("useful")
    return ("useful" if useful else "not useful") if isinstance(useful, bool) else ""


def _named(name: str, words: str) -> Callable[[Details], str]:
    """Return what tells a detail in words, if there is one."""

    def told(details: Details) -> str:
        value = details.get(name)
        return "" if value in (None, "", []) else words.format(clip(str(value), 500))

    return told


REMARKS: tuple[Callable[[Details], str], ...] = (
    _reason,
    _at_turn,
    _score,
    _useful,
    _named("cause", "cause {}"),
    _named("claim", "wrong on it: {}"),
    _named("text", "“{}”"),
    _named("why", "{}"),
    _named("contact_at", "contact promised by {}"),
    _named("card_version", "card version {}"),
    _named("event", "{}"),
    _named("attempt", "attempt {}"),
    _named("error", "{}"),
    _named("disposition", "disposition {}"),
    _named("by", "by the {}"),
)
"""What is told of an entry's details, in this order."""


def evidence(reasons: JsonValue, tools: Tools) -> tuple[EvidenceLine, ...]:
    """Return the reasons in an entry's details in plain words."""
    if not isinstance(reasons, list):
        return ()
    return tuple(
        evidence_line(_told(reason), tools) for reason in reasons if isinstance(reason, dict)
    )


def _told(reason: Details) -> Reason:
    """Return a reason as it was written, whatever an older version wrote."""
    turns, rule = reason.get("turns"), reason.get("rule")
    return Reason(
        signal=str(reason.get("signal", "")),
        rule=None if rule is None else str(rule),
        strength=_number(reason.get("strength")) or 0.0,
        value=reason.get("value"),
        threshold=_number(reason.get("threshold")),
        turns=tuple(turn for turn in turns if isinstance(turn, int))
        if isinstance(turns, list)
        else (),
    )


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None
