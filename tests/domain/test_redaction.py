"""Card numbers and security codes are masked wherever they stand; other numbers stay."""

import random

import pytest
import re2
from pydantic import JsonValue

from handoff.domain.card_numbers import luhn
from handoff.domain.digits import read, undecorated
from handoff.domain.redaction import (
    redact_conversation,
    redact_json,
    redact_text,
    redact_turn,
)
from handoff.domain.turn import MAX_TEXT, Conversation, Role, ToolCall, Turn
from tests.seeded import ISSUED, ZEROS

VISA = "4111111111111111"
MASKED = "[card ••1111]"

SEPARATORS = ("", " ", "-", ".", "/", "\u00a0", "\u202f", "\u200b", "\u2060", "\ufeff", "–", " - ")
MORE_SEPARATORS = ("_", ", ", "\n", "\t", " … ", "|", "\u00ad", " \u200d", "·", "—", "\u3000", "*")
DECORATIONS = ("&nbsp;", "&#8209;", "<br/>", "</b><b>", "+", "x", "%20")
SENTENCES = (
    "{}",
    "my card is {}, thanks",
    "Karte:{}.",
    "({}) exp 12/27",
    "card no. 2: {} 12/27",
    "カード番号は{}です",
    "{}\nJane Doe",
    '{{"pan":"{}"}}',
    "it's {} and ship order 88231 to 221B Baker Street",
)
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def card_number(rng: random.Random) -> str:
    """Return a Luhn-valid number of a random issuer."""
    prefix = rng.choice(list(ISSUED))
    body = prefix + "".join(
        rng.choice("0123456789") for _ in range(rng.choice(ISSUED[prefix]) - len(prefix) - 1)
    )
    return next(body + check for check in "0123456789" if luhn(body + check))


def written(rng: random.Random, number: str) -> str:
    """Return `number` as somebody might write or say it: grouping, separators, script, words."""
    if rng.random() < 0.15:
        return rng.choice((" ", ", ", "-")).join(WORDS[int(digit)] for digit in number)
    zero = ord(rng.choice(ZEROS)) if rng.random() < 0.5 else ord("0")
    separators: tuple[str, ...] = (rng.choice(SEPARATORS + MORE_SEPARATORS),)
    if rng.random() < 0.3:
        separators = SEPARATORS + MORE_SEPARATORS
    size = rng.choice((1, 2, 3, 4, 4, 4, 5, 8, 19))
    groups = [number[at : at + size] for at in range(0, len(number), size)]
    text = groups[0] + "".join(rng.choice(separators) + group for group in groups[1:])
    return text.translate({ord("0") + digit: zero + digit for digit in range(10)})


def exposed(masked: str, number: str) -> bool:
    """Return whether five digits of `number` in a row can still be read."""
    outside = re2.sub(r"\[card ••\d{4}\]", "x", masked)
    rest = "".join(filter(str.isdigit, read(outside).marks.decode()))
    return any(number[at : at + 5] in rest for at in range(len(number) - 4))


def test_card_numbers_are_found_however_they_are_written() -> None:
    """Of 5,000 generated numbers at least 99.9 % are masked whole, 98 % to their own last four."""
    rng = random.Random(20261123)
    leaked: list[str] = []
    mislabelled = 0

    for _ in range(5_000):
        number = card_number(rng)
        text = rng.choice(SENTENCES).format(written(rng, number))
        masked, count = redact_text(text)
        mislabelled += f"[card ••{number[-4:]}]" not in masked
        if not count or exposed(masked, number):
            leaked.append(text)

    assert len(leaked) <= 5, leaked
    assert mislabelled <= 100


