"""Text that tries to become something else, and a conversation that has it in every field."""

from typing import Any

from pydantic import JsonValue

CANARY = "http://canary.invalid/seen"
PAYLOADS = (
    "<script>window.__xss=1</script>",
    f'"><img src={CANARY} onerror=window.__xss=2>',
    "'><svg/onload=window.__xss=3>",
    "javascript:window.__xss=4",
    "</title></textarea></select></style><script>window.__xss=5</script>",
    "x onmouseover=window.__xss=6 autofocus onfocus=window.__xss=6 ",
    "{{ 7*7 }}{% raw %}<iframe srcdoc='<script>parent.__xss=7</script>'>",
    f"<link rel=stylesheet href={CANARY}><base href={CANARY}><meta http-equiv=refresh content=0>",
    f"<form action={CANARY}><input autofocus name=csrf></form><!--",
    f"&lt;script&gt;&#60;script&#62;<math><mi xlink:href={CANARY}>",
    "\u202egnp.exe\u2066 \u200bzero\ufeff <b>bold</b>",
)


def about(payload: str) -> dict[str, Any]:
    """Return what a runtime says of a conversation, all of it the payload."""
    return {
        "channel": payload[:50],
        "job": payload,
        "language": payload[:35],
        "customer_key": payload,
        "attributes": {payload: payload},
    }


def turns(payload: str) -> list[dict[str, JsonValue]]:
    """Return turns with the payload wherever text goes; the last one asks for a person."""
    return [
        {
            "turn_id": f"1 {payload}",
            "role": "customer",
            "text": f"My order {payload} is lost. Where is {payload}?",
            "intent": payload,
            "confidence": 0.4,
            "recognition_confidence": 0.4,
            "nbest": [payload, f"or {payload}"],
            "language": payload[:35],
            "slots": {payload: payload, "order_id": payload, "name": payload, "email": payload},
        },
        {
            "turn_id": "2",
            "role": "tool",
            "tool_call": {
                "name": payload,
                "arguments": {payload: payload, "order_id": [payload, {"amount": payload}]},
                "ok": False,
                "result": {"error": payload, payload: payload},
                "effect": "write",
            },
        },
        {
            "turn_id": "3",
            "role": "bot",
            "text": f"I will send {payload} to you by tomorrow. Sorry.",
            "heard": f"I will send {payload}",
        },
        {"turn_id": "4", "role": "system", "text": payload, "slots": {"auth_status": payload}},
        {"turn_id": "5", "role": "customer", "text": f"{payload} I want to talk to a human"},
    ]


def policy(payload: str) -> str:
    """Return a policy with a queue that is named and described by the payload."""
    quoted = "'" + payload.replace("'", "''") + "'"
    return (
        "schema: handoff-policy/1\n"
        f"name: {quoted}\n"
        "rules:\n"
        f"  - id: {quoted}\n"
        "    when: signals.human_request >= 0.5\n"
        "    then: escalate\n"
        "routing:\n"
        "  default_queue: general\n"
        "  queues:\n"
        "    general: {description: general}\n"
        f"    {quoted}:\n"
        f"      description: {quoted}\n"
    )
