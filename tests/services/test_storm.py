"""Many escalations for one cause: one incident, let in by capacity, and nobody forgotten."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import JsonValue

from handoff.cards.wording import LANGUAGES
from handoff.domain.audit import ChainedEntry
from handoff.domain.escalation import Escalation, State
from handoff.domain.incident import Incident
from handoff.domain.ports import Transaction
from handoff.domain.records import EscalationFilter, Event, Page
from handoff.services.deps import Deps
from handoff.services.detectors import Detectors, Written
from handoff.services.observe import Told
from handoff.services.request import Asked, open_asked
from handoff.services.storm import say as words
from handoff.services.timers import fire_timer
from handoff.services.words import waiting_words
from tests import fakes
from tests.services.conftest import ANN, RUNTIME, TENANT, say

POLICY = """\
schema: handoff-policy/1
name: stormy
rules:
  - {id: danger, when: attributes.danger == true, then: escalate, reason: fraud_or_security_concern}
  - {id: asks, when: signals.human_request >= 0.9, then: escalate}
  - {id: fails, when: signals.tool_failure >= 0.4, then: escalate, reason: tool_failed}
storm: {window_s: 300, incident_at: 6, names: {"tool:get_order": our orders}}
routing:
  default_queue: general
  queues:
    general: {capacity: 4}
"""
DANGER = Told(attributes={"danger": True})


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """Return a composition whose policy looks for incidents."""
    return replace(deps, detectors=Detectors(deps.store, Written.load(POLICY)))


def fail(deps: Deps, number: int, told: Told | None = None, tool: str = "get_order") -> Escalation:
    """Let a tool fail in a conversation of its own; return the escalation."""
    answer = say(
        deps,
        "tool",
        conversation=f"c{number}",
        told=told,
        tool_call={"name": tool, "ok": False},
    ).answer
    return escalation_of(deps, answer)


def escalation_of(deps: Deps, answer: dict[str, JsonValue]) -> Escalation:
    """Return the escalation in an answer as it is stored."""
    told = answer["escalation"]
    assert isinstance(told, dict)
    found = deps.store.read(TENANT, lambda tx: tx.escalations.get(str(told["escalation_id"])))
    assert found is not None
    return found


def incidents(deps: Deps) -> tuple[Incident, ...]:
    """Return all incidents, the newest first."""
    return deps.store.read(
        TENANT, lambda tx: tx.incidents.list(still_open=False, page=Page()).items
    )


def trail(deps: Deps, subject: str) -> list[ChainedEntry]:
    """Return a subject's audit entries."""
    return list(deps.store.read(TENANT, lambda tx: tx.audit.of(subject)))


def pass_time(deps: Deps, clock: fakes.Clock, until: datetime) -> None:
    """Fire every timer that is due until then, each at its time."""
    while (due_at := deps.store.read_any(lambda work: work.next_timer_at())) and due_at <= until:
        clock.at = max(clock.at, due_at)
        for timer in deps.store.read_any(lambda work: work.due_timers(clock.at, 50)):
            fire_timer(deps, timer)
    clock.at = until


def test_one_cause_becomes_one_incident(deps: Deps) -> None:
    """The one too many opens it; those before it in the window are of it too."""
    opened = [fail(deps, number) for number in range(8)]
    other = fail(deps, 99, tool="pay")

    (incident,) = incidents(deps)
    assert (incident.cause, incident.escalations, incident.held) == ("tool:get_order", 8, 3)
    mine = EscalationFilter(incident_id=incident.incident_id)
    listed = deps.store.read(TENANT, lambda tx: tx.escalations.list(mine, Page())).items
    assert {one.escalation_id for one in listed} == {one.escalation_id for one in opened}
    assert (other.state, other.incident_id) == (State.QUEUED, None)