def test_card_numbers_are_found_under_decoration() -> None:
    """Of 1,000 numbers with markup or a sign between their groups at least 99.9 % are masked."""
    rng = random.Random(20261124)
    leaked: list[str] = []

    for _ in range(1_000):
        number, size = card_number(rng), rng.choice((1, 4))
        groups = [number[at : at + size] for at in range(0, len(number), size)]
        text = rng.choice(SENTENCES).format(rng.choice(DECORATIONS).join(groups))
        masked, count = redact_text(text)
        if not count or exposed(masked, number):
            leaked.append(text)

    assert len(leaked) <= 1, leaked


def test_card_numbers_given_as_json_numbers_are_found() -> None:
    """An int, or a float with the same digits, is the card number too."""
    rng = random.Random(7)
    numbers = [card_number(rng) for _ in range(300)]

    masked = [redact_json({"pan": int(number), "x": [int(number)]}) for number in numbers]

    for number, (value, count) in zip(numbers, masked, strict=True):
        assert (value, count) == (
            {"pan": f"[card ••{number[-4:]}]", "x": [f"[card ••{number[-4:]}]"]},
            2,
        )
    assert redact_json(4111111111111111.0) == (MASKED, 1)


def test_masking_twice_changes_nothing() -> None:
    """What was masked once is not masked again, so that every edge may redact."""
    rng = random.Random(11)
    texts = [rng.choice(SENTENCES).format(written(rng, card_number(rng))) for _ in range(500)]
    texts += [f"{VISA} 12/27 123, order 4567", "the security code is 1234"]

    once = [redact_text(text)[0] for text in texts]

    assert [redact_text(text) for text in once] == [(text, 0) for text in once]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"{VISA} 12/27 123", f"{MASKED} 12/27 [code]"),
        (f"{VISA} code 1234, thanks", f"{MASKED} code [code], thanks"),
        (f"{VISA}1227123", MASKED),
        ("4111 and then 1111 uh 1111 1111", MASKED),
        ("double four one one one", "double four one one one"),
        ("four double one, " + "triple one, " * 4 + "one thanks", f"{MASKED} thanks"),
        ("forty-two " * 7 + "forty-two", "[card ••4242]"),
        (f"{VISA} twelve twenty seven one two three", f"{MASKED} twelve twenty seven [code]"),
        ("4️⃣1️⃣1️⃣1️⃣ 1111 1111 1111", MASKED),
        ("3782 822463 10005 and 5555-5555-5555-4444", "[card ••0005] and [card ••4444]"),
        ("cvv 123", "cvv [code]"),
        ("name bravo password karthick", "name bravo password [password]"),
        ("login: bob, password hunter2, thanks", "login: bob, password [password], thanks"),
        ("password is bill 849", "password is [password]"),
        ("my CVC2 is: 987", "my CVC2 is: [code]"),
        ("the security code is 1 2 3 4", "the security code is [code]"),
        ("cvv one two three", "cvv [code]"),
        ("the 3 digit code on the back is 123", "the 3 digit code on the back is [code]"),
        ("123 is my cvv", "[code] is my cvv"),
        ("Prüfnummer 123", "Prüfnummer [code]"),
        ("4111&nbsp;1111&nbsp;1111&nbsp;1111", MASKED),
        ("4111&#160;1111&#xa0;1111&#32;1111!", f"{MASKED}!"),
        ("&#52;" + "&#49;" * 15 + "!", f"{MASKED}!"),
        ("<b>4111</b><b>1111</b><b>1111</b><b>1111</b>", f"<b>{MASKED}</b>"),
        ('<a href="?pan=4111111111111111">pay</a>', f'<a href="?pan={MASKED}">pay</a>'),
        ("4111+1111+1111+1111", MASKED),
        ("4111x1111X1111x1111", MASKED),
        ("pan=4111%201111%201111%201111", f"pan={MASKED}"),
        ("4x" + "x".join("1" * 15), MASKED),
        ("double  five " * 8 + "thanks", "double  five " * 8 + "thanks"),
        ("four\x7f one" + " one" * 14, MASKED),
        (f"charge $450 to {VISA}", f"charge $450 to {MASKED}"),
        (f"charge 450 dollars to {VISA}", f"charge 450 dollars to {MASKED}"),
    ],
)
def test_numbers_and_codes_are_masked_in_place(text: str, masked: str) -> None:
    """Only the number and the code go; the words, the expiry date and amounts stay."""
    assert redact_text(text)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I want one or two of those",
        "order 4111111111111112",  # fails Luhn
        "order 1234567890123452",  # no issuer begins with 1
        "tracking 9400111899223197428490 and 1Z999AA10123456784",
        "IMEI 490154203237518",  # Luhn-valid by design, no issuer has 15 digits there
        "call +49 1512 3456789 or (555) 123-4567",
        "+44 20 7946 0958 / +44 20 7946 0959",
        "from 2024-05-12 12:30:45 until 2024-05-13 09:00",
        "sent at 1716544800000 (1716544800000000 µs)",
        "DE89 3704 0044 0532 0130 01",  # fails mod 97
        "(404 + 202 + 148 + 114) * 3 - (126 + 139 + 148 + 114) * 3",
        "$4,111.11 of $11,111,111.11",
        "404+202+148+114+126+139",
        "1920x1080x3840x2160 and 5x5x5",
        "<td>1200</td><td>1300</td><td>&copy; 2024</td>",
        "a<4111 & b>1111 & 1111 &amp; c",
        "the last four digits of the ssn are 5907",
        "a code was sent to you by post",
        "I did not get the code, my order number is 123456",
        "my pin code is 560001",
        "my password is not working",
        "my name is Ann, password help please",
        "user bob password expired again",
        "the password is about 12 characters",
        "my password was changed 3 days ago",
        "I forgot my password",
        "123.456.789-00",  # fails the CPF's checksum
        "flight HAT170 seat 12A on 4/11 at 11:11",
        "zero one two three four five six seven eight nine",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    """Orders, telephone numbers, dates, amounts and the like come back as the same object."""
    masked, count = redact_text(text)

    assert masked is text
    assert count == 0


