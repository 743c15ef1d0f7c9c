"""What a leg carries for us in its `client_state`, which every webhook of it brings back.

Whoever calls from a browser may set the state of their own leg: ours are marked, so that nobody
says whose call is bridged to theirs.
"""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from handoff.domain.answers import told_in
from handoff.domain.signatures import mark, marked


class Side(StrEnum):
    """Whose leg it is."""

    CALLER = "caller"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Told:
    """Which escalation and delivery a leg is of, and what is to be done on it."""

    escalation_id: str
    delivery_id: str
    side: Side
    caller: str = ""
    """The caller's leg, where this one is introduced before it gets them."""
    whisper: str = ""

    def packed(self, key: str) -> str:
        """Return it as Telnyx wants it, in base64; marked with the key of the API."""
        told = {
            "handoff": mark(key, self._rest, self.escalation_id),
            "delivery": self.delivery_id,
            "side": self.side.value,
            "caller": self.caller,
            "whisper": self.whisper,
        }
        short = {name: value for name, value in told.items() if value}
        return base64.b64encode(json.dumps(short, ensure_ascii=False).encode()).decode()

    @property
    def _rest(self) -> str:
        """Return what the mark holds for."""
        return "\0".join(("telnyx", self.delivery_id, self.side, self.caller, self.whisper))

    @classmethod
    def of(cls, packed: str, key: str) -> Self | None:
        """Return what a leg carries; None of a leg that is none of ours."""
        try:
            told = json.loads(base64.b64decode(packed, validate=True))
            side = Side(told_in(told, "side"))
        except (ValueError, binascii.Error, RecursionError):
            return None
        found = cls(
            "",
            told_in(told, "delivery"),
            side,
            told_in(told, "caller"),
            told_in(told, "whisper"),
        )
        escalation_id = marked(key, found._rest, told_in(told, "handoff"))
        return replace(found, escalation_id=escalation_id) if escalation_id else None
