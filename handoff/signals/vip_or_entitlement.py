"""The customer is entitled to a person sooner than others."""

from typing import Final

from pydantic import JsonValue

from handoff.domain.decision import Evidence
from handoff.domain.signal import Listing, Memory, Setting, Settings, Signal, counted
from handoff.domain.text import TurnView, excerpt
from handoff.domain.turn import Role

NAME: Final = "vip_or_entitlement"


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return evidence on every customer turn while an attribute says so: it is a fact, no event.

    It cites the first turn on which it was known.
    """
    attributes = view.known.attributes
    if view.role is not Role.CUSTOMER or not attributes:
        return memory, None
    values = settings.lists.get("values", ())
    for name in settings.lists.get("attributes", ()):
        value = attributes.get(name)
        if value is not None and _entitles(value, values):
            since = counted(memory, "since") if "since" in memory else view.index
            shown = f"{excerpt(name, 40)}: {excerpt(str(value), 40)}"
            return {"since": since}, Evidence(NAME, 1.0, shown, settings["threshold"], (since,))
    return {}, None


def _entitles(value: JsonValue, values: tuple[str, ...]) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() in values)


SIGNAL: Final = Signal(
    name=NAME,
    reason="vip_customer",
    explains=(
        "An attribute `vip`, `tier`, `segment`, `entitlement` or `priority` is true or one of the "
        "listed values; it stays as long as it is so, for rules and routing."
    ),
    fails="As good as the attributes: knows nothing of a customer who is not yet identified.",
    settings={
        "threshold": Setting(0.5, 0.0, 1.0, "strength it is compared with; it is always 1"),
        "weight": Setting(0.3, 0.0, 20.0, "how much it moves the score"),
    },
    lists={
        "attributes": Listing(
            ("vip", "tier", "segment", "entitlement", "priority"), "attributes that tell"
        ),
        "values": Listing(
            ("vip", "platinum", "gold", "premium", "enterprise", "priority"),
            "values that entitle, in lower case; true always does",
        ),
    },
    observe=observe,
)
