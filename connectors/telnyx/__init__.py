"""Telnyx: the caller's own leg goes to a person, at once or after a word to that person alone.

https://developers.telnyx.com/api-reference/call-commands/transfer-call, and beside it refer-a-call,
dial, speak and bridge-calls.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from connectors.telnyx.api import Api
from connectors.telnyx.config import Mode, Settings
from connectors.telnyx.hearing import Ear
from connectors.telnyx.signed import verified
from connectors.telnyx.state import Side, Told
from handoff.cards import Context, render
from handoff.cards.pointer import Pointer, pointed
from handoff.domain.connector import NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import CloseOutcome, State

CALL = "telnyx_call_control_id"
"""Name of the caller's leg among what the runtime tells."""
HEADER = "X-Handoff-Escalation"
POINTER_LIFE = timedelta(hours=4)
GONE = frozenset({CloseOutcome.CANCELLED, CloseOutcome.CUSTOMER_LEFT})
"""Ends after which nobody's telephone is to go on ringing."""


class Telnyx:
    """Moves the caller's leg to the queue's number. Duplicates: none within a minute, else rare.

    Telnyx drops a command that comes twice with one `command_id`, for a minute; later the caller's
    leg, or the calls of the connection, are asked for the delivery they carry. Each opening rings
    once: who did not answer is not rung again by us.
    """

    class Config(Settings):
        """The account, what signs for it, where the queues' people are, and how to get there."""

    moves: ClassVar = frozenset({Moves.LIVE_VOICE})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called."""
        self._config = config
        self._api = Api(config, outbound)
        self._ear = Ear(config, self._api)

    def deliver(self, parcel: Parcel) -> Receipt:
        """Transfer, refer or ring; end what rings for a caller who is gone.

        A new card needs nothing: what the call carries is a pointer, which leads to the newest.
        """
        if parcel.event == "opened":
            found = self.look_up(parcel) if parcel.attempt > 1 else None
            return found or self._opened(parcel)
        escalation = parcel.escalation
        gone = escalation.state is State.ABANDONED or escalation.outcome in GONE
        if parcel.reference and (parcel.event == "withdrawn" or gone):
            self._hang_up(parcel)
        return Receipt(parcel.reference or NOTHING)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Ask the caller's leg, or the connection's calls, for the delivery they carry."""
        if parcel.event != "opened":
            return None  # to end what rings twice does no harm
        if self._config.mode is Mode.WARM:
            legs = self._api.active(parcel.at)
            found = [call for call, told in legs if told.delivery_id == parcel.delivery_id]
            return Receipt(found[0]) if found else None
        call = _caller(parcel)
        told = self._api.state(call, parcel.at)
        return Receipt(call) if told and told.delivery_id == parcel.delivery_id else None

    def check(self, at: datetime) -> str:
        """Return that the connection's calls may be read; raise ConnectorError."""
        calls = len(self._api.active(at))
        return f"{calls} calls of ours on the connection {self._config.connection_id}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what a leg did, after what it calls for; raise Unauthenticated or Invalid."""
        told = verified(callback, self._config.public_key)
        return self._ear.said(told, callback.at)

    def _opened(self, parcel: Parcel) -> Receipt:
        if parcel.escalation.state not in (State.QUEUED, State.RESERVED):
            return Receipt(NOTHING)  # somebody has them: their call is not to be torn away
        config, call = self._config, _caller(parcel)
        to = config.destinations.get(parcel.escalation.queue, config.destination)
        human = self._told(parcel, Side.HUMAN, call)
        about = {"command_id": parcel.delivery_id, **self._headers(parcel)}
        if config.mode is Mode.WARM:
            dialled = {
                "connection_id": config.connection_id,
                "to": to,
                "from": config.caller_id,
                "timeout_secs": config.ring,
                "link_to": call,
                "bridge_intent": True,
                "client_state": human,
                **config.detection(),
            }
            return Receipt(self._api.dial(dialled | about, parcel.at))
        caller = {"client_state": self._told(parcel, Side.CALLER, call), **about}
        if config.mode is Mode.REFER:
            self._api.command(call, "refer", {"sip_address": to, **caller}, parcel.at)
            return Receipt(call)
        moved = {
            "to": to,
            "timeout_secs": config.ring,
            "target_leg_client_state": human,
            **({"from": config.caller_id} if config.caller_id else {}),
            **({"park_after_unbridge": "self"} if config.keep_caller else {}),
            **config.detection(),
        }
        self._api.command(call, "transfer", moved | caller, parcel.at)
        return Receipt(call)

    def _headers(self, parcel: Parcel) -> dict[str, object]:
        """Return the headers of the INVITE: the escalation's id, and the signed pointer to it."""
        escalation_id = parcel.escalation.escalation_id
        plain = {**self._config.headers, HEADER: escalation_id}
        told: dict[str, object] = {
            "custom_headers": [{"name": name, "value": value} for name, value in plain.items()]
        }
        secret = self._config.pointer_secret
        if secret is not None:
            key = secret.get_secret_value().encode()
            pointer = pointed(Pointer(escalation_id, parcel.at + POINTER_LIFE), key)
            told["sip_headers"] = [{"name": "User-to-User", "value": pointer}]
        return told

    def _told(self, parcel: Parcel, side: Side, caller: str) -> str:
        """Return the state of a leg; the one that is introduced carries what is whispered."""
        warm = self._config.mode is Mode.WARM
        context = Context(
            language=self._config.language.partition("-")[0],
            customer_language=parcel.escalation.language,
        )
        whisper = render(parcel.card, "whisper", context) if warm else ""
        told = Told(
            escalation_id=parcel.escalation.escalation_id,
            delivery_id=parcel.delivery_id,
            side=side,
            caller=caller if warm else "",
            whisper=whisper,
        )
        return told.packed(self._config.api_key.get_secret_value())

    def _hang_up(self, parcel: Parcel) -> None:
        """End every leg towards a human of this escalation; one that is over already is fine."""
        wanted = parcel.escalation.escalation_id
        for call, told in self._api.active(parcel.at):
            if told.side is Side.HUMAN and told.escalation_id == wanted:
                self._api.end(call, parcel.delivery_id, parcel.at)


def _caller(parcel: Parcel) -> str:
    """Return the caller's leg; raise ConnectorError where the runtime did not tell it."""
    call = parcel.external.get(CALL)
    if call is None:
        raise ConnectorError(f"the runtime did not tell external.{CALL}", retryable=False)
    return call