def test_who_is_held_is_told_so_and_loses_nothing(deps: Deps) -> None:
    """One escalation with its card, deferred, with honest words and a contact time."""
    for number in range(5):
        fail(deps, number)
    answer = say(
        deps, "tool", conversation="c9", tool_call={"name": "get_order", "ok": False}
    ).answer

    held = escalation_of(deps, answer)
    assert (held.state, held.due_at) == (State.DEFERRED, held.slot_at)
    assert held.contact_at == deps.clock() + timedelta(seconds=600)
    assert answer["card"] is not None
    assert answer["control"]["holder"] == "nobody"  # type: ignore[index,call-overload] # JSON
    assert answer["say"] == (
        "We have a problem with our orders right now, and many people are affected. A person will "
        "get back to you within the next 10 minutes. You do not need to do anything."
    )
    actions = [one.entry.action for one in trail(deps, held.escalation_id)]
    assert actions == ["opened", "defer"]
    details = trail(deps, held.escalation_id)[0].entry.details
    assert details["incident"] == held.incident_id


def test_the_incident_is_audited_and_on_the_feed(deps: Deps) -> None:
    """Opened once, with how many it began with."""
    for number in range(7):
        fail(deps, number)

    (incident,) = incidents(deps)
    (entry,) = trail(deps, incident.incident_id)
    assert (entry.entry.action, entry.entry.details["escalations"]) == ("incident_opened", 6)

    def read(tx: Transaction) -> tuple[Event, ...]:
        return tx.events.after(0, 500)

    told = [one for one in deps.store.read(TENANT, read) if one.kind == "incident"]
    assert [(one.subject, one.data["state"]) for one in told] == [(incident.incident_id, "open")]


def test_safety_and_the_customers_own_word_are_never_held(deps: Deps) -> None:
    """In the middle of it: queued at once."""
    for number in range(8):
        fail(deps, number)

    danger = fail(deps, 20, DANGER)
    say(deps, "customer", "My order is broken", conversation="c21")
    asks = escalation_of(
        deps, say(deps, "customer", "I want to talk to a human", conversation="c21").answer
    )

    assert (danger.state, danger.cause, danger.incident_id) == (State.QUEUED, None, None)
    assert (asks.state, asks.slot_at) == (State.QUEUED, None)


def test_what_is_never_limited_lets_in_who_was_held(deps: Deps) -> None:
    """A held conversation turns to danger: it waits no longer."""
    for number in range(6):
        held = fail(deps, number)
    assert held.state is State.DEFERRED
    wanted = Asked("c5", reason_code="fraud_or_security_concern")

    def ask(tx: Transaction) -> Escalation:
        return open_asked(tx, deps, wanted, by=RUNTIME, at=deps.clock()).escalation

    let_in = deps.store.write(TENANT, ask)

    assert (let_in.escalation_id, let_in.state) == (held.escalation_id, State.QUEUED)
    assert let_in.queued_at == held.queued_at


def test_danger_told_in_words_lets_in_who_was_held(deps: Deps) -> None:
    """No rule of the policy names it, and the detector has just escalated."""
    for number in range(6):
        held = fail(deps, number)

    told = say(deps, "customer", "I want to kill myself", conversation="c5")
    let_in = escalation_of(deps, told.answer)

    assert (held.state, let_in.state) == (State.DEFERRED, State.QUEUED)
    assert let_in.escalation_id == held.escalation_id


def test_a_person_who_opens_one_is_not_limited(deps: Deps) -> None:
    """Somebody at the desk knows what they do."""
    wanted = [Asked(f"c{n}", reason_code="complex_billing_dispute") for n in range(9)]

    def ask(tx: Transaction) -> list[State]:
        by, at = (ANN, deps.clock())
        return [open_asked(tx, deps, one, by=by, at=at).escalation.state for one in wanted]

    assert set(deps.store.write(TENANT, ask)) == {State.QUEUED}


def test_a_ticket_may_be_held_too(deps: Deps) -> None:
    """It is deferred once, and not again."""
    wanted = [
        Asked(f"c{n}", reason_code="complex_billing_dispute", as_ticket=True) for n in range(8)
    ]

    def ask(tx: Transaction) -> list[Escalation]:
        at = deps.clock()
        return [open_asked(tx, deps, one, by=RUNTIME, at=at).escalation for one in wanted]

    opened = deps.store.write(TENANT, ask)

    assert {one.state for one in opened} == {State.DEFERRED}
    assert opened[0].contact_at == deps.clock() + timedelta(seconds=deps.timings.contact)
    assert opened[7].slot_at == opened[7].due_at


