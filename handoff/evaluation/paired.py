"""Tells whether one score is clearly better than another on the same rows, or perhaps by chance."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
CLEARLY: Final = 1.0
"""Standard errors by which a less plain way must be better than the plainer one."""


def clearly_better(
    new: Floats, old: Floats, truth: Whole, groups: Whole, parts: Sequence[Whole]
) -> bool:
    """Tell whether the AUC of `new` scores is clearly higher than that of `old` ones.

    Each of `parts` is looked at on its own, because scores of different fits do not compare. By the
    standard error of the difference (DeLong et al., Biometrics 44, 1988), in which all rows of one
    of `groups` count as one.
    """
    gain, spread = 0.0, np.zeros(groups.max() + 1)
    for part in parts:
        for side in (0, 1):
            more = _won(new[part], truth[part], side) - _won(old[part], truth[part], side)
            if more.size:
                gain += more.mean() / 2
                which = groups[part][truth[part] == side]
                np.add.at(spread, which, (more - more.mean()) / more.size)
    return bool(gain > CLEARLY * np.sqrt((spread**2).sum()))


def _won(scores: Floats, truth: Whole, side: int) -> Floats:
    """Return for each row of one truth the share of the others that it is rightly apart from."""
    mine, others = scores[truth == side], np.sort(scores[truth != side])
    if not others.size:
        return np.zeros(0)
    below = np.searchsorted(others, mine) + np.searchsorted(others, mine, "right")
    share = below / (2 * others.size)
    return np.asarray(share if side else 1 - share)
