"""What a form may need beside the card: a link, a key, languages, and how long the wait is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from handoff.domain.errors import Invalid

_KEPT = "%:/?#[]@!$&'()*+,;=-._~"
LONGEST_LINK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known outside the card; every form but `uui` does without."""

    link: str | None = None
    """Where the whole card is, as `safe_link` returns it."""
    language: str = "en"
    """The human agent's: of labels and of what is whispered. What was said stays as it was."""
    customer_language: str | None = None
    key: bytes | None = None
    """Signs pointers."""
    expires_at: datetime | None = None
    """Until when a pointer holds."""
    wait: timedelta | None = None
    """How long the customer is expected to wait; None when nobody can say."""
    channel_id: str = "directline"
    """Where a Bot Framework conversation takes place."""
    callback: bool = False
    """Whether the customer may choose to be called back."""

    def __post_init__(self) -> None:
        """Refuse a link that is none."""
        if self.link is not None and safe_link(self.link) != self.link:
            raise Invalid("a card's link must be http or https, escaped and short")


def safe_link(link: str) -> str:
    """Return a link with everything escaped that could end it; raise Invalid if it is no web link.

    What comes back holds no space, quote, angle bracket, brace, bar or character beyond ASCII: it
    can stand in text, Markdown, HTML and Slack's markup without ending early.
    """
    escaped = quote(link, safe=_KEPT)
    if urlsplit(escaped).scheme not in ("http", "https") or len(escaped) > LONGEST_LINK:
        raise Invalid("a card's link must be http or https, and not too long")
    return escaped
