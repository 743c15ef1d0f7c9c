"""Amazon Connect: what the flow of a live contact routes by, and tasks where nobody is waiting.

https://docs.aws.amazon.com/connect/latest/APIReference/API_UpdateContactAttributes.html and
API_StartTaskContact.html. boto3 builds, checks and signs the requests; they leave by our way out.
"""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from connectors.amazon_connect.api import Access, Api
from connectors.amazon_connect.events import Ear
from connectors.amazon_connect.told import attributes, description, name
from handoff.domain.answers import undocumented
from handoff.domain.connector import ENDS, NOTHING, Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError

CONTACT = "amazon_contact_id"
"""Name of the live contact among what the runtime tells."""
LIVE, TASK = "contact", "task"


class AmazonConnect:
    """Tells a live contact's flow whom to route to, or starts a task. Duplicates: none for a week.

    Attributes are set, not added. A task's `ClientToken` is the delivery: for seven days, longer
    than we repeat one, a second is the first.
    """

    class Config(BaseModel):
        """The instance, who calls it, and what its events authenticate themselves with."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        instance_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,100}$", description="the instance")
        region: str = Field(pattern=r"^[a-z0-9-]{4,30}$", description="its region")
        access_key_id: SecretStr | None = Field(
            default=None, description="access key; without it what boto3 finds on the machine"
        )
        secret_access_key: SecretStr | None = Field(default=None, description="its secret")
        task_flow_id: str | None = Field(
            default=None,
            pattern=r"^[A-Za-z0-9-]{1,500}$",
            description="flow of tasks; without it only live contacts are taken",
        )
        callback_header: str = Field(
            default="x-handoff-key",
            pattern=r"^[a-z0-9-]{1,60}$",
            description="header of the API key of EventBridge's connection, in lower case",
        )
        callback_key: SecretStr | None = Field(
            default=None,
            min_length=24,
            description="that API key; without it every callback is refused",
        )
        people: dict[str, str] = Field(
            default_factory=dict, description="agent's id to the name that a person has here"
        )
        url: HttpUrl | None = Field(default=None, description="base of the API, if not Amazon's")
        deadline: float = Field(default=10.0, gt=0, le=30, description="seconds for a call")

    moves: ClassVar = frozenset({Moves.LIVE_VOICE, Moves.LIVE_MESSAGING, Moves.WORK_ITEM})
    follows: ClassVar = True
    routes: ClassVar = True

    def __init__(self, config: Config, outbound: Outbound) -> None:
        """Keep what is called."""
        self._config = config
        key, secret = config.access_key_id, config.secret_access_key
        access = Access(
            region=config.region,
            instance=config.instance_id,
            key=key.get_secret_value() if key else None,
            secret=secret.get_secret_value() if secret else None,
            url=str(config.url) if config.url else None,
            deadline=config.deadline,
        )
        self._api = Api(access, outbound)
        expected = config.callback_key.get_secret_value() if config.callback_key else None
        self._key = expected
        self._ear = Ear(
            self._api, config.instance_id, config.callback_header, expected, config.people
        )

    def deliver(self, parcel: Parcel) -> Receipt:
        """Set the contact's attributes, or start, change and stop the task."""
        kind, _, contact = (parcel.reference or "").partition(":")
        if kind == TASK:
            return self._task_changed(parcel, contact)
        contact = contact or parcel.external.get(CONTACT, "")
        if contact:
            self._tell(parcel, contact)
            return Receipt(f"{LIVE}:{contact}")
        return Receipt(NOTHING) if parcel.event in ENDS else self._task(parcel)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Ask the contact which delivery it carries; a task is started again by the same token."""
        kind, _, contact = (parcel.reference or "").partition(":")
        contact = contact or parcel.external.get(CONTACT, "")
        if not contact:
            raise ConnectorError(
                "a task is found by its token alone", retryable=False, unknown=True
            )
        carried = self._api.attributes(contact, parcel.at) or {}
        if carried.get("handoff_delivery_id") != parcel.delivery_id or parcel.event in ENDS:
            return None
        return Receipt(f"{kind or LIVE}:{contact}")

    def check(self, at: datetime) -> str:
        """Return that contacts of the instance may be read; raise ConnectorError."""
        self._api.attributes("00000000-0000-0000-0000-000000000000", at)
        return f"the contacts of {self._config.instance_id} may be read"

    def understand(self, callback: Callback) -> tuple[Said, ...]:
        """Return what happened to a contact of ours; raise Unauthenticated or Invalid."""
        return self._ear.said(callback)

    def _tell(self, parcel: Parcel, contact: str) -> None:
        """Set a contact's attributes; one that is over needs no end."""
        told = {"InitialContactId": contact, "Attributes": attributes(parcel, self._key)}
        try:
            self._api.call("update_contact_attributes", told, parcel.at)
        except ConnectorError as error:
            if error.retryable or error.pause or parcel.event not in ENDS:
                raise

    def _task(self, parcel: Parcel) -> Receipt:
        """Start a task; raise ConnectorError where no flow takes them."""
        if self._config.task_flow_id is None:
            raise ConnectorError(f"the runtime did not tell external.{CONTACT}", retryable=False)
        told: dict[str, object] = {
            "ContactFlowId": self._config.task_flow_id,
            "Name": name(parcel),
            "Description": description(parcel),
            "Attributes": attributes(parcel, self._key),
            "ClientToken": parcel.delivery_id,
        }
        if parcel.card_url:
            told["References"] = {"card": {"Type": "URL", "Value": parcel.card_url}}
        contact = self._api.call("start_task_contact", told, parcel.at).get("ContactId")
        if not isinstance(contact, str) or not contact:
            raise undocumented()
        return Receipt(f"{TASK}:{contact}")

    def _task_changed(self, parcel: Parcel, contact: str) -> Receipt:
        """Change a task, or stop it."""
        self._tell(parcel, contact)
        if parcel.event in ENDS:
            self._api.stop(contact, parcel.at)
        elif parcel.event == "updated":
            told = {
                "ContactId": contact,
                "Name": name(parcel),
                "Description": description(parcel),
            }
            self._api.call("update_contact", told, parcel.at)
        return Receipt(f"{TASK}:{contact}")
