"""Files are read line by line; what is no good is named by file and line and skipped."""

import gzip
import json
from pathlib import Path

import pytest

from handoff.cli.reading import Recording, Recordings
from handoff.domain.errors import Invalid
from tests.cli.conftest import Write, said


def read(*paths: Path) -> tuple[list[Recording], list[str]]:
    """Return what is read from files, and the complaints."""
    complaints: list[str] = []
    recordings = list(Recordings(paths, None, complaints.append))
    return recordings, complaints


def ids(recordings: list[Recording]) -> list[str]:
    """Return the conversations' ids."""
    return [recording.conversation.conversation_id for recording in recordings]


def test_bad_lines_are_named_and_skipped(write: Write) -> None:
    """The rest goes on, whatever a line holds."""
    path = write(
        "a.jsonl",
        said("Hello", name="one"),
        b"{not json",
        b"",
        b'{"id": "x", "turns": [NaN]}',
        b'{"id": "\xff"}',
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        said("Hello", name="two"),
    )

    recordings, complaints = read(path)

    assert ids(recordings) == ["one", "two"]
    assert [recording.number for recording in recordings] == [1, 8]
    causes = ["2: not JSON", "4: not JSON: NaN", "5: not UTF-8", "6: nested", "7: not JSON we can"]
    for complaint, cause in zip(complaints, causes, strict=True):
        assert complaint.startswith(f"{path}:{cause}")


def test_deep_nesting_is_a_bad_line_like_any_other(write: Write) -> None:
    """Values that Python reads but nobody could walk are refused."""
    deep = b'{"id":"c","turns":[{"role":"user","slots":{"a":' + b"[" * 900 + b"]" * 900 + b"}}]}"
    path = write("a.jsonl", deep, said("Hello", name="two"))

    recordings, complaints = read(path)

    assert ids(recordings) == ["two"]
    assert len(complaints) == 1


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    """`.jsonl.gz` reads like `.jsonl`, and counts towards the progress by its packed size."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join([json.dumps(said("Hello")).encode()] * 3)))
    recordings = Recordings([path], None, print)

    found = list(recordings)

    assert len(found) == 3
    assert recordings.done == recordings.size == path.stat().st_size


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (said("Hello", name="one"), ["one"]),
        ([said("Hello", name="one"), said("Hello", name="two")], ["one", "two"]),
        ([{"role": "user", "content": "Hi"}], ["a-1"]),
    ],
)
def test_a_json_document_holds_one_or_many(
    tmp_path: Path, document: object, expected: list[str]
) -> None:
    """One conversation, a list of them, or a list of messages."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document, indent=2), encoding="utf-8-sig")

    recordings, complaints = read(path)

    assert ids(recordings) == expected
    assert complaints == []


def test_card_numbers_are_masked_on_reading(write: Write) -> None:
    """What a command works on is what a service would have stored."""
    path = write("a.jsonl", said("Hello", "it is 4111 1111 1111 1111"))

    recordings, _ = read(path)

    assert recordings[0].conversation.turns[1].text == "it is [card ••1111]"


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("a.jsonl", b"", "nothing to read"),
        ("a.jsonl", b"\n\n", "nothing to read"),
        ("a.json", b"[]", "nothing to read"),
        ("a.json", b'{"id":\n}', "not JSON: Expecting value (line 2, column 1)"),
        ("a.jsonl", b"\xff\xfe{}", "not UTF-8 text"),
        ("a.json", b"\xff", "not UTF-8 text"),
        ("a.jsonl.gz", b"{}", "damaged gzip file"),
        ("a.jsonl.gz", gzip.compress(b"{}" * 1000, mtime=0)[:-12], "damaged gzip file"),
    ],
)
def test_a_file_that_is_no_good_at_all_ends_the_reading(
    tmp_path: Path, name: str, content: bytes, cause: str
) -> None:
    """One sentence with the file's name."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Invalid) as caught:
        read(path)

    assert caught.value.message.startswith(f"{path}: ")
    assert cause in caught.value.message


def test_a_missing_file_is_noticed_before_anything_is_read(write: Write, tmp_path: Path) -> None:
    """No half of the output appears."""
    good = write("a.jsonl", said("Hello"))

    with pytest.raises(Invalid, match="No such file"):
        Recordings([good, tmp_path / "missing"], None, print)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The system's own words say why."""
    with pytest.raises(Invalid, match="Is a directory"):
        read(tmp_path)
