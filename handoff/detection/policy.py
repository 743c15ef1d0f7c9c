"""A policy, checked and compiled: what to watch, how to weigh it, which rules stand above that."""

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib import resources

from handoff.detection.check import SETTINGS, check, nearest
from handoff.detection.conditions import Condition, compiled
from handoff.detection.document import Document, Job, Routing, Rule, Score, Storm
from handoff.detection.learned import Learned
from handoff.detection.located import read
from handoff.domain.disclosure import REDACTION
from handoff.domain.errors import PolicyInvalid
from handoff.domain.signal import Settings, Signal
from handoff.signals import SIGNALS


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule of the file and its condition."""

    rule: Rule
    condition: Condition


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy means for one job."""

    signals: tuple[tuple[Signal, Settings], ...]
    weights: dict[str, float]
    score: Score
    acts: tuple[CompiledRule, ...]
    """Rules that escalate or offer, shadow ones among them, in the file's order."""
    gates: tuple[CompiledRule, ...]
    queue: str | None
    learned: Learned | None = None
    """What makes the score instead of the weights, where `handoff learn` found something."""


class Policy:
    """A versioned policy. `document` is the file as data, `version` a hash of its content."""

    def __init__(self, document: Document) -> None:
        """Compile a checked document; `load` is the way to get one from text."""
        self.document = document
        told = document.model_dump(by_alias=True, mode="json")
        if document.redaction is None:  # so that a policy without it keeps its version
            del told["redaction"]
        canonical = json.dumps(told, sort_keys=True)
        self.redaction = document.redaction.rules() if document.redaction else REDACTION
        self.version = hashlib.sha256(canonical.encode()).hexdigest()[:12]
        self.label = f"{document.name}@{self.version}"
        self.then = {rule.id: rule.then for rule in document.rules}
        rules = tuple(
            CompiledRule(rule, compiled(rule.when, SETTINGS, nearest)) for rule in document.rules
        )
        own = document.learned.jobs if document.learned else {}
        jobs = {*document.jobs, *own, *(job for rule in document.rules for job in rule.jobs)}
        common = _learned(document, None)
        self._plan = _plan(document, rules, None, common)
        self._plans = {
            job: _plan(document, rules, job, _learned(document, job) if job in own else common)
            for job in jobs
        }

    @classmethod
    def load(cls, text: str) -> "Policy":
        """Return the policy written in `text`; raises PolicyInvalid with every `line: cause`."""
        located = read(text)
        document = check(located)
        if document is None:
            raise PolicyInvalid(sorted(dict.fromkeys(located.problems), key=_line))
        return cls(document)

    @classmethod
    @functools.cache
    def default(cls) -> "Policy":
        """Return the policy that is shipped."""
        return cls.load(default_text())

    @property
    def name(self) -> str:
        """Return the name the file gives itself."""
        return self.document.name

    @property
    def routing(self) -> Routing:
        """Return where escalations go."""
        return self.document.routing

    @property
    def storm(self) -> Storm | None:
        """Return when escalations for one cause are an incident; None where they never are."""
        return self.document.storm

    def plan(self, job: str | None) -> Plan:
        """Return what the policy means for `job`."""
        return self._plans.get(job, self._plan) if job is not None else self._plan

    def queue(self, reason: str, job: str | None, wanted: str | None = None) -> str:
        """Return the queue to join: the rule's, else the reason's, else the job's, else default."""
        routing = self.document.routing
        return (
            wanted or routing.by_reason.get(reason) or self.plan(job).queue or routing.default_queue
        )


def default_text() -> str:
    """Return the shipped policy file as it is written."""
    return resources.files("handoff.detection").joinpath("default.yaml").read_text(encoding="utf-8")


def _line(problem: str) -> int:
    return int(problem.partition(":")[0])


def _learned(document: Document, job: str | None) -> Learned | None:
    found = document.learned
    if found is None:
        return None
    return Learned(found.jobs.get(job, found.model) if job is not None else found.model)


def _plan(
    document: Document,
    rules: tuple[CompiledRule, ...],
    job: str | None,
    learned: Learned | None,
) -> Plan:
    own = document.jobs.get(job, Job()) if job is not None else Job()
    signals: list[tuple[Signal, Settings]] = []
    for signal in SIGNALS:
        told = {**document.signals.get(signal.name, {}), **own.signals.get(signal.name, {})}
        if told.pop("enabled", True):
            signals.append((signal, signal.told(**told)))
    mine = [each for each in rules if not each.rule.jobs or job in each.rule.jobs]
    overrides = own.score.model_dump(exclude_none=True)
    return Plan(
        signals=tuple(signals),
        weights={signal.name: settings["weight"] for signal, settings in signals},
        score=document.score.model_copy(update=overrides),
        acts=tuple(each for each in mine if each.rule.then in ("escalate", "offer")),
        gates=tuple(each for each in mine if each.rule.then in ("forbid", "require")),
        queue=own.queue,
        learned=learned,
    )
