"""On which file system a path lies, and whether that one is reached through a network."""

from pathlib import Path

MOUNTS = Path("/proc/mounts")
"""Where Linux tells what is mounted; elsewhere nothing is known."""
AFAR = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb3", "smbfs", "virtiofs",
    }
)  # fmt: skip
"""Types whose locks and syncs are another machine's, and may lie."""
USERLAND = "fuse."
"""What a program serves (`fuse.sshfs`, `fuse.s3fs`): nobody knows what it keeps."""
ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def afar(path: Path, mounts: Path | None = None) -> str:
    """Return the type of the network file system that a path lies on; empty if it lies on none.

    A path that is not there yet lies where its nearest folder does. `mounts` is read in place of
    what the machine tells. Raises OSError where a path cannot be followed.
    """
    kind = _kind(path.resolve(), _mounted(mounts or MOUNTS))
    return kind if kind in AFAR or kind.startswith(USERLAND) else ""


def _mounted(mounts: Path) -> dict[Path, str]:
    """Return mount point to type; of several at one point the last one counts."""
    if not mounts.exists():
        return {}
    lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line.split(" ") for line in lines]
    return {Path(_plain(one[1])): one[2] for one in told if len(one) > 2}


def _plain(text: str) -> str:
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


def _kind(path: Path, mounted: dict[Path, str]) -> str:
    return next((mounted[place] for place in (path, *path.parents) if place in mounted), "")
