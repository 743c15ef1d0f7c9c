"""The customer asks for a person: in words, by an intent, by a key, or takes the bot's offer."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Listing, Memory, Setting, Settings, Signal, indices
from handoff.domain.text import TurnView
from handoff.domain.turn import Input, Role

NAME: Final = "human_request"
EXPLICIT: Final = 1.0
DIGITS: Final = frozenset(
    {
        "enter", "digit", "digits", "number", "numbers", "code", "pin", "key", "type", "date",
        "birth", "postcode", "zip", "account", "card", "ingrese", "introduzca", "numero", "número",
        "codigo", "código", "saisissez", "composez", "numéro", "eingeben", "geben", "nummer",
        "ziffern", "digite", "inserisca", "codice", "voer", "podaj", "wpisz", "kod",
    }
)  # fmt: skip
"""Words with which a bot asks for digits …"""
MENU: Final = frozenset(
    {
        "press", "pulse", "oprima", "marque", "appuyez", "tapez", "drücken", "wählen", "pressione",
        "prema", "toets", "druk", "naciśnij", "wybierz",
    }
)  # fmt: skip
"""… and those with which it reads a menu out, unless digits are to end with a sign."""
ENDS: Final = frozenset({"pound", "hash", "star", "almohadilla", "dièse", "raute", "hekje"})


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return full strength for an explicit request, `contact` for asking how to reach people.

    Asking how for a second time is an explicit request, and so is a listed key at a menu; while
    the bot collects digits a key is one of them.
    """
    if view.role is Role.BOT:
        return _spoken_to(memory, view), None
    if view.role is not Role.CUSTOMER:
        return memory, None
    if view.turn.input is Input.DTMF:
        key = view.turn.text.strip()
        if key not in settings.lists.get("keys", ()) or memory.get("collects"):
            return memory, None
        return memory, Evidence(NAME, EXPLICIT, f"key {key}", settings["threshold"], (view.index,))
    words, strength, turns = _asked(memory, view, settings)
    kept = {key: memory[key] for key in memory if key != "offer"}
    if not words or strength < settings["threshold"]:
        return kept, None
    if strength < EXPLICIT:
        kept["asked"] = view.index
    return kept, Evidence(NAME, strength, words, settings["threshold"], (*turns, view.index))


def _spoken_to(memory: Memory, view: TurnView) -> Memory:
    """Return what to remember of the bot's turn: whether it offers a person or wants digits."""
    collects = "asks_slot" in view.intended or (
        not DIGITS.isdisjoint(view.words)
        and (MENU.isdisjoint(view.words) or not ENDS.isdisjoint(view.words))
    )
    if "offers_person" in view.said:
        return {**memory, "offer": view.index, "collects": int(collects)}
    if collects == bool(memory.get("collects")):
        return memory
    return {**memory, "collects": int(collects)}


def _asked(
    memory: Memory, view: TurnView, settings: Settings
) -> tuple[str | None, float, tuple[int, ...]]:
    """Return the words that ask, how strongly, and the earlier turns they rest on."""
    if words := view.said.get("asks_person") or view.intended.get("asks_person"):
        return words, EXPLICIT, ()
    if "offer" in memory and "affirms" in view.said:
        return view.said["affirms"], EXPLICIT, indices([memory["offer"]])
    words = view.said.get("asks_contact") or view.intended.get("asks_contact")
    if "asked" in memory:
        return words, EXPLICIT, indices([memory["asked"]])
    return words, settings["contact"], ()


SIGNAL: Final = Signal(
    name=NAME,
    reason="customer_requests_human_no_specific_reason",
    explains=(
        "The customer asks for a person in words, by an intent or by a key at a menu (0), or takes "
        "the bot's offer."
    ),
    fails=(
        'Says wrongly that a person was asked for when somebody else is spoken of ("my '
        'agent told me"); misses wishes in words that no pack knows.'
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(5.0, 0.0, 20.0, "how much it moves the score"),
        "contact": Setting(0.5, 0.0, 1.0, "strength of asking how to reach people"),
    },
    lists={"keys": Listing(("0",), "keys that ask for a person, one or two digits each")},
    observe=observe,
)
