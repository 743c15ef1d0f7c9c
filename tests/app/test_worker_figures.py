"""A worker's own figures, at a port of their own: it serves nothing else."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from handoff.api.figures import OWN
from handoff.bootstrap import Service, Settings, build
from handoff.domain.errors import Invalid
from handoff.worker import telling
from tests.benchmarks.servers import free_port


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Return what a worker is made of, with nothing running."""
    made = build(Settings(data_dir=tmp_path, metrics_port=free_port()))
    yield made
    made.stop()


def test_a_worker_tells_its_own_figures_while_it_works(service: Service) -> None:
    """Those of the database are told by the services; nothing listens after."""
    address = f"http://127.0.0.1:{service.settings.metrics_port}/metrics"
    service.deps.counts.stories.add("written")

    with telling(service):
        text = httpx.get(address).text
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)

    found = [*text_string_to_metric_families(text)]
    assert len(found) == len(OWN)
    assert 'handoff_stories_total{ended="written"} 1.0' in text


def test_a_port_that_another_has_is_told(service: Service) -> None:
    """In a line, with the address."""
    port = service.settings.metrics_port
    assert port is not None

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(Invalid, match=f"cannot listen at 127.0.0.1, port {port}"),
        telling(service),
    ):
        pass


def test_without_a_port_nothing_is_served(service: Service, tmp_path: Path) -> None:
    """As it was."""
    silent = build(Settings(data_dir=tmp_path / "other"))

    with telling(silent):
        pass

    silent.stop()