def test_random_identifiers_are_rarely_taken_for_cards() -> None:
    """Of 16-digit identifiers no more are masked than Luhn and the issuer table let through."""
    rng = random.Random(3)
    identifiers = [f"order {rng.randrange(10**15, 10**16)}" for _ in range(4_000)]

    masked = sum(redact_text(text)[1] for text in identifiers)

    assert masked / len(identifiers) < 0.06


def test_json_is_masked_in_keys_and_values_and_by_key() -> None:
    """Nested strings, keys and a short number under a key that names a code are masked."""
    value: JsonValue = {
        "payment": {"number": "4111-1111-1111-1111", "securityCode": 123, "card_cvv": "0123"},
        VISA: [True, None, 12.5, {"cvc": "12345"}],
    }

    masked, count = redact_json(value)

    assert masked == {
        "payment": {"number": MASKED, "securityCode": "[code]", "card_cvv": "[code]"},
        MASKED: [True, None, 12.5, {"cvc": "12345"}],
    }
    assert count == 4


@pytest.mark.parametrize("number", [-4111111111111111, -4111111111111111.0, 4111111111111111.5])
def test_negative_and_fractional_numbers_are_masked(number: float) -> None:
    """A sign or a fraction does not hide a card number."""
    assert redact_json([number, -12.5]) == ([MASKED, -12.5], 1)


@pytest.mark.parametrize(
    "value",
    [
        {"cvv2": {"value": "778"}},
        {"card": {"cvc": 779.0}},
        {"CID": "7781"},
        {"cardsecurity": 778},
        {"card_security_code": ["0778"]},
        {"cvv": {"cvv": {"entered": [{"value": " 778 "}]}}},
    ],
)
def test_codes_are_masked_at_any_depth_under_a_key_that_names_them(value: JsonValue) -> None:
    """What stands anywhere under such a key and is as short as a code is one."""
    masked, count = redact_json(value)

    assert count == 1
    assert "[code]" in str(masked)
    assert "77" not in str(masked)


