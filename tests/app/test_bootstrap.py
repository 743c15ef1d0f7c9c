"""Settings become a service, or a sentence about what is wrong with them."""

import base64
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from handoff import bootstrap
from handoff.bootstrap import (
    TENANT,
    build,
    connected,
    ids,
    killer,
    load_settings,
    opened,
    policy_of,
)
from handoff.domain.audit import SYSTEM
from handoff.domain.errors import Invalid, PolicyInvalid
from handoff.domain.ports import Transaction
from handoff.services.detectors import Written
from handoff.services.points import POINTS
from handoff.services.policies import activate, add
from handoff.settings import Settings
from tests import fakes

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def test_every_setting_says_what_it_is_for() -> None:
    """A description each: the document's table and `--help` are made of them."""
    assert all(field.description for field in Settings.model_fields.values())


def test_the_environment_sets_and_a_command_line_overrules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """HANDOFF_ and the field's name; what a command was told stands above it."""
    monkeypatch.setenv("HANDOFF_PORT", "9000")
    monkeypatch.setenv("HANDOFF_DISPOSITIONS", '{"billing": ["refund"]}')

    settings = load_settings(data_dir=tmp_path, port=None)

    assert (settings.port, settings.data_dir) == (9000, tmp_path)
    assert settings.dispositions == {"billing": ("refund",)}
    assert load_settings(port=9001).port == 9001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("LEASE_S", "-1"),
        ("KILLPOINT", "x"),
        ("WEBHOOK_URL", "https://a.test"),
        ("DISPOSITIONS", "{"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """In one line, with its cause."""
    monkeypatch.setenv(f"HANDOFF_{name}", value)

    with pytest.raises(Invalid) as wrong:
        load_settings()

    assert name.lower() in wrong.value.message.lower()


def test_a_secret_is_never_shown() -> None:
    """Neither the settings nor what is wrong with them print it."""
    bad = "whsec_" + base64.b64encode(b"short").decode()
    told = {"webhook_url": "https://a.test/", "webhook_secret": bad}
    settings = Settings.model_validate(told)

    with pytest.raises(Invalid) as wrong, connected(settings):
        pass

    assert bad not in repr(settings) + str(wrong.value)


def test_configured_connectors_are_made(tmp_path: Path) -> None:
    """The desk always; the others as their settings are there."""
    told = {"outbox_dir": tmp_path, "webhook_url": "https://a.test/", "webhook_secret": SECRET}

    with connected(Settings()) as alone, connected(Settings.model_validate(told)) as all_of_them:
        assert list(alone) == ["desk"]
        assert list(all_of_them) == ["desk", "outbox_dir", "webhook"]


def test_a_policy_file_is_read_or_its_mistakes_told(tmp_path: Path) -> None:
    """An unreadable file and a wrong one are told apart."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: handoff-policy/1\nnaame: x\n")

    with pytest.raises(PolicyInvalid, match="naame"):
        policy_of(Settings(policy_file=wrong))
    with pytest.raises(Invalid, match="cannot be read"):
        policy_of(Settings(policy_file=tmp_path / "absent.yaml"))


def test_ids_ascend_and_cannot_be_guessed() -> None:
    """Sorted as made, even in the same instant and when the clock steps back."""
    clock = fakes.Clock()
    new_id = ids(clock)

    made = [new_id("esc") for _ in range(1_000)]
    clock.forward(-60)
    made += [new_id("esc") for _ in range(10)]

    assert made == sorted(made)
    assert len({identity[-16:] for identity in made}) == len(made)


def test_a_point_that_does_not_exist_is_refused() -> None:
    """A fault test that would never end the process is a mistake."""
    with pytest.raises(Invalid, match=POINTS[0]):
        killer("before_lunch:1")


def test_the_process_ends_at_the_nth_passing_of_its_point() -> None:
    """SIGKILL, so that nothing is tidied up; other points do not count."""
    program = (
        "from handoff.bootstrap import killer\n"
        "at = killer('after_turn:2')\n"
        "at('after_open'); at('after_turn'); print('alive', flush=True); at('after_turn')\n"
        "print('still alive')"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout) == (-9, b"alive\n")


def test_a_service_that_was_stopped_can_be_built_again(tmp_path: Path) -> None:
    """The same folder, a fresh service: what was stored is there."""
    settings = Settings(data_dir=tmp_path)
    build(settings).stop()

    with opened(settings) as deps:
        assert deps.store.read("default", lambda tx: tx.access.keys()) == ()


def test_a_policy_in_force_outlives_the_process_and_reaches_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built again, a service has it from its first turn; one that runs beside follows soon."""
    monkeypatch.setattr(bootstrap, "RENEWED_S", 0.02)
    settings = Settings(data_dir=tmp_path)
    beside = build(settings)
    beside.start()
    written = Written.load("schema: handoff-policy/1\nname: mine\n")

    with opened(settings) as deps:

        def work(tx: Transaction) -> None:
            add(tx, written, by=SYSTEM, at=deps.clock())
            version = written.policy.version
            activate(tx, deps.detectors.configured, version, "x", by=SYSTEM, at=deps.clock())

        deps.store.write(TENANT, work)
    with opened(settings) as deps:
        assert deps.detectors.of(TENANT).policy.name == "mine"
    waiting = Event()
    tries = (waiting.wait(0.02) for _ in range(500))
    found = any(beside.deps.detectors.of(TENANT).policy.name == "mine" for _ in tries)
    beside.stop()
    assert found
