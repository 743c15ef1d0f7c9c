"""The database as the services need it, in protocols; bootstrap plugs the adapter in."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeVar

from pydantic import JsonValue

from handoff.domain.account import Accounts
from handoff.domain.audit import AuditEntry, ChainedEntry
from handoff.domain.card import Card
from handoff.domain.card_use import CardUses
from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.delivery import Delivery, DeliveryState
from handoff.domain.escalation import Escalation
from handoff.domain.finding import Findings
from handoff.domain.incident import Incident
from handoff.domain.policies import Activation, Shadow, StoredPolicy
from handoff.domain.records import (
    ApiKey,
    EscalationFilter,
    Event,
    Listed,
    Page,
    Presence,
    Remembered,
    Session,
    Standing,
    Tally,
)
from handoff.domain.retention import AuditCut
from handoff.domain.summary import Summaries
from handoff.domain.turn import Turn
from handoff.domain.webhooks import StoredWebhooks
from handoff.domain.worklist import Worklist

R = TypeVar("R")


class Conversations(Protocol):
    """Heads and turns of one tenant's conversations."""

    def head(self, conversation_id: str) -> Head | None: ...
    def before(self, conversation_id: str, turn_id: str) -> tuple[Head | None, StoredTurn | None]:
        """Return the head and, where it is stored, the turn of that id, in one look."""

    def save(self, head: Head) -> None: ...
    def add_turns(self, conversation_id: str, turns: Sequence[StoredTurn]) -> None: ...
    def known(self, conversation_id: str, turn_ids: Sequence[str]) -> dict[str, StoredTurn]: ...
    def turns(self, conversation_id: str) -> tuple[StoredTurn, ...]:
        """Return all turns in `index` order, then by arrival."""

    def said(self, conversation_id: str) -> tuple[Turn, ...]:
        """Return the same without how each was answered."""

    def tool_at(self, conversation_id: str, index: int) -> str | None:
        """Return the name of the tool that was called on a turn."""

    def between(self, conversation_id: str, first: int, last: int) -> tuple[StoredTurn, ...]:
        """Return the turns with these indexes and those between them, in order."""

    def replace_turn(self, conversation_id: str, turn: StoredTurn) -> None:
        """Overwrite a turn with a later revision of the recogniser under the same id."""

    def answer(self, conversation_id: str, turn_id: str, answer: dict[str, JsonValue]) -> None:
        """Keep the answer that was given for a stored turn."""

    def add_feedback(
        self, conversation_id: str, at: datetime, body: dict[str, JsonValue]
    ) -> None: ...


class Escalations(Protocol):
    """One tenant's escalations and their cards."""

    def get(self, escalation_id: str) -> Escalation | None: ...
    def open_in(self, conversation_id: str) -> Escalation | None: ...
    def add(self, escalation: Escalation) -> None: ...
    def save(self, escalation: Escalation) -> None:
        """Write where the stored version is one less; raise StaleVersion otherwise."""

    def touch(self, escalation_id: str, due_at: datetime) -> None:
        """Move the present state's timer without a new version: renewing is not a change."""

    def list(self, where: EscalationFilter, page: Page) -> Listed[Escalation]: ...
    def waiting(self) -> dict[str, int]:
        """Return queue name to the number of queued and reserved escalations."""

    def abandoned_by(self, customer_key: str) -> Escalation | None:
        """Return this customer's abandoned escalation within its grace, if there is one."""

    def others_of(self, customer_key: str, but: str) -> tuple[str, ...]:
        """Return ids of the customer's other open escalations."""

    def opened_for(self, customer_key: str, job: str | None) -> int:
        """Return how many escalations this customer ever had about a job, open ones included."""

    def add_card(self, card: Card, at: datetime) -> None: ...
    def replace_card(self, card: Card) -> None:
        """Overwrite a card version with what masking left of it."""

    def card(self, escalation_id: str, version: int | None = None) -> Card | None: ...
    def card_versions(self, escalation_id: str) -> tuple[tuple[int, datetime], ...]: ...


class Deliveries(Protocol):
    """One tenant's outbox rows."""

    def add(self, delivery: Delivery) -> None: ...
    def get(self, delivery_id: str) -> Delivery | None: ...
    def of(self, escalation_id: str) -> tuple[Delivery, ...]: ...
    def list(
        self, state: DeliveryState | None, connector: str | None, page: Page
    ) -> Listed[Delivery]: ...
    def settle(self, delivery: Delivery, token: str) -> bool:
        """Write a result where the attempt token is still ours; False means a late observation."""

    def replay(self, delivery_id: str, at: datetime) -> Delivery | None:
        """Make a settled or dead delivery due again with a fresh schedule; None if unknown."""


