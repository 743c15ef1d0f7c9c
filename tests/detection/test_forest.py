"""Trees that are summed by bits say what a walk down each of them says."""

from hypothesis import given
from hypothesis import strategies as st

from handoff.detection.forest import LANE, Forest, Leaf, Node, tree_of

PLACES = 3
NUMBERS = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
TREES = st.recursive(
    NUMBERS,
    lambda side: st.tuples(st.integers(0, PLACES - 1), NUMBERS, side, side),
    max_leaves=LANE,
)


def walked(tree: Node | Leaf, row: list[float]) -> float:
    """Return the leaf that a row reaches: left where a number is at most the cut."""
    while isinstance(tree, tuple):
        place, cut, left, right = tree
        tree = left if row[place] <= cut else right
    return tree


@given(st.lists(TREES, min_size=1, max_size=6), st.lists(NUMBERS, min_size=3, max_size=3))
def test_a_sum_is_that_of_the_leaves_a_walk_reaches(
    trees: list[Node | Leaf], row: list[float]
) -> None:
    """Whatever stands where, and also exactly on a cut."""
    assert Forest(trees, PLACES).sum(row) == sum(walked(tree, row) for tree in trees)


def test_a_tree_is_read_in_preorder() -> None:
    """A split, what is left of it, what is right of it."""
    assert tree_of(["0:1.5", "1:2", "-1", "1", "3"], 2) == (0, 1.5, (1, 2.0, -1.0, 1.0), 3.0)
    assert tree_of(["0.5"], 0) == 0.5
