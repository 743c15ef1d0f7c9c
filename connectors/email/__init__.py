"""E-mail: the card as a mail to the queue's address, and what people answer."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.email.addresses import PLACE, reply_address
from connectors.email.line import Line, Server, trust_of
from connectors.email.message import Envelope, thread_id, written
from connectors.email.replies import Reader
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError
from handoff.domain.escalation import State
from handoff.domain.standard_webhooks import key_of, sound, verified

TOLD = frozenset({State.QUEUED, State.ACTIVE, State.DEFERRED, State.ABANDONED})
"""States that are worth a mail: somebody has it, or nobody does."""
Address = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`|~{}-]{1,64}@[A-Za-z0-9.-]{1,253}$")
]


class Email:
    """Writes to the queue's address, a thread per escalation. Duplicates: possible, of one id.

    Nobody can ask a mail server what it has passed on: an unknown outcome is repeated under the
    same `Message-ID`, by which many mail systems drop the second. A mail cannot be changed: each
    change is an answer in the thread.
    """

    class Config(BaseModel):
        """The mail server and the login there, who writes to whom, and where answers go."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        host: str = Field(min_length=1, description="the mail server that takes our mail")
        port: int = Field(default=587, ge=1, le=65_535, description="its port")
        security: Literal["starttls", "tls"] = Field(
            default="starttls", description="when TLS begins: there is no way without"
        )
        authorities: Path | None = Field(
            default=None, description="PEM file of a private authority, instead of the public ones"
        )
        user: str | None = Field(default=None, description="login, where the server wants one")
        password: SecretStr | None = Field(default=None, description="its password")
        sender: Address = Field(description="address that the mails are from")
        to: Address = Field(description="address of all other queues")
        queues: dict[str, Address] = Field(default_factory=dict, description="queue to address")
        reply_to: Address = Field(
            description="address that answers come to, with `{token}` in its local part"
        )
        secret: Annotated[SecretStr, AfterValidator(sound)] = Field(
            description="whsec_ and base64: signs reply addresses, and what the gateway brings"
        )
        people: dict[str, str] = Field(
            default_factory=dict,
            description="e-mail to the name that a person has here; without it the e-mail",
        )
        domains: tuple[str, ...] = Field(
            default=(), description="domains whose people may answer, beside those written to"
        )
        say: str = Field(
            default="customer:",
            min_length=1,
            max_length=20,
            description="what an answer begins with that the customer is to hear",
        )
        deadline: float = Field(default=15.0, gt=0, le=30, description="seconds for a mail")

        @model_validator(mode="after")
        def _fits(self) -> Self:
            """Raise ValueError where the parts do not fit."""
            if self.reply_to.partition("@")[0].count(PLACE) != 1:
                raise ValueError("reply_to must have {token} once, before the @")
            if (self.user is None) != (self.password is None):
                raise ValueError("user and password belong together")
            trust_of(self.authorities)
            return self

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    follows: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep the way to the mail server and the reader of answers."""
        self._config = config
        self._key = key_of(config.secret)
        domain = config.sender.rpartition("@")[2]
        at_once = config.security == "tls"
        server = Server(
            config.host,
            config.port,
            at_once,
            trust_of(config.authorities),
            config.user,
            config.password,
            domain,
            config.deadline,
        )
        self._line = Line(server, outbound)
        written_to = (config.to, *config.queues.values(), *config.people)
        domains = {address.rpartition("@")[2].casefold() for address in written_to}
        self._reader = Reader(
            config.reply_to,
            self._key,
            config.say,
            {email.casefold(): name for email, name in config.people.items()},
            domains | {name.casefold() for name in config.domains},
        )

    def deliver(self, parcel: Parcel) -> Receipt:
        """Send a mail: the card, what is new of it, or in a line where the escalation stands."""
        if parcel.reference is None and parcel.event in ENDS:
            return Receipt(NOTHING)
        envelope = self._envelope(parcel)
        reference = thread_id(parcel.escalation.escalation_id, envelope.domain)
        if parcel.event != "changed" or parcel.escalation.state in TOLD:
            self._line.send(envelope.sender, envelope.to, written(parcel, envelope))
        return Receipt(reference)

    def look_up(self, parcel: Parcel) -> Receipt | None:  # noqa: ARG002 # the port's argument
        """Raise ConnectorError: nobody can ask a mail server what it has passed on."""
        raise ConnectorError("a mail server cannot be asked", unknown=True, retryable=False)

    def check(self, at: datetime) -> str:  # noqa: ARG002 # the port's argument
        """Log in and return where; raise ConnectorError."""
        self._line.look()
        return f"{self._config.host} takes mail from {self._config.user or 'us'}"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what a mail says that the gateway brought; raise Unauthenticated or Invalid."""
        verified(callback, (self._key,))
        return self._reader.said(callback.body)

    def _envelope(self, parcel: Parcel) -> Envelope:
        config, escalation = self._config, parcel.escalation
        return Envelope(
            sender=config.sender,
            to=config.queues.get(escalation.queue, config.to),
            reply_to=reply_address(config.reply_to, escalation.escalation_id, self._key),
            say=config.say,
        )
