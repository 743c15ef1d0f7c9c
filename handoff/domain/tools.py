"""The tools a bot's model may call to get a person: their schemas, and what a call asks for."""

from dataclasses import dataclass

from pydantic import JsonValue

from handoff.domain.errors import Invalid
from handoff.domain.reasons import REASONS

Schema = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a tool call asks for, in the words of an opening."""

    queue: str | None = None
    summary: str | None = None
    reason_code: str = "bot_requested"
    customer_key: str | None = None
    as_ticket: bool = False


def _schema(name: str, description: str, properties: Schema, required: list[JsonValue]) -> Schema:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": False,
            },
        },
    }


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


TOOLS: tuple[Schema, ...] = (
    _schema(
        "transfer_to_human",
        "Hand the conversation to a person now. Stop speaking after calling it.",
        {
            "queue": _text("Hint where to; leave empty if unsure. A wrong one does no harm."),
            "context_summary": _text("What the customer wants and what was done, in short."),
        },
        ["context_summary"],
    ),
    _schema(
        "create_case",
        "Leave a case for a person to handle later, when nobody needs to come now.",
        {
            "customer_id": _text("The customer's key as you know it."),
            "category": _text("What it is about, e.g. a reason code or a queue."),
            "summary": _text("What the customer wants and what was done, in short."),
        },
        ["customer_id", "category", "summary"],
    ),
    _schema(
        "transfer_to_human_agents",
        "Transfer the user to a human agent, with a summary of the user's issue.",
        {"summary": _text("A summary of the user's issue.")},
        ["summary"],
    ),
)
"""In the function-calling form; the last is tau-bench's, so that its agents plug in unchanged."""


def wish(name: str, arguments: dict[str, JsonValue]) -> Wish:
    """Return what a tool call asks for; raise Invalid for a tool or argument that is not ours."""
    match name:
        case "transfer_to_human":
            given = _strings(name, arguments, ("queue", "context_summary"))
            return Wish(queue=given.get("queue") or None, summary=given.get("context_summary"))
        case "create_case":
            given = _strings(name, arguments, ("customer_id", "category", "summary"))
            category = given.get("category", "")
            return Wish(
                queue=None if category in REASONS else category or None,
                summary=given.get("summary"),
                reason_code=category if category in REASONS else "other",
                customer_key=given.get("customer_id") or None,
                as_ticket=True,
            )
        case "transfer_to_human_agents":
            given = _strings(name, arguments, ("summary",))
            return Wish(summary=given.get("summary"))
        case _:
            names = ", ".join(str(tool["function"]["name"]) for tool in TOOLS)  # type: ignore[index,call-overload] # our own schemas
            raise Invalid(f"no tool {name!r}; there are: {names}")


def _strings(
    name: str, arguments: dict[str, JsonValue], allowed: tuple[str, ...]
) -> dict[str, str]:
    for key, value in arguments.items():
        if key not in allowed:
            raise Invalid(f"{name} has no argument {key!r}; it has: {', '.join(allowed)}")
        if not isinstance(value, str | None):
            raise Invalid(f"{name}: {key} must be a text")
    return {key: value for key, value in arguments.items() if isinstance(value, str)}
