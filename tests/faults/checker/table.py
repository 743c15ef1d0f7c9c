"""The table of invariants, and the function that goes through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.checker import acknowledged, around, delivered, ownership, trail
from tests.faults.checker.equality import equal
from tests.faults.checker.evidence import Evidence

Rule = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True)
class Breach:
    """One thing that should not be."""

    invariant: str
    what: str


INVARIANTS: dict[str, tuple[str, Rule]] = {
    "I-1": (
        "What was answered 2xx is stored with that content; what was refused had no effect.",
        acknowledged.durable,
    ),
    "I-2": (
        "A key has one effect, one answer, and belongs to one body.",
        acknowledged.one_effect,
    ),
    "I-3": (
        "Each escalation is closed, or waits for an event that is due, owned as its state says.",
        ownership.owned_or_over,
    ),
    "I-4": (
        "Nobody takes what somebody has; each version follows the one before; one may speak.",
        ownership.one_owner,
    ),
    "I-5": (
        "The trail, replayed through a table of legal moves, gives the rows.",
        ownership.legal_moves,
    ),
    "I-6": (
        "Each event has one delivery a connector, which is settled once all is at rest.",
        delivered.complete,
    ),
    "I-7": ("What is confirmed was answered with 2xx by its receiver.", delivered.at_least_once),
    "I-8": (
        "A receiver that remembers keys sees one effect; another one more an unknown outcome.",
        delivered.no_second_effect,
    ),
    "I-9": (
        "Each request is of a committed delivery, of its tenant, and signed.",
        delivered.no_phantom,
    ),
    "I-10": (
        "Results are applied in the order of attempts, and each request has its attempt.",
        delivered.fenced,
    ),
    "I-11": (
        "No try beyond the schedule, before Retry-After, or after a receiver turned us away.",
        delivered.disciplined,
    ),
    "I-12": ("Of one escalation the receiver sees events in order.", delivered.in_order),
    "I-13": (
        "Stored are the turns that were said, each once; cards cite only these.",
        acknowledged.turns_add_up,
    ),
    "I-15": ("No secret that was said is kept or sent anywhere.", around.no_secrets),
    "I-16": (
        "The chain verifies, each change has one entry, exports only grow.",
        trail.audited,
    ),
    "I-17": ("No tenant is shown what is another's.", around.tenants_closed),
    "I-19": ("No instant depends on a process's own clock.", around.one_clock),
    "I-20": ("A process holds no more at the end than it did.", around.bounded),
    "I-21": ("Who follows the feed, with breaks, ends with what is stored.", around.feeds_agree),
    "I-22": ("Everything that was accepted comes to rest in time.", around.comes_to_rest),
    "I-23": (
        "No request is answered with 500; with 503 only while something is broken.",
        acknowledged.no_faults_by_input,
    ),
}
"""I-24 compares two runs: `equal`. I-14 and I-18 are properties of cards and of erasure."""


def check(run: Evidence, other: Evidence | None = None) -> list[Breach]:
    """Return what is wrong with a run; with another one of the same requests, where they differ."""
    found = [Breach(name, what) for name, (_, rule) in INVARIANTS.items() for what in rule(run)]
    if other is not None:
        found += [Breach("I-24", what) for what in equal(run, other)]
    return found
