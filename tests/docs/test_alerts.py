"""The alerts to set: every expression names series that a service really has."""

from pathlib import Path

import re2
from prometheus_client.parser import text_string_to_metric_families

from handoff.bootstrap import Settings, build
from tests import fakes
from tests.docs.documents import OPERATING, section
from tests.serving import Served

ROW = re2.compile(r"(?m)^\| `([^`]+)`")
SERIES = re2.compile(r'(handoff_[a-z_]+)(?:\{([a-z]+)="([a-z_]+)"\})?')
BY = re2.compile(r"by \(([a-z]+)\)")


def alerts() -> list[str]:
    """Return the expressions."""
    return list(ROW.findall(section(OPERATING, "Alerts")))


def series(folder: Path) -> set[tuple[str, str, str]]:
    """Return each series of a service: its name alone, and with each of its labels."""
    service = build(Settings(data_dir=folder), connectors={"desk": fakes.Recorder()})
    with Served(service.app) as served, served.client() as nobody:
        text = nobody.get("/metrics").text
    found = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {(one.name, "", "") for one in found} | {
        (one.name, label, word) for one in found for label, word in one.labels.items()
    }


def test_each_alert_names_series_that_are_there(tmp_path: Path) -> None:
    """With the labels they have; and each expression is whole."""
    there = series(tmp_path)
    told = alerts()

    assert 4 <= len(told) <= 6
    for alert in told:
        named = SERIES.findall(alert)
        assert named, alert
        assert {tuple(part or "" for part in one) for one in named} <= there, alert
        labels = {label for name, label, _ in there if name == named[0][0]}
        assert {*BY.findall(alert)} <= labels, alert
        assert alert.count("(") == alert.count(")"), alert
