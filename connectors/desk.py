"""The built-in desk: an escalation is on it from the moment it is committed."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from handoff.domain.connector import Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import Invalid


class Desk:
    """Confirms every delivery. Duplicates: none, for the desk shows the escalation itself."""

    class Config(BaseModel):
        """Nothing to set."""

        model_config = ConfigDict(frozen=True, extra="forbid")

    moves: ClassVar = frozenset({Moves.LIVE_MESSAGING, Moves.WORK_ITEM})
    hears: ClassVar = False

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Take what every connector takes; the desk sends nothing and keeps neither."""

    def deliver(self, parcel: Parcel) -> Receipt:
        """Return the escalation's own id: it stands on the desk already."""
        return Receipt(parcel.escalation.escalation_id)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Return the same: what is committed is on the desk."""
        return Receipt(parcel.escalation.escalation_id)

    def understand(self, callback: Callback) -> tuple[Said, ...]:  # noqa: ARG002 # the port's argument
        """Raise Invalid: people at the desk use the pages and the API."""
        raise Invalid("the desk takes no callbacks; use the API")
