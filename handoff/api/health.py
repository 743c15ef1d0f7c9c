"""Whether the service lives, whether it can work, and its figures for Prometheus."""

from collections.abc import Callable, Iterable
from datetime import datetime

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import json_answer
from handoff.domain.delivery import Clock
from handoff.domain.errors import HandoffError
from handoff.domain.finding import Damage
from handoff.domain.ports import Store
from handoff.domain.worklist import Worklist
from handoff.services.deps import Deps

router = APIRouter(tags=["health"], route_class=Guarded)
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", summary="The process lives")
async def healthz() -> Response:
    """Return that it does: nothing is asked of anything else."""
    return json_answer({"status": "ok"})


@router.get("/readyz", summary="What the service depends on, and whether it is there")
def readyz(request: Request) -> Response:
    """Return 200 when it can work, else 503, with each dependency.

    `degraded` says in words what makes deliveries slower than they should be; turns are accepted
    all the same, and nothing is lost by it.
    """
    store: Store = request.app.state.deps.store
    told: dict[str, JsonValue] = {
        "database_reads": _tried(lambda: store.read_any(lambda work: work.ping())),
        "database_writes": _tried(lambda: store.write_any(lambda work: work.ping())),
        "engine": "ok" if request.app.state.running else "not running",
    }
    ready = all(value == "ok" for value in told.values())
    if degraded := request.app.state.trouble():
        told["degraded"] = degraded
    return json_answer({"ready": ready, **told}, 200 if ready else 503)


@router.get("/metrics", summary="Figures in the text format of Prometheus")
def metrics(request: Request) -> Response:
    """Return gauges; none of them names anybody."""
    deps: Deps = request.app.state.deps
    registry = CollectorRegistry()
    registry.register(Gauges(deps))
    return Response(generate_latest(registry), media_type=TEXT)


class Gauges(Collector):
    """Reads the figures when they are asked for."""

    def __init__(self, deps: Deps) -> None:
        """Read from the store of `deps`."""
        self._deps = deps

    def collect(self) -> Iterable[Metric]:
        """Yield escalations and deliveries by state, ages, and open incidents."""
        counts, oldest = self._deps.store.read_any(_figures)
        for kind, what in (("escalations", "Open"), ("deliveries", "Unconfirmed")):
            family = GaugeMetricFamily(f"handoff_{kind}", f"{what} {kind}.", labels=["state"])
            for name, value in counts.items():
                about, _, state = name.partition("_")
                if about == kind:
                    family.add_metric([state], value)
            yield family
        ages = GaugeMetricFamily(
            "handoff_oldest_undelivered_seconds",
            "Age of the oldest delivery that is not settled.",
            labels=["clock"],
        )
        for clock, since in oldest.items():
            age = (self._deps.clock() - since).total_seconds() if since else 0.0
            ages.add_metric([clock.value], age)
        yield ages
        live = oldest[Clock.LIVE]
        yield GaugeMetricFamily(
            "handoff_oldest_undelivered_live_seconds",
            "Age of the oldest live handoff that is not delivered: alert on this one.",
            value=(self._deps.clock() - live).total_seconds() if live else 0.0,
        )
        yield from _audited(self._deps)
        resting = self._deps.store.read_any(lambda work: work.resting(self._deps.clock()))
        yield GaugeMetricFamily(
            "handoff_resting_accounts",
            "Accounts at connectors that nothing is sent to for now.",
            value=len(resting),
        )
        open_now = self._deps.store.read_any(lambda work: work.open_incidents())
        yield GaugeMetricFamily("handoff_incidents", "Open incidents.", value=open_now)


def _audited(deps: Deps) -> Iterable[Metric]:
    """Yield what the auditor found and has not mended, and how often it mended something."""
    counts = deps.store.read_any(lambda work: work.auditing.counts())
    stuck = GaugeMetricFamily(
        "handoff_stuck", "What the auditor found and cannot mend.", labels=["damage"]
    )
    mends = CounterMetricFamily("handoff_mended", "What it mended.", labels=["damage"])
    for damage in Damage:
        stuck.add_metric([damage.value], counts.get((damage, False), 0))
        mends.add_metric([damage.value], counts.get((damage, True), 0))
    yield from (stuck, mends)


def _figures(work: Worklist) -> tuple[dict[str, int], dict[Clock, datetime | None]]:
    return work.counts(), {clock: work.oldest_undelivered(clock) for clock in Clock}


def _tried(ask: Callable[[], None]) -> str:
    try:
        ask()
    except HandoffError as error:
        return error.code
    return "ok"
