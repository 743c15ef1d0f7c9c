"""Of seeded secrets hardly any is left, of innocent numbers hardly any is masked: both counted."""

import os
import random
from collections import Counter

import re2

from handoff.domain.digits import read
from handoff.domain.redaction import redact_conversation
from handoff.domain.turn import Conversation
from tests.seeded import Seeded, innocent, seeded

CASES = int(os.environ.get("SEEDED_SECRETS", "3000"))
"""How many of each; `make evaluate` takes 24,000."""
LEFT, WRONG = 0.001, 0.005
_MASK = re2.compile(r"\[[^\]\n]{2,24}\]")


def left(case: Seeded, clean: Conversation) -> bool:
    """Tell whether the secret, or five digits of a card in a row, can still be read."""
    said = [_MASK.sub("!", turn.text) for turn in clean.turns]
    if case.kind.startswith("card"):
        rest = "".join("".join(filter(str.isdigit, read(text).marks.decode())) for text in said)
        return any(case.secret[at : at + 5] in rest for at in range(len(case.secret) - 4))
    if case.kind in ("password", "key"):
        return any(case.secret in text for text in said)
    plain = ("".join(filter(str.isalnum, text)).casefold() for text in said)
    spoken = ("".join(filter(str.isdigit, read(text).marks.decode())) for text in said)
    sought = "".join(filter(str.isalnum, case.secret)).casefold()
    return any(sought in text for text in (*plain, *spoken))


def test_seeded_secrets_are_not_left() -> None:
    """Cards, codes, accounts, ids, passwords and keys: at most one in a thousand is left."""
    rng = random.Random(20261128)
    missed: list[tuple[str, list[str]]] = []

    for _ in range(CASES):
        case = seeded(rng)
        clean, _ = redact_conversation(case.conversation)
        if left(case, clean):
            missed.append((case.kind, [turn.text for turn in case.conversation.turns]))

    print(f"{CASES} secrets, left: {len(missed)} {Counter(kind for kind, _ in missed)}")
    assert len(missed) <= LEFT * CASES, missed[:40]


def test_innocent_numbers_are_not_masked() -> None:
    """Orders, dates, amounts, telephones, parcels and times: at most one in two hundred."""
    rng = random.Random(20261129)
    wrong: list[list[str]] = []

    for _ in range(CASES):
        case, value = innocent(rng)
        clean, _ = redact_conversation(case)
        if value not in clean.turns[-1].text:
            wrong.append([turn.text for turn in clean.turns] + [value])

    print(f"{CASES} innocent numbers, masked: {len(wrong)}")
    assert len(wrong) <= WRONG * CASES, wrong[:40]
