"""The card as a Slack message: blocks, and a text for notifications.

https://docs.slack.dev/reference/block-kit/blocks and /messaging/formatting-message-text
"""

import json
from collections.abc import Iterator

import re2
from pydantic import JsonValue

from handoff.cards.budget import (
    DETAIL,
    FEW,
    Item,
    counted,
    fit,
    left_out_words,
    shortened,
)
from handoff.cards.context import Context
from handoff.cards.pieces import headline, labels, pieces
from handoff.cards.wording import Words, words_of
from handoff.domain.card import Card
from handoff.templating import one_line

MEDIA_TYPE = "application/json"
BLOCKS, TEXT, HEADER = 50, 3_000, 150
"""Slack's own limits: blocks of a message, characters of a text object and of a header."""
BUDGET = 3_000
"""Characters of the whole message: ours, for a channel is read in passing."""
LIMIT = f"{BLOCKS} blocks, {TEXT:,} characters a text, {HEADER} a header"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ"})
_FORMATS = (
    (re2.compile(r"(?:^|[^\pL\pN_])_+"), "_", "＿"),
    (re2.compile(r"_+(?:$|[^\pL\pN_])"), "_", "＿"),
    (re2.compile(r":[\pL\pN_+'-]*[a-zA-Z][\pL\pN_+'-]*:"), ":", "꞉"),
)
"""What begins or ends a format, the sign that does, and one that looks like it."""
_BULLET = "• "


def escape(text: str) -> str:
    """Return text that Slack shows as it is: no mention, link, emoji or format comes of it.

    Slack knows entities for three signs only. Others that would format become look-alikes: a sign
    is never dropped, none is invisible, and an identifier's inner `_` stays for whoever copies it.
    """
    plain = one_line(text).translate(_ENTITIES)
    for pattern, sign, other in _FORMATS:
        plain = pattern.sub(lambda found, a=sign, b=other: found.group().replace(a, b), plain)
    return plain


def render(card: Card, context: Context) -> str:
    """Return the arguments of `chat.postMessage` that say what to show, as JSON."""
    words = words_of(context.language)
    label = labels(card, words)
    items = [item for item in pieces(card, words) if item.part not in DETAIL]
    foot = len(_foot(left_out_words(counted(items), words), words, context.link))
    fitted = fit(
        items,
        BUDGET - HEADER - foot,
        lambda item: len(escape(item.line)) + len(_BULLET) + 1,
        heading=lambda part: len(label[part]) + 4,
        most=TEXT // 2,
        few=FEW,
    )
    title = one_line(headline(card, words)) or words.whisper["nothing"]
    blocks: list[JsonValue] = [{"type": "header", "text": _plain(title)}]
    for part, found in fitted.parts().items():
        blocks += map(_section, _texts(label[part], found))
    if told := _foot(left_out_words(fitted.left_out, words), words, context.link):
        blocks.append({"type": "context", "elements": [_marked(told)]})
    message: dict[str, JsonValue] = {
        "text": _within(f"{title} {shortened(card.next_step, TEXT // 4)}", TEXT),
        "blocks": blocks,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(message, ensure_ascii=False)


def _texts(label: str, items: list[Item]) -> Iterator[str]:
    """Yield the texts of a part, each with its label and within Slack's limit."""
    if len(items) == 1:
        yield f"*{label}*: {escape(items[0].line)}"
        return
    text = f"*{label}*"
    for item in items:
        line = f"\n{_BULLET}{escape(item.line)}"
        if len(text) + len(line) > TEXT:
            yield text
            text = f"*{label}*"
        text += line
    yield text


def _section(text: str) -> JsonValue:
    return {"type": "section", "text": _marked(text)}


def _marked(text: str) -> JsonValue:
    """Return a text object in which Slack itself looks for no links or names."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> JsonValue:
    return {"type": "plain_text", "text": _within(text, HEADER), "emoji": False}


def _within(text: str, limit: int) -> str:
    """Return a text cut so that its escaped form keeps the limit."""
    size = limit
    while len(escaped := escape(shortened(text, size))) > limit:
        size -= max((len(escaped) - limit) // 5, 1)
    return escaped


def _foot(left_out: str, words: Words, link: str | None) -> str:
    """Return what was left out, and our own link; empty if there is neither."""
    told = f"{words.say['left_out']}: {left_out}" if left_out else ""
    address = link.replace("&", "&amp;") if link else ""
    whole = f"<{address}|{words.say['whole']}>" if link else ""
    return " · ".join(filter(None, (told, whole)))