@pytest.mark.parametrize(
    "value",
    [{"incident": "7781"}, {"cvv": True}, {"cvc": [None, 77, 12345, 10**5000]}, {"decided": 778}],
)
def test_other_short_numbers_stay(value: JsonValue) -> None:
    """A key that only contains the letters of one, or a number of another length, is left."""
    assert redact_json(value) == (value, 0)


@pytest.mark.parametrize(
    ("parts", "masked"),
    [
        (["4111", "1111", "1111", "1111"], [MASKED] * 4),
        ([4111, 1111, 1111, 1111], [MASKED] * 4),
        (list("4111111111111111"), [MASKED] * 16),
        (["pan", "4111 ", "-1111", 1111, "1111", None], ["pan", *[MASKED] * 4, None]),
        (["4111", "1111", "1111", "1112"], None),
        ([4111, 1111, 1111, 1111, 1111, 1111], None),
        (["2024", "05", "12", "4111"], None),
    ],
)
def test_a_number_split_over_a_list_is_masked(
    parts: list[JsonValue], masked: list[JsonValue] | None
) -> None:
    """Neighbouring short items that are a card number together go; series and dates stay."""
    clean, count = redact_json(parts)

    assert clean == (masked or parts)
    assert count == (masked is not None)


def test_keys_that_look_alike_once_masked_are_both_kept() -> None:
    """Two card numbers with the same last four digits stay two entries."""
    masked, count = redact_json(
        {"4111111111111111": 1, "5105105105101111": 2, "4012888888881111": 3}
    )

    assert isinstance(masked, dict)
    assert len(masked) == 3
    assert count >= 1


def test_a_turn_without_numbers_is_the_same_object() -> None:
    """Identity tells the caller that nothing was found."""
    turn = Turn(
        turn_id="t",
        role=Role.TOOL,
        text="looked it up",
        slots={"order": "A-17"},
        tool_call=ToolCall(name="get_order", arguments={"id": "A-17"}, result={"total": 129.9}),
    )

    assert redact_turn(turn) == (turn, 0)
    assert redact_turn(turn)[0] is turn


def test_every_string_of_a_turn_is_masked() -> None:
    """Text, what was heard, hypotheses, slots, arguments and result lose the number."""
    turn = Turn(
        turn_id="t",
        role=Role.CUSTOMER,
        text=f"it is {VISA}",
        heard=f"it is {VISA}",
        nbest=(VISA, "no"),
        slots={"card": {"number": VISA}},
        tool_call=ToolCall(name="pay", arguments={"pan": VISA}, result=[int(VISA)]),
    )

    masked, count = redact_turn(turn)

    assert count == 6
    assert VISA not in masked.model_dump_json()
    assert masked.slots == {"card": {"number": MASKED}}
    assert Turn.model_validate_json(masked.model_dump_json()) == masked


def test_labels_of_a_turn_are_masked_and_stay_within_their_length() -> None:
    """Intent, language, and the name and id of a call are as untrusted as the words."""
    turn = Turn(
        turn_id="t",
        role=Role.BOT,
        intent="cvv 123 " * 25,
        language=f"{VISA} cvv 123",
        tool_call=ToolCall(name=f"pay {VISA}", call_id=VISA),
    )

    masked, count = redact_turn(turn)

    assert count == 29
    assert masked.tool_call == ToolCall(name=f"pay {MASKED}", call_id=MASKED)
    assert masked.language == f"{MASKED} cvv [code]"
    assert Turn.model_validate_json(masked.model_dump_json()) == masked


