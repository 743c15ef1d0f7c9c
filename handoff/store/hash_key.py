"""The key of the hashes by which repeats are told: without it nobody can guess what was hashed."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from handoff.domain.errors import Invalid

_BYTES = 32


def hash_key(folder: Path) -> bytes:
    """Return the key that lies in `folder`, made at the first call; raise Invalid if it cannot be.

    Processes with one database need one key: they share the folder, or are told it by a setting.
    """
    path = folder / "hash.key"
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"the key {path} cannot be kept: {error.strerror}") from None


def _make(path: Path) -> None:
    """Put a new key there whole, unless another process was first."""
    opened, beside = tempfile.mkstemp(dir=path.parent, prefix=".hash-")  # readable by us alone
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(opened)
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        os.unlink(beside)
