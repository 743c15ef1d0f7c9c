"""What the legs of a call report, and the steps of an introduction that follow from it.

A person is rung, hears what it is about, takes the caller by a key, and only then are the two
bridged. Each step is a command with an id of its own: what comes twice is done once.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import JsonValue

from connectors.telnyx.api import Api
from connectors.telnyx.config import Mode, Settings
from connectors.telnyx.state import Side, Told
from handoff.domain.answers import told_in
from handoff.domain.connector import Said
from handoff.domain.errors import ConnectorError, Invalid

_LONGEST = 200
MACHINES = frozenset({"machine", "fax_detected"})
DETECTED = frozenset({"call.machine.detection.ended", "call.machine.premium.detection.ended"})
ENDED = frozenset({"normal_clearing", "time_limit"})
CAUSES = {
    "call_rejected": "declined",
    "user_busy": "busy",
    "no_answer": "no_answer",
    "timeout": "no_answer",
    "originator_cancel": "customer_left",
}
"""Why a leg was hung up, to how the try ended; else it failed."""
SECONDS = 15
"""To press the key in."""


class Ear:
    """Understands verified webhooks, and has the legs do what comes next."""

    def __init__(self, config: Settings, api: Api) -> None:
        """Keep whom to call, and how people are introduced."""
        self._config = config
        self._api = api

    def said(self, told: dict[str, JsonValue], at: datetime) -> tuple[Said, ...]:
        """Return what a webhook says; raise Invalid where it cannot be understood or followed."""
        data = told.get("data")
        kind, event_id = told_in(data, "event_type"), told_in(data, "id")
        payload = data.get("payload") if isinstance(data, dict) else None
        if not kind or not isinstance(payload, dict) or not 0 < len(event_id) <= _LONGEST:
            raise Invalid("the callback is malformed at: data")
        key = self._config.api_key.get_secret_value()
        leg = Told.of(told_in(payload, "client_state"), key)
        call = told_in(payload, "call_control_id") or told_in(payload, "call_leg_id")
        if leg is None or not 0 < len(call) <= _LONGEST or "\0" in call + event_id:
            return ()
        verb_details = self._event(kind, payload, leg, call, at)
        if verb_details is None:
            return ()
        verb, details = verb_details
        to = told_in(payload, "to")
        by = self._config.people.get(to, "telnyx") if verb == "leg" else ""
        return (Said(event_id.replace("\0", ""), verb, leg.escalation_id, by, details),)

    def _event(
        self, kind: str, payload: dict[str, JsonValue], leg: Told, call: str, at: datetime
    ) -> tuple[str, dict[str, JsonValue]] | None:
        """Return the verb of an event and its details; None of what says nothing to us."""
        if leg.side is Side.CALLER:
            return _of_the_caller(kind, call, self._config.mode)
        if kind == "call.hangup":
            return "leg", _hung_up(told_in(payload, "hangup_cause"), call)
        if kind in DETECTED:
            return self._detected(payload, leg, call, at)
        if kind == "call.gather.ended":
            return self._pressed(payload, leg, call, at)
        if kind == "call.answered" and not self._config.voicemail:
            self._whisper(leg, call, at)
        if kind == "call.speak.ended" and self._config.accept_key is None:
            self._bridge(leg, call, at)
        state = {
            "call.initiated": "ringing",
            "call.answered": "answered",
            "call.bridged": "bridged",
        }.get(kind)
        return ("leg", {"leg_id": call, "state": state}) if state else None

    def _detected(
        self, payload: dict[str, JsonValue], leg: Told, call: str, at: datetime
    ) -> tuple[str, dict[str, JsonValue]] | None:
        """Go on with a person; a machine is no person: it is hung up where the caller can stay."""
        if told_in(payload, "result") not in MACHINES:
            self._whisper(leg, call, at)
            return None
        if leg.caller or self._config.keep_caller:
            self._do(lambda: self._api.end(call, leg.delivery_id, at))
        return "leg", {"leg_id": call, "state": "failed", "result": "voicemail"}

    def _pressed(
        self, payload: dict[str, JsonValue], leg: Told, call: str, at: datetime
    ) -> tuple[str, dict[str, JsonValue]] | None:
        """Give the caller to who takes them, and to nobody else."""
        if self._config.accept_key and told_in(payload, "digits") == self._config.accept_key:
            self._bridge(leg, call, at)
            return None
        if told_in(payload, "status") == "call_hangup":
            return None
        self._do(lambda: self._api.end(call, leg.delivery_id, at))
        result = "declined" if told_in(payload, "digits") else "no_answer"
        return "leg", {"leg_id": call, "state": "failed", "result": result}

    def _whisper(self, leg: Told, call: str, at: datetime) -> None:
        """Say to the person alone what it is about; nothing where they have the caller already."""
        if not leg.caller:
            return
        config = self._config
        about = {
            "payload": leg.whisper,
            "payload_type": "text",
            "voice": config.voice,
            "language": config.language,
            "command_id": f"{leg.delivery_id}-whisper",
        }
        if config.accept_key is None:
            self._command(call, "speak", about, at)
            return
        asked = {
            "payload": f"{leg.whisper} {config.accept_words.replace('{key}', config.accept_key)}",
            "minimum_digits": 1,
            "maximum_digits": 1,
            "maximum_tries": 2,
            "timeout_millis": SECONDS * 1_000,
        }
        self._command(call, "gather_using_speak", about | asked, at)

    def _bridge(self, leg: Told, call: str, at: datetime) -> None:
        """Put the caller through: their leg is told, which can then stay when the other ends."""
        if not leg.caller:
            return
        about: dict[str, object] = {
            "call_control_id": call,
            "prevent_double_bridge": True,
            "command_id": f"{leg.delivery_id}-bridge",
        }
        if self._config.keep_caller:
            about["park_after_unbridge"] = "self"
        self._command(leg.caller, "bridge", about, at)

    def _command(self, call: str, action: str, about: Mapping[str, object], at: datetime) -> None:
        self._do(lambda: self._api.command(call, action, about, at))

    def _do(self, step: Callable[[], None]) -> None:
        """Do what comes next; raise Invalid to be told again, but of a leg that is over."""
        try:
            step()
        except ConnectorError as error:
            if error.retryable or error.pause:
                raise Invalid(f"Telnyx could not be asked: {error.message}") from None


def _of_the_caller(kind: str, call: str, mode: Mode) -> tuple[str, dict[str, JsonValue]] | None:
    """Return what the caller's own leg says. After a REFER it ends, and they go on elsewhere."""
    match kind:
        case "call.refer.completed":
            return "leg", {"leg_id": call, "state": "bridged"}
        case "call.refer.failed":
            return "leg", {"leg_id": call, "state": "failed", "result": "failed"}
        case "call.hangup" if mode is not Mode.REFER:
            return "left", {}
        case _:
            return None


def _hung_up(cause: str, call: str) -> dict[str, JsonValue]:
    """Return how a leg towards a human ended."""
    if cause in ENDED:
        return {"leg_id": call, "state": "ended"}
    return {"leg_id": call, "state": "failed", "result": CAUSES.get(cause, "failed")}
