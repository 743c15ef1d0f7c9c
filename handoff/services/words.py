"""The service's own words to a customer, from templates, in their language where we have it."""

from datetime import timedelta
from math import ceil

from handoff.templating import render_template

LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")
"""Those that `messages/held.*.txt` are written in; the first stands in for any other."""
STEP, LONGEST = 5, 90
"""Minutes are said in steps, and only so many: then it is hours."""


def waiting_words(language: str | None, name: str, wait: timedelta, *, technical: bool) -> str:
    """Return that many are affected, that a person will answer, and within which time.

    `name` is what has a problem, empty where that has no name that a customer would know. The time
    is said as a duration, rounded up: nobody knows the clock on the customer's wall.
    """
    minutes = max(ceil(wait / timedelta(minutes=STEP)), 1) * STEP
    code = (language or "").replace("_", "-").partition("-")[0].casefold()
    spoken = code if code in LANGUAGES else LANGUAGES[0]
    context = {
        "name": name,
        "technical": technical,
        "minutes": minutes if minutes <= LONGEST else 0,
        "hours": ceil(minutes / 60),
    }
    return " ".join(render_template(f"messages/held.{spoken}.txt", context).split())
