"""The service's own words to a customer, from templates, in their language where we have it."""

from datetime import timedelta

from handoff.cards.hold import rounded
from handoff.cards.wording import known_language
from handoff.templating import render_template


def waiting_words(language: str | None, name: str, wait: timedelta, *, technical: bool) -> str:
    """Return that many are affected, that a person will answer, and within which time.

    `name` is what has a problem, empty where that has no name that a customer would know. The time
    is said as a duration, rounded up: nobody knows the clock on the customer's wall.
    """
    minutes, hours = rounded(wait)
    context = {"name": name, "technical": technical, "minutes": minutes, "hours": hours}
    template = f"messages/held.{known_language(language)}.txt"
    return " ".join(render_template(template, context).split())
