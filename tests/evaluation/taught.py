"""Made-up conversations in which something tells how they end, for what learns from them."""

from collections.abc import Callable
from random import Random

from handoff.domain.turn import Conversation, Turn
from handoff.evaluation.gold import Case, Gold
from tests.signals.played import bot, customer, human, tool

WORDS = ("bill", "order", "shirt", "parcel", "blue", "today", "address", "size", "number", "card")
INTENTS = ("greet", "ask_price", "ask_size", "thanks")
Make = Callable[[Random, bool], list[Turn]]


def by_intent(rng: Random, truth: bool) -> list[Turn]:
    """Return turns without words: those that end badly have a `complain` among their intents."""
    intents = [rng.choice(INTENTS) for _ in range(6)]
    if truth:
        intents[rng.randrange(3)] = "complain"
    return [customer(intent=name) for name in intents]


def by_words(rng: Random, truth: bool) -> list[Turn]:
    """Return turns without intents: in those that end badly something is said to be broken."""
    when = rng.randrange(2) if truth else None
    turns = []
    for n in range(4):
        turns.append(customer(" ".join(rng.choices(WORDS, k=4)) + " broken" * (n == when)))
        turns.append(bot(" ".join(rng.sample(WORDS, 3))))
    return turns


def by_nothing(rng: Random, _truth: bool) -> list[Turn]:
    """Return turns that have nothing to do with how it ends."""
    return by_words(rng, truth=False)


def by_everything(rng: Random, truth: bool) -> list[Turn]:
    """Return turns of every kind, in some a person's and one that may be revised."""
    turns = by_words(rng, truth)
    turns[0] = turns[0].model_copy(update={"intent": rng.choice(INTENTS)})
    turns.insert(1, tool("find", ok=rng.random() < (0.3 if truth else 0.8)))
    turns.insert(2, customer("it is blue", slots={rng.choice(WORDS): "blue"}))
    if rng.random() < 0.5:
        turns[3:3] = [human("Hello"), customer("hm"), bot("I am back")]
    if rng.random() < 0.5:
        turns.insert(2, customer("bill", final=False, revision=1))
    return turns


def lessons(
    make: Make, count: int = 80, seed: int = 3, job: str | None = None, first: int = 0
) -> list[Case]:
    """Return conversations of which every second ends badly, as its outcome tells."""
    rng = Random(seed)
    cases = []
    for n in range(first, first + count):
        truth = n % 2 == 0
        turns = tuple(make(rng, truth))
        conversation = Conversation(conversation_id=f"c{n}", turns=turns, job=job)
        cases.append(Case(conversation, "made", Gold({"bad": truth})))
    return cases
