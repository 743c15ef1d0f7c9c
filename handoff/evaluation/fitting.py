"""Fits a learned score: a linear part over grams and numbers, and trees where they do better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from handoff.detection.document import LearnedModel
from handoff.detection.learned import LINEAR, UNIT
from handoff.evaluation.metrics import area
from handoff.evaluation.samples import Floats, Rows, Space

TRUSTED: Final = 4.0
"""How much more the first number is trusted: the score by the policy's own weights."""
MOST_GRAMS: Final = 9_000
CLEARLY: Final = 0.25
"""Share of the standard error of an AUC by which a less plain way must be better."""
FOLDS: Final = 5
INNER: Final = 3
"""Folds in which trees are shown a linear part that was not fitted to the row."""
SEED: Final = 7


Scales = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fit: how strongly the linear part is held back, and how many trees follow it.

    `scales` are how large grams now, left over and ever said, and numbers come in: what is smaller
    is trusted less.
    """

    strength: float
    trees: int = 0
    scales: Scales = (1.0, 0.5, 0.5, 0.3)


NOW: Final[Scales] = (2.0, 0.7, 0.3, 0.25)
"""For truths of a turn rather than of a whole conversation: the latest words count most."""
KINDS: Final = (Kind(0.03), Kind(0.1), Kind(0.05, scales=NOW), Kind(0.1, 100))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted score, able to score rows and to be written down."""

    space: Space
    kind: Kind
    linear: LogisticRegression
    mean: Floats
    scale: Floats
    trees: HistGradientBoostingClassifier | None

    def scores(self, rows: Rows) -> Floats:
        """Return the logit of each row."""
        linear = _linear(self.linear, rows, self.mean, self.scale, self.kind)
        if self.trees is None:
            return linear
        return np.asarray(self.trees.decision_function(_seen(rows, linear)))

    def model(self, reads: Sequence[str], cut: float) -> LearnedModel:
        """Return the numbers as a policy has them; `cut` is the logit that reads as 0.5."""
        size = len(self.space.grams)
        weights = self.linear.coef_[0]
        banks = [weights[n * size : (n + 1) * size] * self.kind.scales[n] for n in range(3)]
        dense = weights[3 * size :] * self.kind.scales[3]
        dense[0] *= TRUSTED
        return LearnedModel.model_validate(
            {
                "reads": [str(role) for role in reads],
                "bias": round(-cut, 5),
                "intercept": round(float(self.linear.intercept_[0]), 5),
                "numbers": {
                    name: [_short(mean), _short(scale), _short(weight)]
                    for name, mean, scale, weight in zip(
                        self.space.numbers[: self.space.plain],
                        self.mean,
                        self.scale,
                        dense,
                        strict=True,
                    )
                    if abs(weight) >= 5e-4
                },
                "grams": _grams(self.space, banks),
                **({} if self.trees is None else _written(self.trees, self.space)),
            }
        )


def fit(rows: Rows, space: Space, kind: Kind, groups: NDArray[np.int64]) -> Fitted:
    """Return a score fitted to rows; `groups` says which rows must not help each other."""
    logs = np.log1p(np.abs(rows.numbers[:, : space.plain]))
    mean, scale = logs.mean(0), logs.std(0) + 1e-3
    linear = _regression(rows, mean, scale, kind, np.arange(len(rows.truth)))
    _round(linear, kind, len(space.grams))
    trees = None
    if kind.trees:
        seen = np.zeros(len(rows.truth))
        for train, test in folds(rows.truth, groups, INNER):
            held = _regression(rows, mean, scale, kind, train)
            seen[test] = _linear(held, rows, mean, scale, kind)[test]
        trees = HistGradientBoostingClassifier(
            max_iter=kind.trees,
            learning_rate=0.06,
            max_leaf_nodes=8,
            min_samples_leaf=20,
            l2_regularization=5.0,
            max_features=0.3,
            random_state=SEED,
        )
        with threadpool_limits(
            1
        ):  # threads that wait for each other on a busy machine cost minutes
            trees.fit(_seen(rows, seen), rows.truth, sample_weight=rows.weight)
    return Fitted(space, kind, linear, mean, scale, trees)


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
    chosen: tuple[float, Kind, Floats] | None = None
    main = rows.weight >= 1.0
    truth = rows.truth[main].astype(bool).tolist()
    for done, kind in enumerate(KINDS, 1):
        scores = held_out(rows, space, kind, groups)
        found = area(zip(scores[main].tolist(), truth, strict=True))
        auc = found.auc or 0.0
        if chosen is None or auc > chosen[0] + CLEARLY * (found.se or 0.0):
            chosen = auc, kind, scores
        tell(done)
    if chosen is None:
        raise ValueError("there is no way to fit")
    return chosen[1:]


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


