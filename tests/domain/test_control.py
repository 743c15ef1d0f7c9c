"""Who may speak."""

import pytest

from handoff.domain.control import Control, Controller
from handoff.domain.errors import ControlLost


def test_the_epoch_grows_with_every_change_and_only_then() -> None:
    """Passing the floor to who has it already changes nothing."""
    control = Control()

    taken = control.passed(Controller.HUMAN, "ann")

    assert taken.epoch == control.epoch + 1
    assert taken.passed(Controller.HUMAN, "ann") is taken


def test_a_bot_with_an_old_epoch_is_told_to_stay_silent() -> None:
    """After the floor went away and came back, only the new epoch speaks."""
    before = Control()
    back = before.passed(Controller.HUMAN, "ann").passed(Controller.BOT)

    back.check(back.epoch)

    with pytest.raises(ControlLost, match="stay silent"):
        back.check(before.epoch)


def test_no_epoch_lets_a_bot_speak_while_a_human_has_the_floor() -> None:
    """Even the present epoch is refused while the floor is a human's."""
    human = Control().passed(Controller.HUMAN, "ann")

    with pytest.raises(ControlLost, match="ann"):
        human.check(human.epoch)
