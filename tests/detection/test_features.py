"""What a learned score looks at: counted by hand, bounded, and nothing of who or where."""

import json
from collections.abc import Iterable, Sequence
from zlib import crc32

from hypothesis import given, settings
from pydantic import JsonValue

from handoff.detection.features import FORM, NAMES, Features, observed
from handoff.detection.grams import key_of
from handoff.detection.phrases import shipped
from handoff.detection.reading import read_turn
from handoff.domain.decision import Evidence
from handoff.domain.text import NOTHING_KNOWN
from handoff.domain.turn import Turn
from tests.detection.test_properties import CONVERSATIONS, hostile
from tests.signals.played import bot, customer, tool

PARCEL = "Where is my parcel"


def seen(turns: Iterable[Turn]) -> tuple[dict[str, JsonValue], list[Features]]:
    """Return the memory after the turns and the features of each; it goes through JSON between."""
    memory: dict[str, JsonValue] = {}
    every = []
    for index, turn in enumerate(turns):
        view = read_turn(turn, index, NOTHING_KNOWN, shipped())
        before = json.dumps(memory)
        after, features = observed(memory, view)
        assert json.dumps(memory) == before, "a memory is replaced, never changed"
        memory = json.loads(json.dumps(after))
        every.append(features)
    return memory, every


def numbers(*turns: Turn) -> dict[str, float]:
    """Return the numbers after the last of the turns."""
    return seen(turns)[1][-1].numbers


def test_turns_words_and_calls_are_counted() -> None:
    """By who speaks, in a row and in all."""
    fails = tool("pay", ok=False)
    told = numbers(bot("Hello there"), customer(PARCEL), customer("please"), fails, fails)

    assert (told["turns"], told["customer_turns"], told["bot_turns"]) == (5, 2, 1)
    assert (told["customers_in_row"], told["bots_in_row"]) == (2, 0)
    assert (told["tool_calls"], told["tool_failures"], told["failures_in_row"]) == (2, 2, 2)
    assert (told["customer_mean"], told["bot_mean"]) == (2.5, 2)
    assert numbers(fails, tool("pay", ok=True))["failures_in_row"] == 0


def test_progress_and_values_are_counted() -> None:
    """A filled slot is a value and progress; a silent customer is none."""
    filled = customer("it is blue", slots={"colour": "blue", "size": None})

    told = numbers(customer("hm"), customer(""), filled, customer("hm"))

    assert (told["values"], told["since_progress"], told["silent_turns"]) == (1, 1, 1)


def test_a_repeated_turn_is_like_the_one_before() -> None:
    """Of the customer and of the bot, and what one takes up of the other's words."""
    again = numbers(customer(PARCEL), bot("On its way"), customer(PARCEL + "?"))
    echoed = numbers(customer("blue shirt"), bot("A blue shirt?"))

    assert (again["customer_repeats"], again["asks"], again["bot_repeats"]) == (1, 1, 0)
    assert (echoed["echoes"], echoed["bot_asks"]) == (0.667, 1)
    assert numbers(customer(PARCEL), customer("nothing else"))["customer_repeats"] == 0


def test_an_intent_that_comes_again_is_told() -> None:
    """How often it came before, of customer, bot and tools apart."""
    asks, answers = customer(intent="ask_parcel"), bot(intent="tell")
    told = numbers(asks, answers, asks, answers, asks, tool("find", ok=True), tool("find", ok=True))

    assert (told["intent_again"], told["bot_intent_again"], told["tool_again"]) == (2, 1, 1)
    assert (told["intent_most"], told["intents"], told["bot_intents"]) == (3, 1, 1)


def test_what_is_left_of_an_intent_fades_quickly_and_slowly() -> None:
    """Under its key, which hides the name."""
    _, told = seen([customer(intent="ask_parcel"), customer("hm")])
    key = key_of("c ask parcel")

    dense = told[-1].dense({"bot_loop": Evidence("bot_loop", 0.4, None, None, (0,))}, 0.3)

    assert [*told[-1].names] == [key]
    assert (dense[f"{key}+"], dense[f"{key}-"]) == (0.8, 0.97)
    assert told[-1].left("c0", quick=True) == 0
    assert (dense["signal bot_loop"], dense["stuck"]) == (0.4, 0.3)


def test_words_are_hashed_one_by_one_and_in_pairs() -> None:
    """With who says them, so that a bot's word is another one."""
    (said,) = seen([customer("my parcel")])[1]
    (answered,) = seen([bot("my parcel")])[1]
    wanted = ("c: ^ my", "c: my", "c: my parcel", "c: parcel", "c: parcel $")

    assert said.grams == [crc32(gram.encode()) for gram in wanted]
    assert not {*said.grams} & {*answered.grams}


def test_who_and_where_from_change_nothing() -> None:
    """The turn's id and the names of what it is part of are no feature."""
    one = seen([customer(PARCEL, turn_id="star-1"), bot("Hm", turn_id="star-2")])
    other = seen([customer(PARCEL, turn_id="betold-77"), bot("Hm", turn_id="x")])

    assert one == other
    assert "parcel" not in json.dumps(one[0])


def test_a_machines_mark_leaves_no_words() -> None:
    """It would tell how the recording ended."""
    memory, (told,) = seen([customer("###STOP###")])

    assert told.grams == []
    assert told.numbers["customer_words"] == 0
    assert memory["c"] == [""]


def test_a_memory_of_another_form_starts_afresh() -> None:
    """Nothing raises."""
    view = read_turn(customer(PARCEL), 0, NOTHING_KNOWN, shipped())
    strange: dict[str, JsonValue] = {"n": [1], "t": "x", "c": ["zz", 3], "i": {"a": [1]}, "p": 3}

    for memory in (strange, {**strange, "v": FORM - 1}):
        assert observed(memory, view)[1] == observed({}, view)[1]


@given(CONVERSATIONS)
@settings(max_examples=80, deadline=None)
def test_a_memory_that_went_through_json_tells_the_same(turns: Sequence[Turn]) -> None:
    """Between turns it lives in a database; the given one is never changed."""
    memory: dict[str, JsonValue] = {}
    plain = []
    for index, turn in enumerate(turns):
        memory, told = observed(memory, read_turn(turn, index, NOTHING_KNOWN, shipped()))
        plain.append(told)

    assert seen(turns) == (memory, plain)
    assert len(json.dumps(memory)) <= 1_400


def test_the_memory_stays_small_whatever_comes() -> None:
    """The latest names stay, and of words a few hashes."""
    memory, _ = seen(hostile(n) for n in range(3_000))
    worst, _ = seen(
        customer(" ".join(f"w{n}x{at}" for at in range(20)), intent=f"i{n}", slots={f"s{n}": n})
        if n % 2
        else bot(" ".join(f"b{n}x{at}" for at in range(20)), intent=f"i{n}")
        for n in range(500)
    )

    assert isinstance(worst["i"], dict)
    assert len(worst["i"]) == NAMES
    assert max(len(json.dumps(each)) for each in (memory, worst)) <= 1_400
