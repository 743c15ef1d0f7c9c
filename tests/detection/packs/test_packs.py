"""Every shipped pack: whole, whole words only, and right about what is said in its language."""

from pathlib import Path

import pytest
import re2
import yaml

from handoff.detection.pack import Pack, shipped_packs
from handoff.detection.phrases import shipped
from handoff.detection.reading import read_turn
from handoff.domain.text import Known, normalise
from handoff.domain.turn import Role, Turn

KINDS = {
    *("asks_person", "asks_contact", "offers_person", "names_person", "affirms"),
    *("frustrated", "profane", "corrects", "asks_again", "bot_cannot", "bot_sorry", "in_danger"),
    *("threatens", "legal", "complains", "fraud", "taken_over", "leaves", "bye", "goal_done"),
}
STRONG = KINDS - {"affirms", "asks_contact", "offers_person", "names_person", "bot_sorry"}
SAID = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
}


def kinds(text: str, language: str | None) -> set[str]:
    """Return the kinds of phrase that the shipped book finds in `text`."""
    read = normalise(text)
    return {*shipped().read(read, read.split(), language)}


def lines(name: str) -> list[tuple[str, str]]:
    """Return language and sentence of every table called `name`."""
    return [(tag, line) for tag, said in SAID.items() for line in said.get(name, "").splitlines()]


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.language)
def test_a_pack_has_every_kind_and_compiles(pack: Pack) -> None:
    """A signal that reads a kind works in every language."""
    assert pack.phrases.keys() == KINDS
    assert pack.cut
    assert pack.stop
    for _, pattern in [*pack.spoken(), *pack.named()]:
        assert "{" not in re2.compile(r"\{[\d,]+\}").sub("", pattern), "an unknown name"
        re2.compile(pattern)


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.language)
def test_only_whole_words_match(pack: Pack) -> None:
    """Letters put before and after every word leave nothing to find in spaced scripts."""
    if pack.spaced and pack.language in SAID:
        for line in SAID[pack.language]["asks_person"].splitlines():
            padded = " ".join(f"zq{word}qz" for word in normalise(line).split())
            assert not kinds(padded, pack.language), line


@pytest.mark.parametrize(("tag", "text"), lines("asks_person"))
def test_a_request_is_heard(tag: str, text: str) -> None:
    """With the language known and unknown."""
    assert "asks_person" in kinds(text, tag)
    assert "asks_person" in kinds(text, None)


@pytest.mark.parametrize(("tag", "text"), lines("misspelt"))
def test_a_misspelt_request_is_heard(tag: str, text: str) -> None:
    """With the language known: unknown words may be right in another one."""
    assert "asks_person" in kinds(text, tag)


@pytest.mark.parametrize(("tag", "text"), lines("after_no"))
def test_a_request_after_an_answer_no_is_heard(tag: str, text: str) -> None:
    """It says no to what the bot proposed, not to a person."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text=text)

    for known in (Known(), Known(language=tag)):
        assert "asks_person" in read_turn(turn, 0, known, shipped()).said


@pytest.mark.parametrize(("tag", "text"), lines("none"))
def test_other_words_about_people_are_no_request(tag: str, text: str) -> None:
    """Negated, asked of the bot, reported, or about somebody else."""
    turn = Turn(turn_id="t", role=Role.CUSTOMER, text=text)

    assert not {"asks_person", "asks_contact"} & kinds(text, tag)
    assert "asks_person" not in kinds(text, None)
    for known in (Known(), Known(language=tag)):
        assert "asks_person" not in read_turn(turn, 0, known, shipped()).said


@pytest.mark.parametrize(("tag", "text"), lines("contact"))
def test_asking_how_to_reach_people_is_no_request(tag: str, text: str) -> None:
    """It is offered."""
    found = kinds(text, tag)

    assert "asks_contact" in found
    assert "asks_person" not in found


@pytest.mark.parametrize(
    ("tag", "kind", "text"),
    [
        (tag, kind, line)
        for tag, said in SAID.items()
        for kind, table in said["kinds"].items()
        for line in table.splitlines()
    ],
)
def test_a_kind_is_heard(tag: str, kind: str, text: str) -> None:
    """With the language known and unknown."""
    assert kind in kinds(text, tag)
    assert kind in kinds(text, None)


@pytest.mark.parametrize(("tag", "text"), lines("neutral"))
def test_everyday_words_are_of_no_kind(tag: str, text: str) -> None:
    """Not even where a word sounds like danger, anger or leave-taking."""
    assert not STRONG & kinds(text, tag)
    assert not STRONG & kinds(text, None)
