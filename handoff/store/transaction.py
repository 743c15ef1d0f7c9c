"""One tenant's repositories over one database transaction."""

from sqlalchemy import Connection

from handoff.domain.ports import (
    Access,
    AuditTrail,
    Conversations,
    Deliveries,
    Escalations,
    Events,
    Idempotency,
    Reports,
)
from handoff.store.access import SqlAccess
from handoff.store.audit import SqlAuditTrail
from handoff.store.conversations import SqlConversations
from handoff.store.deliveries import SqlDeliveries
from handoff.store.escalations import SqlEscalations
from handoff.store.events import SqlEvents
from handoff.store.idempotency import SqlIdempotency
from handoff.store.reports import SqlReports


class SqlTransaction:
    """Everything of one tenant, inside one database transaction."""

    def __init__(self, connection: Connection, tenant: str) -> None:
        """Give every repository the same connection and tenant."""
        self.tenant = tenant
        self.conversations: Conversations = SqlConversations(connection, tenant)
        self.escalations: Escalations = SqlEscalations(connection, tenant)
        self.deliveries: Deliveries = SqlDeliveries(connection, tenant)
        self.audit: AuditTrail = SqlAuditTrail(connection, tenant)
        self.idempotency: Idempotency = SqlIdempotency(connection, tenant)
        self.events: Events = SqlEvents(connection, tenant)
        self.access: Access = SqlAccess(connection, tenant)
        self.reports: Reports = SqlReports(connection, tenant)
