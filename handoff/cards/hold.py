"""What the customer hears while they wait: who is coming, how long it takes, and what else may be.

It promises nothing that nobody knows: without an expected wait it says that there is none.
"""

from datetime import timedelta
from math import ceil

from handoff.cards.context import Context
from handoff.cards.wording import known_language
from handoff.domain.card import Card
from handoff.templating import render_template

MEDIA_TYPE = "text/plain; charset=utf-8"
LIMIT = "320 characters: two text messages"
BUDGET = 320
STEP, LONGEST = 5, 90
"""Minutes are said in steps, and only so many: then it is hours."""


def render(_: Card, context: Context) -> str:
    """Return the words, in the customer's language where we have it; no fact of a card is told."""
    minutes, hours = rounded(context.wait) if context.wait is not None else (0, 0)
    shown = {"minutes": minutes, "hours": hours, "callback": context.callback}
    language = known_language(context.customer_language)
    return " ".join(render_template(f"messages/hold.{language}.txt", shown).split())


def rounded(wait: timedelta) -> tuple[int, int]:
    """Return minutes to say, or 0 and hours: rounded up, so that it is rather kept than broken."""
    minutes = max(ceil(wait / timedelta(minutes=STEP)), 1) * STEP
    return (minutes, 0) if minutes <= LONGEST else (0, ceil(minutes / 60))
