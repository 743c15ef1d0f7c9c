"""Fits a learned score: a linear part over grams and numbers, and trees where they do better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from handoff.detection.document import LearnedModel
from handoff.detection.forest import LANE
from handoff.detection.learned import LINEAR, UNIT
from handoff.evaluation.paired import clearly_better
from handoff.evaluation.samples import Floats, Rows, Space

MOST_GRAMS: Final = 9_000
FOLDS: Final = 5
INNER: Final = 3
"""Folds in which trees are shown a linear part that was not fitted to the row."""
SHARE: Final = 0.5
"""Of the linear part beside trees: what both say is steadier than what either does."""
SEED: Final = 7


Scales = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fit: how strongly the linear part is held back, and how many trees follow it.

    `scales` are how large grams now, left over and ever said, and numbers come in: what is smaller
    is trusted less. The first number, the score by the policy's own weights, is `trust` times as
    large as the others.
    """

    strength: float
    trees: int = 0
    scales: Scales = (1.0, 0.5, 0.5, 0.3)
    trust: float = 4.0


OWN: Final = Kind(1.0, scales=(0.0, 0.0, 0.0, 0.003), trust=1_000.0)
"""The policy's own score and nothing else: what a few conversations can bear."""
NOW: Final[Scales] = (1.5, 0.6, 0.4, 0.3)
"""For truths of a turn rather than of a whole conversation: the latest words count most."""
KINDS: Final = (OWN, Kind(0.05), Kind(0.05, 100, scales=NOW))


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear part: weights of grams in three banks and of standardised logs of numbers."""

    intercept: float
    banks: Floats
    dense: Floats
    mean: Floats
    scale: Floats

    def scores(self, rows: Rows) -> Floats:
        """Return the logit of each row."""
        total = self.intercept + _logs(rows, self.mean, self.scale) @ self.dense
        for bank, weights in zip(rows.grams, self.banks, strict=True):
            total += bank @ weights
        return np.asarray(total)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted score, able to score rows and to be written down."""

    space: Space
    linear: Linear
    trees: HistGradientBoostingClassifier | None

    def scores(self, rows: Rows) -> Floats:
        """Return the logit of each row."""
        linear = self.linear.scores(rows)
        if self.trees is None:
            return linear
        seen = self.trees.decision_function(_seen(rows, linear))
        return np.asarray(SHARE * linear + (1 - SHARE) * seen)

    def model(self, reads: Sequence[str], cut: float) -> LearnedModel:
        """Return the numbers as a policy has them; `cut` is the logit that reads as 0.5."""
        linear = self.linear
        names = self.space.numbers[: self.space.plain]
        numbers = zip(names, linear.mean, linear.scale, linear.dense, strict=True)
        return LearnedModel.model_validate(
            {
                "reads": [str(role) for role in reads],
                "bias": round(-cut, 5),
                "intercept": round(linear.intercept, 5),
                "numbers": {
                    name: [_short(mean), _short(scale), _short(weight)]
                    for name, mean, scale, weight in numbers
                    if abs(weight) >= 5e-4
                },
                "grams": _grams(self.space, linear.banks),
                **({} if self.trees is None else _written(self.trees, self.space)),
            }
        )


def fit(rows: Rows, space: Space, kind: Kind, groups: NDArray[np.int64]) -> Fitted:
    """Return a score fitted to rows; `groups` says which rows must not help each other."""
    linear = fit_linear(rows, space, kind)
    if not kind.trees:
        return Fitted(space, linear, None)
    seen = np.zeros(len(rows.truth))
    for train, test in folds(rows.truth, groups, INNER):
        held = fit_linear(_some(rows, train), space, kind)
        seen[test] = held.scores(_some(rows, test))
    trees = HistGradientBoostingClassifier(
        max_iter=kind.trees,
        learning_rate=0.06,
        max_leaf_nodes=LANE,
        min_samples_leaf=20,
        l2_regularization=5.0,
        max_features=0.3,
        random_state=SEED,
    )
    with threadpool_limits(1):  # threads that wait for each other on a busy machine cost minutes
        trees.fit(_seen(rows, seen), rows.truth, sample_weight=rows.weight)
    return Fitted(space, linear, trees)


def fit_linear(rows: Rows, space: Space, kind: Kind) -> Linear:
    """Return a linear part fitted to rows, its weights of grams rounded as they are written."""
    logs = np.log1p(np.abs(rows.numbers[:, : space.plain]))
    mean, scale = logs.mean(0), logs.std(0) + 1e-3
    sizes = [by * _telling(bank, rows) for bank, by in zip(rows.grams, kind.scales, strict=False)]
    dense = np.full(space.plain, kind.scales[3])
    dense[0] *= kind.trust
    parts: list[Any] = [bank @ diags(size) for bank, size in zip(rows.grams, sizes, strict=True)]
    inputs = csr_matrix(hstack([*parts, _logs(rows, mean, scale) * dense]))
    inputs.eliminate_zeros()
    regression = LogisticRegression(
        C=kind.strength, solver="liblinear", dual=True, random_state=SEED, max_iter=2_000
    )
    regression.fit(inputs, rows.truth, sample_weight=rows.weight)
    weights = regression.coef_[0] * np.concatenate([*sizes, dense])
    size = len(space.grams)
    banks = np.rint(weights[: 3 * size].reshape(3, size) * UNIT) / UNIT
    banks[:, np.argsort(-np.abs(banks).max(0), kind="stable")[MOST_GRAMS:]] = 0
    return Linear(float(regression.intercept_[0]), banks, weights[3 * size :], mean, scale)


