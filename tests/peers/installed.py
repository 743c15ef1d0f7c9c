"""`python -m tests.peers.installed`: get what the real peers need from Debian, and say what."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = {
    "request-tracker5": "/usr/share/request-tracker5/libexec/rt-server",
    "rt5-db-sqlite": "/usr/share/doc/rt5-db-sqlite",
    "rt5-standalone": "/usr/share/doc/rt5-standalone",
    "sip-tester": "/usr/bin/sipp",
    "curl": "/usr/bin/curl",
    "openssl": "/usr/bin/openssl",
}
"""Debian's package to what it brings."""


def missing() -> list[str]:
    """Return the packages that are not there."""
    return [name for name, place in PACKAGES.items() if not Path(place).exists()]


def main() -> None:
    """Install what is missing, where that can be done; what cannot be is skipped by its tests."""
    wanted = missing()
    if not wanted:
        print("peers: everything is there")
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(f"peers: {', '.join(wanted)} not installed: needs Debian and root; skipped")
        return
    print(f"peers: installing from Debian, some minutes: {', '.join(wanted)} …", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "capture_output": True}
    subprocess.run(["apt-get", "update"], check=False, **quiet)  # type: ignore[call-overload] # keywords
    install = ["apt-get", "install", "-y", "--no-install-recommends", *wanted]
    done = subprocess.run(install, check=False, text=True, **quiet)  # type: ignore[call-overload] # keywords
    left = missing()
    if left:
        print(f"peers: {', '.join(left)} cannot be installed here; skipped\n{done.stderr[-500:]}")


if __name__ == "__main__":
    main()
