"""The mail that has a card: text and HTML, in the one thread of its escalation."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from handoff.cards import Context, render
from handoff.domain.connector import WITHDRAWN, Parcel
from handoff.domain.escalation import Escalation
from handoff.domain.standing import placed

ABOVE = "##- Please write your answer above this line -##"
"""Where an answer ends and what it quotes begins."""
SUBJECT = 120
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
"""What every mail server takes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom to whom, and where answers go."""

    sender: str
    to: str
    reply_to: str
    say: str
    """What an answer begins with that the customer is to hear."""

    @property
    def domain(self) -> str:
        """Return the sender's domain, which our ids are of."""
        return self.sender.rpartition("@")[2]


def thread_id(escalation_id: str, domain: str) -> str:
    """Return the id of the mail that begins an escalation's thread: the same whenever it is sent.

    Many mail systems drop a second mail of one id.
    """
    return f"<{escalation_id}@{domain}>"


def written(parcel: Parcel, envelope: Envelope) -> bytes:
    """Return the mail; what a customer said can end no header and close no element."""
    escalation = parcel.escalation
    first = thread_id(escalation.escalation_id, envelope.domain)
    mail = EmailMessage(policy=_SEVEN_BIT)
    begins = parcel.event == "opened"
    subject = f"[{escalation.queue}] {parcel.card.headline}"
    mail["Subject"] = ("" if begins else "Re: ") + _line(subject)[:SUBJECT]
    mail["From"], mail["To"], mail["Reply-To"] = envelope.sender, envelope.to, envelope.reply_to
    mail["Date"] = format_datetime(parcel.at)
    mail["Message-ID"] = first if begins else f"<{parcel.delivery_id}.{first[1:]}"
    if not begins:
        mail["In-Reply-To"], mail["References"] = first, first
    # Vacation notices answer no mail of a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Handoff-Delivery"] = parcel.delivery_id
    if escalation.priority == 1:
        mail["Importance"] = "high"
    mail.set_content(_text(parcel, envelope))
    mail.add_alternative(_html(parcel, envelope), subtype="html")
    return mail.as_bytes()


def status_line(parcel: Parcel) -> str:
    """Return where the escalation stands, in a line."""
    if parcel.event == "withdrawn":
        return WITHDRAWN
    return _line(placed(parcel.escalation))[:500]


def _text(parcel: Parcel, envelope: Envelope) -> str:
    parts = [ABOVE, status_line(parcel)]
    if _shows_card(parcel):
        parts.append(render(parcel.card, "text", Context(link=parcel.card_url)))
    if parcel.card_url:
        parts.append(parcel.card_url)
    parts.append(_how(parcel.escalation, envelope))
    return _sound("\n\n".join(parts))


def _html(parcel: Parcel, envelope: Envelope) -> str:
    parts = [f"<p>{escape(ABOVE)}</p>", f"<p><strong>{escape(status_line(parcel))}</strong></p>"]
    if _shows_card(parcel):
        parts.append(render(parcel.card, "html", Context(link=parcel.card_url)))
    if parcel.card_url:
        link = escape(parcel.card_url, quote=True)
        parts.append(f'<p><a href="{link}">{link}</a></p>')
    parts.append(f"<p><small>{escape(_how(parcel.escalation, envelope))}</small></p>")
    body = "\n".join(parts)
    return _sound(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"></head>'
        f"<body>\n{body}\n</body></html>\n"
    )


def _shows_card(parcel: Parcel) -> bool:
    return parcel.event in ("opened", "updated")


def _how(escalation: Escalation, envelope: Envelope) -> str:
    """Return what can be done by answering."""
    return (
        f"Answer with #claim, #release, #resolve or #return in the first line; a text that begins "
        f"with “{envelope.say}” goes to the customer, any other is a note. "
        f"({escalation.escalation_id})"
    )


def _line(text: str) -> str:
    """Return a text as one line without what no header may hold.

    An encoded word (RFC 2047) in it would be decoded, and could be a line's end and a header.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return _sound(line.replace("=?", "= ?"))


def _sound(text: str) -> str:
    """Return a text without halves of characters, which no mail can carry."""
    return text.encode(errors="replace").decode()
