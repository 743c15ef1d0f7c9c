"""Who may speak to the customer now, and the fencing number that makes late speech harmless."""

from dataclasses import dataclass
from enum import StrEnum

from handoff.domain.errors import ControlLost


class Controller(StrEnum):
    """Who has the floor."""

    BOT = "bot"
    NOBODY = "nobody"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Control:
    """The floor of one conversation. `epoch` grows with every change and is never reused."""

    holder: Controller = Controller.BOT
    name: str | None = None
    epoch: int = 1

    def passed(self, holder: Controller, name: str | None = None) -> "Control":
        """Return the floor after it went to `holder`; the same one if that changes nothing."""
        if (holder, name) == (self.holder, self.name):
            return self
        return Control(holder, name, self.epoch + 1)

    def check(self, epoch: int) -> None:
        """Raise ControlLost unless a bot that knows `epoch` may speak now."""
        if self.holder is not Controller.BOT or epoch != self.epoch:
            who = self.name or self.holder.value
            raise ControlLost(
                f"epoch {epoch} is old: {who} has the floor since epoch {self.epoch}; stay silent"
            )
