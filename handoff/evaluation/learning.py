"""Learns a score from labelled recordings, and says by grouped cross-validation what it gained."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from handoff.detection.document import Learned, LearnedModel
from handoff.detection.policy import Policy
from handoff.domain.errors import Invalid
from handoff.evaluation.fitting import FOLDS, best, cut_of, fit, folds
from handoff.evaluation.gold import Case
from handoff.evaluation.labels import Label
from handoff.evaluation.metrics import area
from handoff.evaluation.samples import Rows, Sample, Space, sampled

LEAST: Final = 30
"""Conversations with a truth, and LEAST_OF of each kind, below which nothing is learned."""
LEAST_OF: Final = 10
LEAST_JOB: Final = 200
"""Conversations of one job from which it gets a model of its own."""

Group = Callable[[Case], str]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A model, and how well it told the truth apart on conversations it was not fitted to."""

    model: LearnedModel
    conversations: int
    auc: float
    f1: float

    def words(self) -> str:
        """Return the figures as the policy states them."""
        return (
            f"AUC {self.auc:.3f}, F1 {self.f1:.3f} at 0.5, {FOLDS}-fold cross-validation "
            f"over {self.conversations} conversations"
        )


def alone(case: Case) -> str:
    """Return the group of a case that is its own: its conversation."""
    return case.conversation.conversation_id


def learn(
    cases: Sequence[Case],
    policy: Policy,
    label: Label,
    today: date,
    *,
    group: Group = alone,
    tell: Tell = lambda _what: None,
) -> Policy:
    """Return `policy` with a score learned from `cases`, per job where there are enough.

    Raises Invalid where there is too little to learn from.
    """
    tell("reading turns")
    samples = [sample for sample in sampled(cases, policy, label) if sample.targets]
    found = _found(samples, label, group, tell)
    jobs: dict[str, list[Sample]] = {}
    for sample in samples:
        jobs.setdefault(sample.case.conversation.job or "", []).append(sample)
    own = {
        job: model
        for job, some in jobs.items()
        if job and len(jobs) > 1 and len(some) >= LEAST_JOB
        if (model := _better(some, found, label, group, tell)) is not None
    }
    learned = Learned(
        label=label.says[:500],
        trained=today.isoformat(),
        conversations=found.conversations,
        gained=found.words(),
        model=found.model,
        jobs={job: one.model for job, one in own.items()},
    )
    return Policy(policy.document.model_copy(update={"learned": learned}))


def crossed(
    cases: Sequence[Case], policy: Policy, label: Label, today: date, group: Group = alone
) -> Iterator[tuple[Policy, list[Case]]]:
    """Yield, fold by fold, a policy learned from the others and the cases it knows nothing of."""
    known = [case for case in cases if label.targets(case)]
    truth = np.array([any(t.truth for t in label.targets(case)) for case in known], dtype=np.int64)
    for train, test in folds(truth, _groups(known, group), FOLDS):
        yield (
            learn([known[n] for n in train], policy, label, today, group=group),
            [known[n] for n in test],
        )


def _better(
    samples: Sequence[Sample], common: Found, label: Label, group: Group, tell: Tell
) -> Found | None:
    """Return a job's own model if it beats the common one's figure, and can be fitted at all."""
    try:
        found = _found(samples, label, group, tell)
    except Invalid:
        return None
    return found if found.auc > common.auc else None


def _found(samples: Sequence[Sample], label: Label, group: Group, tell: Tell) -> Found:
    whose = _groups([sample.case for sample in samples], group)
    _refuse_little(samples, whose.tolist())
    space = Space.of(samples)
    rows = Rows.of(samples, space)
    groups = whose[rows.whose]
    kind, scores = best(rows, space, groups, lambda done: tell(f"fitting, way {done}"))
    cut = cut_of(scores, rows)
    tell("fitting to all")
    model = fit(rows, space, kind, groups).model(label.reads, cut)
    main = rows.weight >= 1.0
    truth = rows.truth[main].astype(bool)
    pairs = list(zip(scores[main].tolist(), truth.tolist(), strict=True))
    said = scores[main] >= cut
    hits = float((said & truth).sum())
    f1 = 2 * hits / float(said.sum() + truth.sum())
    return Found(model, len(samples), area(pairs).auc or 0.0, f1)


def _refuse_little(samples: Sequence[Sample], whose: Sequence[int]) -> None:
    """Raise Invalid below what every fold needs; what is of one group counts once."""
    groups: dict[bool, set[int]] = {True: set(), False: set()}
    for sample, of in zip(samples, whose, strict=True):
        for _, truth, weight in sample.targets:
            if weight >= 1.0:
                groups[truth].add(of)
    yes, no = len(groups[True]), len(groups[False])
    if len(samples) < LEAST or min(yes, no) < LEAST_OF:
        raise Invalid(
            f"too little to learn from: {len(samples)} conversations with a truth, {yes} with a "
            f"yes and {no} with a no; it takes {LEAST}, and {LEAST_OF} of each"
        )


def _groups(cases: Sequence[Case], group: Group) -> NDArray[np.int64]:
    names = {name: n for n, name in enumerate(dict.fromkeys(map(group, cases)))}
    return np.array([names[group(case)] for case in cases], dtype=np.int64)
