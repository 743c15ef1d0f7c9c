"""The customer wants what the bot does not claim to do."""

from collections.abc import Iterable
from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Listing, Memory, Setting, Settings, Signal, grown, recent
from handoff.domain.text import TurnView, excerpt, in_words
from handoff.domain.turn import Role

NAME: Final = "out_of_scope"
SPAN: Final = 20
CITED: Final = 4
NAMED: Final = frozenset(
    {
        "out of scope", "out of domain", "oos", "ood", "unsupported", "unsupported request",
        "not supported", "off topic", "human only",
    }
)  # fmt: skip


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence for an intent (else the job) that is named out of scope or is not listed.

    An empty list of jobs claims everything.
    """
    if view.role is not Role.CUSTOMER:
        return memory, None
    wanted = view.intent or (in_words(view.known.job) if view.known.job else "")
    if not wanted or "everyday" in view.intended:
        return memory, None
    if wanted not in NAMED and _claimed(wanted, settings.lists.get("jobs", ())):
        return memory, None
    turns = [*recent(memory, "turns", view.index, SPAN), view.index][-CITED:]
    kept: Memory = {"turns": [*turns]}
    strength = grown(len(turns))
    if strength < settings["threshold"]:
        return kept, None
    return kept, Evidence(NAME, strength, excerpt(wanted, 80), settings["threshold"], tuple(turns))


def _claimed(wanted: str, jobs: Iterable[str]) -> bool:
    names = [in_words(job) for job in jobs]
    return not names or any(f" {name} " in f" {wanted} " for name in names)


SIGNAL: Final = Signal(
    name=NAME,
    reason="out_of_scope",
    explains=(
        "The customer's intent (or the job) is called out of scope or is not among the listed "
        "jobs (0.4 once, 0.64 twice within 20 turns); by default nothing is listed."
    ),
    fails=(
        "Follows the runtime's intents: a wrong one is out of scope, too; silent by default "
        "unless the runtime itself names intents so."
    ),
    settings={
        "threshold": Setting(0.4, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(1.6, 0.0, 20.0, "how much it moves the score"),
    },
    lists={"jobs": Listing((), "jobs or intents that the bot claims; empty: everything")},
    observe=observe,
)