def test_a_secure_capture_masks_its_labels_too() -> None:
    """The intent and the language of a payment turn are kept, but masked."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, intent=VISA, secure_capture=True)

    assert redact_turn(turn)[0].intent == MASKED


@pytest.mark.parametrize(
    "unit", ["6 2 ", "<b>6</b>2", "62+", "6&#50;", "four double two ", "6\u200b2\u0665"]
)
def test_a_reading_keeps_every_place(unit: str) -> None:
    """However a text is written, its reading and its bare reading are as long as it is."""
    text = unit * 300

    plain = read(text)
    bare = undecorated(plain)

    assert {len(plain.text), len(plain.marks), len(bare.text), len(bare.marks)} == {len(text)}
    assert redact_text(text)[0] == redact_text(redact_text(text)[0])[0]


def test_secure_capture_keeps_no_words() -> None:
    """A payment turn loses text, heard, hypotheses and slots, digits or not."""
    turn = Turn(
        turn_id="t",
        role=Role.CUSTOMER,
        text="four one one",
        heard="four",
        nbest=("for",),
        slots={"digits": "411"},
        secure_capture=True,
    )

    masked, count = redact_turn(turn)

    assert (masked.text, masked.heard, masked.nbest, masked.slots) == ("", None, (), {})
    assert count == 4
    assert redact_turn(masked)[0] is masked


def test_a_masked_text_is_never_longer_than_a_turn_may_be() -> None:
    """A mask can be longer than its code; the turn must still be readable from the store."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text="cvv 123 " * (MAX_TEXT // 8))

    masked, count = redact_turn(turn)

    assert count == MAX_TEXT // 8
    assert Turn.model_validate(masked.model_dump()) == masked


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("We have sent you a code, please read it to me.", False),
        ("I'm texting you a six-digit code now.", False),
        ("Ich schicke Ihnen einen Code.", False),
        ("Le hemos enviado un código.", False),
        ("Je vous ai envoyé un code.", False),
        ("We sent you a discount code. Which one is it?", True),
        ("What is the code of the item?", True),
    ],
)
def test_a_code_that_the_bot_says_it_sent_is_masked(asked: str, kept: bool) -> None:
    """What comes back after it is for one time, unless it is a code of another kind."""
    said = [(Role.BOT, asked), (Role.CUSTOMER, "483920")]
    turns = tuple(
        Turn(turn_id=str(at), index=at, role=role, text=text)
        for at, (role, text) in enumerate(said)
    )

    masked, _ = redact_conversation(Conversation(conversation_id="c", turns=turns))

    assert ("483920" in masked.turns[1].text) is kept


def test_a_conversation_is_masked_in_turns_and_attributes() -> None:
    """Attributes are masked like slots; a clean conversation is the same object."""
    clean = Conversation(conversation_id="c", turns=(Turn(turn_id="t", role=Role.BOT, text="hi"),))
    dirty = clean.model_copy(update={"attributes": {"note": f"paid with {VISA}"}})

    masked, count = redact_conversation(dirty)

    assert redact_conversation(clean)[0] is clean
    assert masked.attributes == {"note": f"paid with {MASKED}"}
    assert count == 1


@pytest.mark.parametrize(
    "said",
    [
        "my number is 4539 5787 6362 1486 and the security code is 778",
        "card 4111-1111-1111-1111 cvc: 123 thanks",
    ],
)
def test_masking_twice_is_masking_once(said: str) -> None:
    """A runtime that masks first keeps the last four digits."""
    once, _ = redact_text(said)

    assert redact_text(once) == (once, 0)


@pytest.mark.parametrize(
    ("keyed", "kept", "count"),
    [
        ("0", "0", 0),
        ("12", "12", 0),
        ("*", "*", 0),
        ("4711", "[digits]", 1),
        ("12#9", "[digits]", 1),
    ],
)
def test_digits_that_are_keyed_in_are_masked(keyed: str, kept: str, count: int) -> None:
    """A menu's choice stays, a PIN does not; masking twice is masking once."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text=keyed, input="dtmf", nbest=(keyed,))

    clean, found = redact_turn(turn)

    assert (clean.text, clean.nbest, found) == (kept, (kept,), 2 * count)
    assert redact_turn(clean) == (clean, 0)
