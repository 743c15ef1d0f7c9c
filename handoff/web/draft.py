"""What a person typed into one of the desk's forms, cleaned and masked on its way in."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from handoff.domain.errors import Invalid
from handoff.domain.escalation import CloseOutcome
from handoff.domain.extracts import encodable
from handoff.domain.redaction import redact_text

UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
LONGEST = 365


def _taken(text: str) -> str:
    """Return typed text as it may be stored: no NUL, plain line ends, card numbers masked."""
    plain = encodable(text).replace("\0", "").replace("\r\n", "\n").strip()
    return redact_text(plain)[0]


Line = Annotated[str, Field(max_length=200), AfterValidator(_taken)]
Words = Annotated[str, Field(max_length=8_000), AfterValidator(_taken)]


class Draft(BaseModel):
    """The fields of all forms; each form has some of them."""

    model_config = ConfigDict(frozen=True)

    message_id: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    text: Words = ""
    why: Words = ""
    queue: Line = ""
    amount: Line = "2"
    unit: Line = "hours"
    outcome: Line = CloseOutcome.RESOLVED.value
    disposition: Line = ""
    summary: Words = ""
    done: Words = ""
    promises: Words = ""
    may_resume: Line = ""
    useful: Line = ""
    claim: Line = ""
    card_version: Annotated[int | None, Field(ge=1, le=2**31)] = None

    @property
    def wait(self) -> timedelta:
        """Return how far off the promised contact is; raise Invalid."""
        if not (self.amount.isascii() and self.amount.isdigit() and self.unit in UNITS):
            raise Invalid("Say in how many minutes, hours or days the customer is contacted.")
        seconds = int(self.amount[:9]) * UNITS[self.unit]
        if not 0 < seconds <= LONGEST * UNITS["days"]:
            raise Invalid("A contact can be promised for one minute to one year from now.")
        return timedelta(seconds=seconds)

    @property
    def ending(self) -> CloseOutcome:
        """Return the close outcome that was chosen; raise Invalid."""
        try:
            return CloseOutcome(self.outcome)
        except ValueError:
            raise Invalid("Choose how it ended.") from None

    @property
    def rating(self) -> bool:
        """Return whether the card was useful; raise Invalid where that was not said."""
        if self.useful not in ("yes", "no"):
            raise Invalid("Say whether the card was useful.")
        return self.useful == "yes"

    @property
    def brief(self) -> dict[str, JsonValue]:
        """Return what the bot is handed back with; raise Invalid without a summary."""
        if not self.summary:
            raise Invalid("Tell the bot in a sentence where things stand.")
        return {
            "summary": self.summary,
            "done": _lines(self.done),
            "promises": _lines(self.promises),
            "may_resume": self.may_resume == "yes",
        }


def required(text: str, what: str) -> str:
    """Return the text; raise Invalid where there is none."""
    if not text:
        raise Invalid(f"{what} is empty: nothing was sent.")
    return text


def _lines(text: str) -> list[JsonValue]:
    return [line.strip() for line in text.splitlines() if line.strip()]
