"""Which file system a path lies on: what Linux tells of it, and what is no place for SQLite."""

from pathlib import Path

import pytest

from handoff.cli.filesystems import afar

TOLD = r"""overlay / overlay rw,relatime 0 0
server:/export /srv/data nfs4 rw,vers=4.2 0 0
/dev/sdb1 /srv/data/fast ext4 rw 0 0
//files/share /mnt/my\040files cifs rw 0 0
s3fs /mnt/bucket fuse.s3fs rw 0 0
/dev/sdc1 /mnt/stick fuseblk rw 0 0
host /mnt/host 9p rw,trans=virtio 0 0
nonsense
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """Return a file that tells of mounts as Linux does."""
    file = tmp_path / "mounts"
    file.write_text(TOLD, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/data", "nfs4"),
        ("/srv/data/not/there/yet/handoff.db", "nfs4"),
        ("/srv/data/fast/handoff.db", ""),
        ("/srv/database", ""),
        ("/mnt/my files/handoff", "cifs"),
        ("/mnt/bucket/x", "fuse.s3fs"),
        ("/mnt/stick/x", ""),
        ("/mnt/host/x", "9p"),
        ("/mnt/../srv/data/x", "nfs4"),
    ],
)
def test_the_nearest_mount_counts(mounts: Path, path: str, kind: str) -> None:
    """A disk under a network folder is a disk; a name that only begins alike is elsewhere."""
    assert afar(Path(path), mounts) == kind


def test_a_link_lies_where_it_leads(mounts: Path, tmp_path: Path) -> None:
    """Not where it was made."""
    link = tmp_path / "data"
    link.symlink_to("/srv/data")

    assert afar(link / "handoff.db", mounts) == "nfs4"


def test_where_nothing_is_told_nothing_is_wrong(tmp_path: Path) -> None:
    """Other systems have no such file."""
    assert afar(Path("/srv/data"), tmp_path / "none") == ""
    assert afar(Path("/proc")) == ""