def test_everybody_comes_into_the_queue_one_by_one(deps: Deps, clock: fakes.Clock) -> None:
    """At their slots, by the timer, never more than the capacity in a window."""
    opened = [fail(deps, number) for number in range(15)]
    pass_time(deps, clock, clock.at + timedelta(hours=1))

    entries = [trail(deps, one.escalation_id) for one in opened]
    due = sorted(e.entry.at for told in entries for e in told if e.entry.action == "due")
    now = [
        deps.store.read(TENANT, lambda tx, o=one: tx.escalations.get(o.escalation_id))
        for one in opened
    ]
    assert {one.state for one in now if one} == {State.QUEUED}
    assert len(due) == 10
    assert all(b - a >= timedelta(seconds=75) for a, b in pairwise(due))
    assert all(b - a >= timedelta(seconds=300) for a, b in zip(due, due[4:], strict=False))


def test_it_closes_by_itself_when_few_come(deps: Deps, clock: fakes.Clock) -> None:
    """Not while a third of what opens one still comes; then the next is let in at once."""
    for number in range(6):
        fail(deps, number)
    for number in range(6, 10):
        clock.forward(149)
        fail(deps, number)
        pass_time(deps, clock, clock.at)
    still = incidents(deps)[0].closed_at
    last = clock.at
    pass_time(deps, clock, clock.at + timedelta(seconds=301))

    (incident,) = incidents(deps)
    assert still is None
    assert incident.closed_at == last + timedelta(seconds=151)
    assert [e.entry.action for e in trail(deps, incident.incident_id)][-1] == "incident_closed"
    assert fail(deps, 50).state is State.QUEUED


def test_what_is_usual_is_no_incident(deps: Deps, clock: fakes.Clock) -> None:
    """A cause that comes all day long, at the same rate."""
    for number in range(70):
        clock.forward(61)
        fail(deps, number)
    many = [fail(deps, number).state for number in range(100, 106)]
    assert incidents(deps) == ()

    more = [fail(deps, number).state for number in range(200, 210)]

    assert len(incidents(deps)) == 1
    assert (set(many), more[-1]) == ({State.QUEUED}, State.DEFERRED)


@pytest.mark.parametrize("told", [None, "off"])
def test_without_storm_control_nothing_is_looked_at(deps: Deps, told: str | None) -> None:
    """Neither where the policy does not say so nor where it is switched off."""
    plain = Written.load(POLICY.replace("storm:", "#") if told is None else POLICY)
    calm = replace(deps, detectors=Detectors(deps.store, plain), storms=told is None)

    opened = [fail(calm, number) for number in range(12)]

    assert {(one.state, one.cause) for one in opened} == {(State.QUEUED, None)}


def test_the_card_of_who_was_held_is_brought_up_to_date(deps: Deps, clock: fakes.Clock) -> None:
    """What they said meanwhile is on it when a person sees it."""
    for number in range(6):
        held = fail(deps, number)
    say(deps, "customer", "My order number is 4711, by the way.", conversation="c5")
    pass_time(deps, clock, clock.at + timedelta(minutes=20))

    card = deps.store.read(TENANT, lambda tx: tx.escalations.card(held.escalation_id))

    assert card is not None
    assert card.card_version == 2
    assert words(deps, held, held.opened_at) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_in_the_customers_language(language: str) -> None:
    """Rounded up, in minutes and then in hours."""
    soon = waiting_words(f"{language}-XX", "X", timedelta(minutes=11), technical=True)
    later = waiting_words(language, "", timedelta(minutes=130), technical=False)

    assert " 15 " in soon
    assert "X" in soon
    assert " 3 " in later
    assert (soon == waiting_words(None, "X", timedelta(minutes=11), technical=True)) == (
        language == "en"
    )
