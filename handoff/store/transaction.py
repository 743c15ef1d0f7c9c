"""One tenant's repositories over one database transaction."""

from handoff.domain.account import Accounts
from handoff.domain.card_use import CardUses
from handoff.domain.finding import Findings
from handoff.domain.ports import (
    Access,
    AuditTrail,
    Conversations,
    Deliveries,
    Escalations,
    Events,
    Idempotency,
    Incidents,
    Policies,
    Reports,
)
from handoff.domain.summary import Summaries
from handoff.domain.webhooks import StoredWebhooks
from handoff.store.access import SqlAccess
from handoff.store.accounts import SqlAccounts
from handoff.store.audit import SqlAuditTrail
from handoff.store.batch import Batch
from handoff.store.card_uses import SqlCardUses
from handoff.store.conversations import SqlConversations
from handoff.store.deliveries import SqlDeliveries
from handoff.store.escalations import SqlEscalations
from handoff.store.events import SqlEvents
from handoff.store.findings import SqlFindings
from handoff.store.idempotency import SqlIdempotency
from handoff.store.incidents import SqlIncidents
from handoff.store.policies import SqlPolicies
from handoff.store.reports import SqlReports
from handoff.store.summaries import SqlSummaries
from handoff.store.webhooks import SqlWebhooks


class SqlTransaction:
    """Everything of one tenant, inside one database transaction.

    What a command wrote of conversations may still be pending: whoever else asks for the connection
    finds it written.
    """

    def __init__(self, batch: Batch, tenant: str) -> None:
        """Give every repository the same tenant, and the connection when it is asked for."""
        self.tenant = tenant
        self._batch = batch
        self.conversations: Conversations = SqlConversations(batch, tenant)

    @property
    def escalations(self) -> Escalations:
        """Return its escalations."""
        return SqlEscalations(self._batch.connection, self.tenant)

    @property
    def deliveries(self) -> Deliveries:
        """Return its deliveries."""
        return SqlDeliveries(self._batch.connection, self.tenant)

    @property
    def accounts(self) -> Accounts:
        """Return how the outside answered it."""
        return SqlAccounts(self._batch.connection, self.tenant)

    @property
    def audit(self) -> AuditTrail:
        """Return its audit trail."""
        return SqlAuditTrail(self._batch, self.tenant)

    @property
    def idempotency(self) -> Idempotency:
        """Return the answers that are remembered."""
        return SqlIdempotency(self._batch.connection, self.tenant)

    @property
    def events(self) -> Events:
        """Return its feed."""
        return SqlEvents(self._batch, self.tenant)

    @property
    def access(self) -> Access:
        """Return its keys, sessions and what was heard before."""
        return SqlAccess(self._batch.connection, self.tenant)

    @property
    def policies(self) -> Policies:
        """Return the versions of its policy."""
        return SqlPolicies(self._batch.connection, self.tenant)

    @property
    def reports(self) -> Reports:
        """Return what is counted."""
        return SqlReports(self._batch.connection, self.tenant)

    @property
    def incidents(self) -> Incidents:
        """Return its incidents."""
        return SqlIncidents(self._batch.connection, self.tenant)

    @property
    def card_uses(self) -> CardUses:
        """Return how its cards were used."""
        return SqlCardUses(self._batch.connection, self.tenant)

    @property
    def findings(self) -> Findings:
        """Return what its auditor found."""
        return SqlFindings(self._batch.connection, self.tenant)

    @property
    def webhooks(self) -> StoredWebhooks:
        """Return the webhooks it registered."""
        return SqlWebhooks(self._batch.connection, self.tenant)

    @property
    def summaries(self) -> Summaries:
        """Return its stories."""
        return SqlSummaries(self._batch.connection, self.tenant)