def _telling(bank: csr_matrix, rows: Rows) -> Floats:
    """Return the size at which each gram comes in: more where one truth has it oftener.

    After naive Bayes features for a linear part (Wang and Manning, ACL 2012), tempered by a root.
    """
    had = bank.minimum(1).T
    yes, no = rows.weight * rows.truth, rows.weight * (1 - rows.truth)
    often = np.log((had @ yes + 1) / (yes.sum() + 2)) - np.log((had @ no + 1) / (no.sum() + 2))
    return np.asarray(np.sqrt(np.abs(often)))


def held_out(rows: Rows, space: Space, kind: Kind, groups: NDArray[np.int64]) -> Floats:
    """Return the score of each row by a fit that saw nothing of its group."""
    scores = np.zeros(len(rows.truth))
    for train, test in folds(rows.truth, groups, FOLDS):
        fitted = fit(_some(rows, train), space, kind, groups[train])
        scores[test] = fitted.scores(_some(rows, test))
    return scores


def best(
    rows: Rows,
    space: Space,
    groups: NDArray[np.int64],
    tell: Callable[[int], None] = lambda _done: None,
) -> tuple[Kind, Floats]:
    """Return the kind with the highest AUC by grouped cross-validation, and its held-out scores.

    A later, less plain one must be clearly better: chance would choose it otherwise.
    """
    chosen: tuple[Kind, Floats] | None = None
    main = rows.weight >= 1.0
    parts = [test[main[test]] for _, test in folds(rows.truth, groups, FOLDS)]
    for done, kind in enumerate(KINDS, 1):
        scores = held_out(rows, space, kind, groups)
        if chosen is None or clearly_better(scores, chosen[1], rows.truth, groups, parts):
            chosen = kind, scores
        tell(done)
    if chosen is None:
        raise ValueError("there is no way to fit")
    return chosen


def cut_of(scores: Floats, rows: Rows) -> float:
    """Return the score that parts yes from no with the best F1, half way to the next one."""
    main = rows.weight >= 1.0
    order = np.argsort(-scores[main])
    ranked, truth = scores[main][order], rows.truth[main][order]
    hits = np.cumsum(truth)
    f1 = 2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())
    at = int(np.argmax(f1))
    return float((ranked[at] + ranked[min(at + 1, len(ranked) - 1)]) / 2)


def folds(
    truth: NDArray[np.int64], groups: NDArray[np.int64], count: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return train and test rows of each fold; a group is never in both."""
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
    return list(splitter.split(truth, truth, groups))


def _some(rows: Rows, which: NDArray[np.int64]) -> Rows:
    now, fast, said = (bank[which] for bank in rows.grams)
    return Rows(
        (now, fast, said),
        rows.numbers[which],
        rows.truth[which],
        rows.weight[which],
        rows.whose[which],
    )


def _logs(rows: Rows, mean: Floats, scale: Floats) -> Floats:
    return np.asarray((np.log1p(np.abs(rows.numbers[:, : len(mean)])) - mean) / scale)


def _seen(rows: Rows, linear: Floats) -> Floats:
    return np.hstack([rows.numbers, linear[:, None]])


def _grams(space: Space, banks: Floats) -> str:
    whole = np.rint(banks * UNIT).astype(int)
    return " ".join(
        f"{gram:x}:{now}:{fast}:{said}"
        for gram, (now, fast, said) in zip(space.grams, whole.T.tolist(), strict=True)
        if now or fast or said
    )


def _written(trees: HistGradientBoostingClassifier, space: Space) -> dict[str, object]:
    """Return the trees in preorder words; the first leaf carries the common baseline."""
    names = [*space.numbers, LINEAR]
    used: dict[str, int] = {}
    lines = [f"{(1 - SHARE) * float(trees._baseline_prediction.ravel()[0]):.5g}"]  # noqa: SLF001 # the estimator's only way to its numbers
    for (predictor,) in trees._predictors:  # noqa: SLF001 # likewise
        lines.append(" ".join(_words(predictor.nodes, 0, names, used)))
    return {"trees": lines, "tree_numbers": list(used), "linear_share": SHARE}


def _words(nodes: Any, at: int, names: Sequence[str], used: dict[str, int]) -> list[str]:
    node = nodes[at]
    if node["is_leaf"]:
        return [f"{(1 - SHARE) * float(node['value']):.4g}"]
    place = used.setdefault(names[node["feature_idx"]], len(used))
    left, right = (_words(nodes, int(node[side]), names, used) for side in ("left", "right"))
    return [f"{place}:{float(node['num_threshold']):.6g}", *left, *right]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
