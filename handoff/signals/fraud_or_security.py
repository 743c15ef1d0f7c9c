"""The customer reports fraud, theft or a break-in, or asks about one."""

from typing import Final

from handoff.domain.decision import Evidence
from handoff.domain.signal import Memory, Setting, Settings, Signal, recent
from handoff.domain.text import TurnView, in_words
from handoff.domain.turn import Role

NAME: Final = "fraud_or_security"
SPAN: Final = 40
CITED: Final = 4
OWN: Final = frozenset(
    {
        "my", "me", "mine", "i", "im", "ive", "our", "we", "us", "mi", "mis", "yo", "mon",
        "ma", "mes", "je", "mein", "meine", "meinem", "meinen", "ich", "meu", "minha", "eu",
        "mio", "mia", "io", "mijn", "ik", "moja", "moje", "mój", "moj", "我", "私",
    }
)  # fmt: skip
_ASKING: Final = frozenset(
    {
        "what", "whats", "how", "why", "when", "where", "which", "can", "could", "do", "does",
        "is", "are", "should", "would", "que", "qué", "como", "cómo", "comment", "pourquoi",
        "was", "wie", "warum", "kann", "quando", "come", "hoe", "wat",
        "waarom", "jak", "czy",
    }
)  # fmt: skip
_INTENTS: Final = frozenset(
    {
        "fraud", "fraudulent", "stolen", "hacked", "theft", "scam", "phishing", "compromised",
        "unauthorized", "unauthorised", "identity theft",
    }
)  # fmt: skip
_OPEN: Final = frozenset(
    {
        "how", "what", "recover", "recovering", "restore", "reset", "back", "if", "think",
        "thinking", "maybe", "perhaps", "probably", "worried", "afraid", "como", "cómo", "qué",
        "recuperar", "recupero", "creo", "quizás", "quizá", "comment", "récupérer", "crois",
        "wie", "wiederherstellen", "zurück", "wenn", "glaube", "vielleicht", "acho",
        "talvez", "come", "recuperare", "penso", "forse", "hoe", "wat", "terug", "herstellen",
        "denk", "misschien", "jak", "odzyskać", "jeśli", "może", "myślę",
    }
)  # fmt: skip
"""Words of those who ask what is done in such a case, want its usual cure, or are not sure …"""
_OPEN_UNSPACED: Final = ("怎么", "怎麼", "如何", "找回", "恢复", "恢復", "どう", "復旧", "取り戻")
"""… and the same where words do not stand apart."""


def observe(memory: Memory, view: TurnView, settings: Settings) -> tuple[Memory, Evidence | None]:
    """Return `report` strength for one's own loss, `question` else; a second report is certain.

    Somebody else in the customer's account is `taken_over`: what they say next may be no longer
    them, and nothing that the bot asks can tell. Whoever asks for the usual cure is left to it.

    A bot whose job it is to take such reports hears them all day: there each is a question.
    """
    if view.role is not Role.CUSTOMER or not (view.said or view.intent):
        return memory, None
    value = view.said.get("taken_over") or view.said.get("fraud")
    if value is None:
        value = next((word for word in view.intent.split() if word in _INTENTS), None)
    if value is None:
        return memory, None
    lost = _taken_over(view)
    reports = (lost or ("fraud" in view.said and _own(view))) and not _in_its_job(view)
    earlier = recent(memory, "turns", view.index, SPAN)
    turns = (*earlier, view.index)[-CITED:]
    kept: Memory = {"turns": [*turns]} if reports else memory
    strength = settings["question"]
    if reports:
        strength = 1.0 if earlier else settings["taken_over" if lost else "report"]
    if strength < settings["threshold"]:
        return kept, None
    return kept, Evidence(NAME, strength, value, settings["threshold"], turns)


def _own(view: TurnView) -> bool:
    return not OWN.isdisjoint(view.words) and view.words[0] not in _ASKING


def _taken_over(view: TurnView) -> bool:
    if "taken_over" not in view.said or view.words[0] in _ASKING:
        return False
    unspaced = not view.text.isascii() and any(part in view.text for part in _OPEN_UNSPACED)
    return _OPEN.isdisjoint(view.words) and not unspaced


def _in_its_job(view: TurnView) -> bool:
    job = view.known.job
    return job is not None and not _INTENTS.isdisjoint(in_words(job).split())


SIGNAL: Final = Signal(
    name=NAME,
    reason="fraud_or_security_concern",
    explains=(
        "The customer reports fraud, theft or a break-in of their own (0.8, full strength when "
        "reported again within 40 turns; 0.9 where somebody else is in their account) or asks "
        "about it (0.4)."
    ),
    fails=(
        "Takes a declined card that the customer calls a scam for fraud; misses a loss that is "
        "told without naming it. Somebody in the account, told with a question how to get it "
        "back or with a doubt, counts 0.8."
    ),
    settings={
        "threshold": Setting(0.3, 0.0, 1.0, "strengths below it are not counted"),
        "weight": Setting(1.6, 0.0, 20.0, "how much it moves the score"),
        "report": Setting(0.8, 0.0, 1.0, "strength of reporting a loss of one's own"),
        "taken_over": Setting(0.9, 0.0, 1.0, "strength of telling that an account is taken over"),
        "question": Setting(0.4, 0.0, 1.0, "strength of asking about fraud"),
    },
    observe=observe,
)