class AuditTrail(Protocol):
    """One tenant's audit chain."""

    def append(self, entry: AuditEntry) -> None:
        """Put an entry at the end of the chain."""

    def of(self, subject: str) -> tuple[ChainedEntry, ...]: ...
    def list(self, page: Page, since: datetime | None = None) -> Listed[ChainedEntry]:
        """Return entries oldest first."""

    def head(self) -> tuple[int, str]:
        """Return the last entry's sequence and hash; 0 and GENESIS before the first."""

    def cut(self, before: datetime, limit: int) -> tuple[AuditCut | None, int]:
        """Delete some of the oldest entries; return the last one, and how many there were.

        Those of a conversation that is stored stay, and what comes after them.
        """


class Idempotency(Protocol):
    """Answers kept for repeated requests of one tenant."""

    def get(self, principal: str, route: str, key: str) -> Remembered | None: ...
    def put(
        self, principal: str, route: str, key: str, answer: Remembered, at: datetime
    ) -> None: ...


class Events(Protocol):
    """One tenant's feed."""

    def publish(
        self, kind: str, subject: str, data: dict[str, JsonValue], at: datetime
    ) -> None: ...
    def after(self, sequence: int, limit: int) -> tuple[Event, ...]: ...
    def latest(self) -> int: ...


class Access(Protocol):
    """Keys, logins, presence and the inbox of callbacks of one tenant."""

    def add_key(self, key: ApiKey) -> None: ...
    def keys(self) -> tuple[ApiKey, ...]: ...
    def revoke_key(self, key_id: str, at: datetime) -> bool: ...
    def add_session(self, session: Session) -> None: ...
    def drop_session(self, token_hash: str) -> bool:
        """End a login; return False if there is none."""

    def set_presence(self, presence: Presence) -> None: ...
    def presences(self) -> tuple[Presence, ...]: ...
    def first_time(self, source: str, event_id: str, at: datetime) -> bool:
        """Record a callback's id; return False if it was seen before."""


class Policies(Protocol):
    """One tenant's versions of its policy, and which was in force when."""

    def add(self, policy: StoredPolicy) -> None: ...
    def get(self, version: str) -> StoredPolicy | None: ...
    def list(self, page: Page) -> Listed[StoredPolicy]:
        """Return versions, the one added last first, without their text."""

    def activate(self, activation: Activation) -> None: ...
    def history(self) -> tuple[Activation, ...]:
        """Return every activation, oldest first."""


class Reports(Protocol):
    """Counting over one tenant's history."""

    def tallies(self, since: datetime | None, until: datetime | None) -> tuple[Tally, ...]:
        """Return a row per (job, intent) that has a conversation started in the window."""

    def shadows(self, since: datetime | None, until: datetime | None) -> Iterator[Shadow]:
        """Yield what rules in shadow would have done in conversations started in the window."""

    def started(
        self, since: datetime | None, until: datetime | None, limit: int
    ) -> tuple[int, tuple[str, ...]]:
        """Return how many conversations started in the window, and the ids of the newest."""


class Incidents(Protocol):
    """One tenant's incidents, and the counting that opens and closes them."""

    def get(self, incident_id: str) -> Incident | None: ...
    def open_of(self, cause: str) -> Incident | None: ...
    def add(self, incident: Incident) -> None: ...
    def save(self, incident: Incident) -> None: ...
    def list(self, *, still_open: bool, page: Page) -> Listed[Incident]:
        """Return incidents, newest first; all of them, or those that go on."""

    def came(self, cause: str, since: datetime) -> int:
        """Return how many escalations of a cause were opened at or after an instant."""

    def usual(self, cause: str, since: datetime, until: datetime) -> int:
        """Return how many were opened between two instants without being of an incident."""

    def latest(self, cause: str, nth: int) -> datetime | None:
        """Return when the nth latest escalation of a cause was opened."""

    def slots(self, cause: str, queue: str, most: int) -> tuple[datetime, ...]:
        """Return the latest slots that were given in a queue, the latest first."""

    def join(self, incident: Incident, since: datetime) -> int:
        """Make the cause's escalations since then the incident's; return how many."""

    def first(self, incident_id: str) -> str | None:
        """Return the id of the incident's oldest escalation."""

    def standing(self, incident_id: str) -> Standing: ...


class Transaction(Protocol):
    """Everything of one tenant, inside one database transaction."""

    tenant: str
    conversations: Conversations

    @property
    def escalations(self) -> Escalations: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def audit(self) -> AuditTrail: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def events(self) -> Events: ...
    @property
    def access(self) -> Access: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def card_uses(self) -> CardUses: ...
    @property
    def summaries(self) -> Summaries: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def webhooks(self) -> StoredWebhooks: ...


class Store(Protocol):
    """The database. A write returns only after what it did is on disk, together with others'."""

    def submit(
        self,
        tenant: str,
        work: Callable[[Transaction], R],
        about: tuple[str, str] | None = None,
    ) -> "Future[R]": ...
    def write(self, tenant: str, work: Callable[[Transaction], R]) -> R: ...
    def read(self, tenant: str, work: Callable[[Transaction], R]) -> R: ...
    def write_any(self, work: Callable[[Worklist], R]) -> R: ...
    def read_any(self, work: Callable[[Worklist], R]) -> R: ...
    def close(self) -> None: ...