def _regression(
    rows: Rows, mean: Floats, scale: Floats, kind: Kind, which: NDArray[np.int64]
) -> LogisticRegression:
    regression = LogisticRegression(
        C=kind.strength, solver="liblinear", dual=True, random_state=SEED, max_iter=2_000
    )
    inputs = _inputs(rows, mean, scale, kind)[which]
    return regression.fit(inputs, rows.truth[which], sample_weight=rows.weight[which])


def _round(regression: LogisticRegression, kind: Kind, size: int) -> None:
    """Leave the weights of grams as they are written, so that service and figures agree."""
    scales = np.array(kind.scales[:3])[:, None]
    whole = np.rint(regression.coef_[0, : 3 * size].reshape(3, size) * scales * UNIT)
    whole[:, np.argsort(-np.abs(whole).max(0), kind="stable")[MOST_GRAMS:]] = 0
    regression.coef_[0, : 3 * size] = (whole / UNIT / scales).ravel()


def _inputs(rows: Rows, mean: Floats, scale: Floats, kind: Kind) -> csr_matrix:
    plain = rows.numbers[:, : len(mean)]
    dense = (np.log1p(np.abs(plain)) - mean) / scale
    dense[:, 0] *= TRUSTED
    parts: list[Any] = [*rows.grams, dense]
    return csr_matrix(hstack([part * by for part, by in zip(parts, kind.scales, strict=True)]))


def _linear(
    regression: LogisticRegression, rows: Rows, mean: Floats, scale: Floats, kind: Kind
) -> Floats:
    return np.asarray(regression.decision_function(_inputs(rows, mean, scale, kind)))


def _seen(rows: Rows, linear: Floats) -> Floats:
    return np.hstack([rows.numbers, linear[:, None]])


def _grams(space: Space, banks: Sequence[Floats]) -> str:
    whole = np.rint(np.vstack(banks) * UNIT).astype(int)
    return " ".join(
        f"{gram:x}:{now}:{fast}:{said}"
        for gram, (now, fast, said) in zip(space.grams, whole.T.tolist(), strict=True)
        if now or fast or said
    )


def _written(trees: HistGradientBoostingClassifier, space: Space) -> dict[str, object]:
    """Return the trees in preorder words; the first leaf carries the common baseline."""
    names = [*space.numbers, LINEAR]
    used: dict[str, int] = {}
    lines = [f"{float(trees._baseline_prediction.ravel()[0]):.5g}"]  # noqa: SLF001 # the estimator's only way to its numbers
    for (predictor,) in trees._predictors:  # noqa: SLF001 # likewise
        lines.append(" ".join(_words(predictor.nodes, 0, names, used)))
    return {"trees": lines, "tree_numbers": list(used)}


def _words(nodes: Any, at: int, names: Sequence[str], used: dict[str, int]) -> list[str]:
    node = nodes[at]
    if node["is_leaf"]:
        return [f"{float(node['value']):.4g}"]
    place = used.setdefault(names[node["feature_idx"]], len(used))
    left, right = (_words(nodes, int(node[side]), names, used) for side in ("left", "right"))
    return [f"{place}:{float(node['num_threshold']):.6g}", *left, *right]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
