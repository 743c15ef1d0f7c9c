"""The key of hashes."""

from pathlib import Path

import pytest

from handoff.domain.conversation import fingerprint
from handoff.domain.errors import Invalid
from handoff.store.hash_key import hash_key
from tests.factories import turn


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """Whoever asks again, this process or another, gets the same one."""
    key = hash_key(tmp_path)

    assert hash_key(tmp_path) == key
    assert len(key) == 32
    assert (tmp_path / "hash.key").stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["hash.key"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The cause is said in one line."""
    with pytest.raises(Invalid, match="cannot be kept"):
        hash_key(tmp_path / "nowhere")


def test_a_fingerprint_cannot_be_had_without_the_key() -> None:
    """Four digits could be tried out else."""
    said = turn("t1", "4539")

    assert fingerprint(said, b"a" * 32) != fingerprint(said, b"b" * 32)
    assert fingerprint(said, b"a" * 32) == fingerprint(said, b"a" * 32)
