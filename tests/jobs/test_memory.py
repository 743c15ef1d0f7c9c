"""Memory is given back when a crowd has left, and not before."""

import gc

from handoff.jobs.memory import CROWD, GivesBack


class Knot:
    """Garbage that only a look at every object finds."""

    alive = 0

    def __init__(self) -> None:
        """Point to itself."""
        self.me = self
        Knot.alive += 1

    def __del__(self) -> None:
        """Be gone."""
        Knot.alive -= 1


def test_what_a_crowd_left_is_collected_once_it_has_left() -> None:
    """While most are there nothing is looked at; a few who come and go cause nothing."""
    readers = iter([CROWD, CROWD - 10, CROWD // 2, 10, 1])
    gives_back = GivesBack(lambda: next(readers))
    alive = []
    gc.disable()
    try:
        for _ in range(5):
            Knot()
            gives_back.look()
            alive.append(Knot.alive)
    finally:
        gc.enable()

    assert alive == [1, 2, 0, 1, 2]
