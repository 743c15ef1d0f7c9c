"""Cards as files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.outbox_dir import OutboxDir
from handoff.domain.connector import Outbound, Parcel
from handoff.domain.errors import ConnectorError
from handoff.outbound import GuardedClient
from tests.parcels import escalation, parcel

NOWHERE: Outbound = GuardedClient()


def made(folder: Path) -> OutboxDir:
    """Return the connector for a folder."""
    return OutboxDir(OutboxDir.Config(folder=folder), NOWHERE)


def test_each_form_of_the_card_is_a_file(tmp_path: Path) -> None:
    """Whoever looks finds text, Markdown, HTML and JSON, and nothing half written."""
    made(tmp_path).deliver(parcel())

    names = sorted(path.name for path in (tmp_path / "esc_1").iterdir())
    assert names == [f"opened-dlv_1.{ending}" for ending in ("html", "json", "md", "txt")]
    assert json.loads((tmp_path / "esc_1" / "opened-dlv_1.json").read_text())["schema"]


def test_events_have_files_of_their_own(tmp_path: Path) -> None:
    """An update does not overwrite what was sent before."""
    made(tmp_path).deliver(parcel("dlv_1", "opened"))
    made(tmp_path).deliver(parcel("dlv_2", "updated"))

    assert len(list(tmp_path.rglob("*.json"))) == 2


def test_it_looks_for_the_file_that_is_written_last(tmp_path: Path) -> None:
    """A delivery that was cut short in the middle counts as not there."""
    connector = made(tmp_path)
    receipt = connector.deliver(parcel())
    assert connector.look_up(parcel()) == receipt

    (tmp_path / "esc_1" / "opened-dlv_1.json").unlink()
    assert connector.look_up(parcel()) is None


@pytest.mark.parametrize("hostile", ["../up", "/abs", "a/b", "..", "", "nul\0", "c:d", "ü"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, hostile: str) -> None:
    """Nothing is written outside the folder, whatever an id says."""
    folder = tmp_path / "in"
    sent: Parcel = replace(parcel(), escalation=escalation(hostile))

    with pytest.raises(ConnectorError) as caught:
        made(folder).deliver(sent)

    assert not caught.value.retryable
    assert list(tmp_path.rglob("*.json")) == []


def test_a_folder_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    """A disk that is full or gone today may be there tomorrow."""
    (tmp_path / "esc_1").write_text("a file is in the way")

    with pytest.raises(ConnectorError) as caught:
        made(tmp_path).deliver(parcel())

    assert caught.value.retryable
    assert not caught.value.unknown
