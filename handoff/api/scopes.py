"""Which scopes may use which route: a route that is not in this table cannot be made."""

from handoff.domain.records import Scope

Allowed = tuple[Scope, ...]

ANYONE: Allowed = ()
"""No key is asked for: the route shows nothing of anybody, or knows its caller another way."""

RUNTIME: Allowed = (Scope.RUNTIME,)
HUMANS: Allowed = (Scope.AGENT, Scope.SUPERVISOR)
FRONT: Allowed = (Scope.RUNTIME, Scope.AGENT, Scope.SUPERVISOR)
BACK: Allowed = (Scope.SUPERVISOR, Scope.ADMIN)
EVERY: Allowed = (Scope.RUNTIME, Scope.AGENT, Scope.SUPERVISOR, Scope.ADMIN)

_CONVERSATION = "/v1/conversations/{conversation_id}"
_ESCALATION = "/v1/escalations/{escalation_id}"
_POLICY = "/v1/policies/{version}"
_WEBHOOK = "/v1/webhooks/{webhook_id}"

SCOPES: dict[str, Allowed] = {
    f"POST {_CONVERSATION}/turns": RUNTIME,
    f"GET {_CONVERSATION}/turns": FRONT,
    f"GET {_CONVERSATION}/control": FRONT,
    f"POST {_CONVERSATION}/control": (Scope.RUNTIME, Scope.SUPERVISOR),
    f"POST {_CONVERSATION}/end": (Scope.RUNTIME, Scope.SUPERVISOR),
    f"POST {_CONVERSATION}/feedback": FRONT,
    "POST /v1/escalations": FRONT,
    "GET /v1/escalations": EVERY,
    f"GET {_ESCALATION}": EVERY,
    f"GET {_ESCALATION}/card": FRONT,
    "GET /v1/pointers": FRONT,
    f"POST {_ESCALATION}/card/rating": HUMANS,
    f"POST {_ESCALATION}/reserve": (Scope.SUPERVISOR,),
    f"POST {_ESCALATION}/claim": HUMANS,
    f"POST {_ESCALATION}/accept": HUMANS,
    f"POST {_ESCALATION}/decline": HUMANS,
    f"POST {_ESCALATION}/release": HUMANS,
    f"POST {_ESCALATION}/transfer": HUMANS,
    f"POST {_ESCALATION}/defer": FRONT,
    f"POST {_ESCALATION}/note": HUMANS,
    f"POST {_ESCALATION}/messages": HUMANS,
    f"POST {_ESCALATION}/dispose": HUMANS,
    f"POST {_ESCALATION}/return": HUMANS,
    f"POST {_ESCALATION}/abandon": FRONT,
    f"POST {_ESCALATION}/cancel": FRONT,
    f"POST {_ESCALATION}/legs": FRONT,
    "GET /v1/queues": EVERY,
    "GET /v1/incidents": HUMANS,
    "PUT /v1/me/presence": HUMANS,
    "GET /v1/events": EVERY,
    "GET /v1/deliveries": BACK,
    "POST /v1/deliveries/{delivery_id}/replay": BACK,
    "GET /v1/webhooks": (Scope.ADMIN,),
    "POST /v1/webhooks": (Scope.ADMIN,),
    f"GET {_WEBHOOK}": (Scope.ADMIN,),
    f"PATCH {_WEBHOOK}": (Scope.ADMIN,),
    f"DELETE {_WEBHOOK}": (Scope.ADMIN,),
    f"POST {_WEBHOOK}/rotate": (Scope.ADMIN,),
    "POST /v1/webhooks/{name}/test": (Scope.ADMIN,),
    "GET /v1/audit": BACK,
    "GET /v1/audit/checkpoints": BACK,
    "GET /v1/reports/{name}": BACK,
    "GET /v1/policies": BACK,
    "POST /v1/policies": (Scope.ADMIN,),
    "GET /v1/policies/active": BACK,
    "POST /v1/policies/rollback": (Scope.ADMIN,),
    f"GET {_POLICY}": BACK,
    f"POST {_POLICY}/activate": (Scope.ADMIN,),
    f"POST {_POLICY}/replay": BACK,
    "GET /v1/tools": EVERY,
    "GET /v1/schemas/handoff-card-1.json": ANYONE,
    "POST /v1/callbacks/{connector}/{endpoint_id}": ANYONE,
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ANYONE,
}
"""`METHOD path` to who may. Whoever has several scopes acts as the first that is named here."""
