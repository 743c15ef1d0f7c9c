"""What a model is asked: the task, and the transcript as data, without secrets, within a limit."""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from handoff.cards.secrets import Secrets, masked_tree
from handoff.domain.card import Card, CardAction
from handoff.domain.extracts import clip
from handoff.domain.redaction import redact_conversation
from handoff.domain.turn import Conversation, Turn
from handoff.templating import render_template
from summarizers.grounding import MOST, secrets_of

TURN = 600
"""Characters of one turn that are shown."""
_HEAD = 0.35
"""Share of the room that the beginning of a conversation gets; its end gets the rest."""

Message = dict[str, str]


def messages(conversation: Conversation, card: Card, limit: int) -> list[Message]:
    """Return the messages of the question; the transcript takes at most `limit` characters."""
    redacted, _ = redact_conversation(conversation)
    shown = _shown(redacted, card)
    lines = _within(shown, limit)
    missing = len(shown) - len(lines)
    context = {
        "transcript": f"[{', '.join(lines)}]",
        "left_out": f" ({missing} turns in the middle are left out)" if missing else "",
    }
    return [
        {
            "role": "system",
            "content": render_template("prompts/summary.txt", {"sentences": MOST}),
        },
        {"role": "user", "content": render_template("prompts/transcript.txt", context)},
    ]


def _shown(conversation: Conversation, card: Card) -> list[str]:
    """Return each turn that says something as a line of JSON."""
    secrets = secrets_of(conversation)
    actions = {action.turn: action for action in card.actions}
    turns = conversation.numbered()
    entries = (_entry(turn, actions.get(turn.index or 0), secrets) for turn in turns)
    return [json.dumps(entry, ensure_ascii=False) for entry in entries if len(entry) > 2]


def _entry(turn: Turn, action: CardAction | None, secrets: Secrets) -> dict[str, JsonValue]:
    return dict(_told(turn, action, secrets))


def _told(
    turn: Turn, action: CardAction | None, secrets: Secrets
) -> Iterator[tuple[str, JsonValue]]:
    yield "turn", turn.index
    yield "who", turn.role.value
    if turn.audible.strip() and not turn.secure_capture:
        yield "said", clip(secrets.hide(turn.audible), TURN)
    if action is not None:
        arguments = {
            name: masked_tree(name, secrets.hide(value) if isinstance(value, str) else value)
            for name, value in action.arguments.items()
        }
        yield "tool", action.name
        yield "arguments", clip(json.dumps(arguments, ensure_ascii=False), TURN)
        yield "outcome", action.outcome.value
        if action.result:
            yield "result", clip(secrets.hide(action.result), TURN)


def _within(lines: list[str], limit: int) -> list[str]:
    """Return the lines that fit: from the beginning and, with more room, from the end."""
    if sum(map(len, lines)) <= limit:
        return lines
    head = _first(lines, int(limit * _HEAD))
    rest = lines[len(head) :]
    tail = _first(list(reversed(rest)), limit - sum(map(len, head)))
    return [*head, *reversed(tail)]


def _first(lines: list[str], room: int) -> list[str]:
    taken: list[str] = []
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        taken.append(line)
    return taken
