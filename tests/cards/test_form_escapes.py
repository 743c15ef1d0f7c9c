"""What anybody said stays text in every form: no mention, link, format, placeholder or header."""

import json
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from handoff.cards import RENDERERS, render
from handoff.cards.slack import escape
from tests.cards.written import HOSTILE, LINK, WRITTEN

CONTEXT = WRITTEN["hostile"][1]
HIDDEN = set("\u202e\u2066\u200b\ufeff\x00\x1b\r")
TOKENS = {"paragraph", "strong", "text", "inline", "bullet_list", "list_item", "softbreak", "link"}


class Seen(HTMLParser):
    """Collects tags and what links lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs]


@pytest.mark.parametrize("form", ["zendesk", "intercom"])
def test_a_note_holds_no_tag_link_or_placeholder_but_ours(form: str) -> None:
    """Help desks link addresses and fill in double braces by themselves: there are none."""
    note = render(HOSTILE, form, CONTEXT)
    seen = Seen()
    seen.feed(note)

    assert seen.tags == {"p", "b", "ul", "li", "a"}
    assert seen.links == [LINK]
    assert "{{" not in note
    assert "{%" not in note
    assert note.count("://") == 1


def test_a_chatwoot_note_holds_no_markup_but_ours() -> None:
    """Read as Markdown, with bare links found: text, our bold, our lists, our one link."""
    note = render(HOSTILE, "chatwoot", CONTEXT)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(note)
    inner = [token for block in tokens for token in (block, *(block.children or ()))]

    assert {token.type.removesuffix("_open").removesuffix("_close") for token in inner} <= TOKENS
    assert [token.attrs["href"] for token in inner if token.type == "link_open"] == [LINK]
    assert "{{" not in note
    assert "{%" not in note


def test_a_slack_message_holds_no_markup_but_ours() -> None:
    """One link; other brackets are entities, no format can begin, no name is looked for."""
    message = json.loads(render(HOSTILE, "slack", CONTEXT))
    parts = [p for b in message["blocks"] for p in (b.get("text"), *b.get("elements", ())) if p]
    texts = [part["text"] for part in parts]

    assert sum(text.count("<") + text.count(">") for text in texts) == 2
    assert texts[-1].endswith(f"<{LINK}|whole card>")
    assert all(part.get("verbatim") or part["type"] == "plain_text" for part in parts)
    assert all(text.count("*") in (0, 2) for text in texts)
    assert not any(
        "`" in text or "~" in text or " _" in text or ":white_" in text for text in texts
    )
    assert (message["parse"], message["link_names"]) == ("none", False)
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<@U1> & <!here>", "&lt;@U1&gt; &amp; &lt;!here&gt;"),
        ("_x_ __y user_id_1", "＿x＿ ＿＿y user_id_1"),
        ("*b* ~s~ `c`", "∗b∗ ∼s∼ ˋcˋ"),
        (":tada: 10:30:45", "꞉tada꞉ 10:30:45"),
        ("a\nb\u202ec", "a bc"),
    ],
)
def test_slack_shows_a_text_as_it_is(said: str, shown: str) -> None:
    """Signs that format become look-alikes; identifiers and times stay for whoever copies them."""
    assert escape(said) == shown


@pytest.mark.parametrize("form", [form for form in RENDERERS if form != "json"])
def test_nothing_invisible_gets_through(form: str) -> None:
    """Controls, zero widths and what turns the reading direction are nowhere."""
    made = render(HOSTILE, form, CONTEXT)
    shown = made if not made.startswith("{") else repr(list(_texts(json.loads(made))))

    assert not HIDDEN & set(shown)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value.replace("\n", " ")] if isinstance(value, str) else []


@pytest.mark.parametrize("form", ["sunshine", "taskrouter", "whisper", "uui", "hold"])
def test_no_value_can_end_a_header_or_a_line(form: str) -> None:
    """What goes into headers, attributes and speech is one line."""
    made = render(HOSTILE, form, CONTEXT)

    assert "\r" not in made
    assert "\n" not in made
    assert "\\n" not in made
