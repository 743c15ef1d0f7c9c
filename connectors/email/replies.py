"""What an answer by mail says: whose escalation, who wrote it, and the words above the quote."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import Header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses
from html.parser import HTMLParser

import re2
from pydantic import JsonValue

from connectors.email.addresses import answered_to
from connectors.email.message import ABOVE
from handoff.domain.connector import Said
from handoff.domain.errors import Invalid

RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
VERBS = {"#claim": "claim", "#release": "release", "#resolve": "resolve", "#return": "return"}
"""First line of an answer to what it says to us."""
LONGEST = 8_000
LONGEST_HEADER = 20_000
_MANY = 50
"""Parts and addresses of a mail that are looked at."""
_ADDRESS = re2.compile(r"""[^\s<>()\[\]",;:]+@[^\s<>()\[\]",;:]+""")
"""Whatever in a header looks like an address."""
_SILENT = frozenset({"script", "style", "head", "title"})
_BREAKS = frozenset({"br", "p", "div", "blockquote", "li", "tr", "h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers; knows who may answer and by which name."""

    reply_to: str
    key: bytes = field(repr=False)
    say: str
    people: Mapping[str, str]
    domains: Collection[str]

    def said(self, raw: bytes) -> tuple[Said, ...]:
        """Return what a mail says; raise Invalid where it is none, or answers nothing of ours.

        Notices of machines and mails of strangers say nothing.
        """
        try:
            return self._read(message_from_bytes(raw, policy=_Short()), raw)
        except RecursionError:  # comments in comments, parts in parts
            raise Invalid("the mail is malformed at: nested too deeply") from None

    def _read(self, mail: Message, raw: bytes) -> tuple[Said, ...]:
        escalation_id = answered_to(self.reply_to, _addresses(mail, *RECIPIENTS), self.key)
        if escalation_id is None:
            raise Invalid("the mail is malformed at: recipients (no reply address of ours)")
        author = _author(mail)
        if _of_a_machine(mail) or not self._known(author):
            return ()
        name = self.people.get(author, author)[:200]
        event_id = _event_id(mail, raw)
        heard = self._understood(answer_of(_text(mail)))
        return tuple(
            Said(f"{event_id}:{number}", verb, escalation_id, name, details)
            for number, (verb, details) in enumerate(heard)
        )

    def _known(self, author: str) -> bool:
        return author in self.people or author.rpartition("@")[2] in self.domains

    def _understood(self, text: str) -> Iterator[tuple[str, dict[str, JsonValue]]]:
        first, _, rest = text.partition("\n")
        verb, rest = VERBS.get(first.strip().casefold()), rest.strip()
        if verb == "return":
            yield verb, {"brief": {"done": rest} if rest else {}}
        elif verb is not None:
            if rest:
                yield "note", {"text": rest}
            yield verb, {}
        elif text.casefold().startswith(self.say.casefold()):
            told = text[len(self.say) :].strip()
            if told:
                yield "message", {"text": told}
        elif text:
            yield "note", {"text": text}


def answer_of(text: str) -> str:
    """Return what was written above the quote, without the line that announces the quote."""
    above, marker, _ = text.replace("\r\n", "\n").replace("\0", "").partition(ABOVE)
    lines = above.split("\n")
    if marker:
        lines = lines[:-1]  # the rest of the marker's line is how the quote is marked
    lines = [line for line in lines if not line.startswith(">")]
    while lines and not lines[-1].strip():
        lines.pop()
    if marker and lines and lines[-1].rstrip().endswith(":"):
        # "On Monday, Ann wrote:" may be broken over two lines.
        lines = lines[: -2 if len(lines) > 1 and lines[-2].startswith("On ") else -1]
    if "-- " in lines:
        lines = lines[: lines.index("-- ")]
    return "\n".join(lines).strip()[:LONGEST]


def _addresses(mail: Message, *names: str) -> Iterator[str]:
    for name in names:
        values = [str(value) for value in mail.get_all(name, [])]
        for _, address in getaddresses(values[:_MANY])[:_MANY]:
            yield address


def _author(mail: Message) -> str:
    """Return who wrote a mail; empty where that could be read in more than one way.

    What a gateway checked (DMARC) is one address: another reading must not be taken for it.
    """
    told = [str(value) for value in mail.get_all("from", [])]
    found = [address.casefold() for address in _addresses(mail, "from")]
    named = {one.casefold() for value in told for one in _ADDRESS.findall(value)}
    sure = len(told) == 1 and len(found) == 1 and named == set(found)
    return found[0] if sure else ""


def _of_a_machine(mail: Message) -> bool:
    """Tell whether nobody wrote it: notices of absence, bounces, lists (RFC 3834)."""
    submitted = str(mail.get("auto-submitted", "no")).casefold()
    bounced = str(mail.get("return-path", "")).strip() == "<>"
    bulk = str(mail.get("precedence", "")).casefold() in ("bulk", "auto_reply", "junk", "list")
    return not submitted.startswith("no") or bounced or bulk


def _event_id(mail: Message, raw: bytes) -> str:
    """Return what a mail is told apart by when a gateway brings it twice."""
    named = str(mail.get("message-id", "")).strip().encode(errors="replace")
    return "mail:" + hashlib.sha256(named or raw).hexdigest()[:40]


def _text(mail: Message) -> str:
    """Return the words of the plain part, or of the HTML one where there is no other."""
    found: dict[str, str] = {}
    for number, part in enumerate(mail.walk()):
        if number >= _MANY:
            break
        kind = part.get_content_type()
        attached = str(part.get("content-disposition", "")).casefold().startswith("attachment")
        if kind in ("text/plain", "text/html") and kind not in found and not attached:
            found[kind] = _decoded(part)
    if "text/plain" in found:
        return found["text/plain"]
    words = _Words()
    words.feed(found.get("text/html", ""))
    return "".join(words.told)


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", errors="replace")


class _Short(Compat32):
    """Reads the beginning of each header: Python takes ten seconds for a long list of parameters.

    That is before it is known who wrote.
    """

    def header_fetch_parse(self, name: str, value: str) -> str | Header:  # type: ignore[override] # as Compat32
        """Return what a header says."""
        return super().header_fetch_parse(name, value[:LONGEST_HEADER])


class _Words(HTMLParser):
    """Collects what a page says, a line per block."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 # the parser's own
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.told.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.told.append(data)
