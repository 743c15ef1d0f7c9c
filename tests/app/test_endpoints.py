"""The file of connectors: names, owners, and secrets that lie elsewhere."""

from pathlib import Path

import pytest

from handoff.bootstrap import Settings, build
from handoff.domain.errors import Invalid
from handoff.endpoints import endpoints_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FILE = """
connectors:
  acme_hook:
    connector: webhook
    tenant: acme
    endpoint: ep_acme
    settings: {url: "https://acme.example/hook", secret: {env: ACME_SECRET}}
  other_hook:
    connector: webhook
    settings: {url: "https://other.example/hook", secret: {file: secret.txt}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of two endpoints whose secrets are there."""
    monkeypatch.setenv("ACME_SECRET", SECRET)
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n", encoding="utf-8")
    path = tmp_path / "connectors.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_secrets_come_from_the_environment_and_from_files(file: Path) -> None:
    """The file itself holds none."""
    told = {each.name: each.settings["secret"] for each in endpoints_of(file)}

    assert told == {"acme_hook": SECRET, "other_hook": SECRET}


def test_a_tenant_has_its_own_endpoints_and_those_of_all(file: Path, tmp_path: Path) -> None:
    """What belongs to one tenant is nobody else's, out and in."""
    service = build(Settings(data_dir=tmp_path, connectors_file=file))

    names = {one: set(service.deps.connectors_for(one)) for one in ("acme", "default")}
    service.stop()

    assert names["acme"] - names["default"] == {"acme_hook"}
    assert "other_hook" in names["default"]
    assert service.app.state.endpoints["ep_acme"] == "acme"


@pytest.mark.parametrize(
    ("line", "instead", "why"),
    [
        ("    endpoint: ep_acme\n", "", "'acme_hook' needs an endpoint"),
        ("https://acme.example/hook", "nowhere", "settings of the connector 'acme_hook'"),
    ],
)
def test_a_connector_that_cannot_work_is_named_as_it_is_configured(
    file: Path, tmp_path: Path, line: str, instead: str, why: str
) -> None:
    """One without an endpoint of its tenant's would be called back at another's."""
    file.write_text(FILE.replace(line, instead), encoding="utf-8")

    with pytest.raises(Invalid, match=why):
        build(Settings(data_dir=tmp_path, connectors_file=file))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("connectors: [", "no YAML"),
        ("connectors: {x: {connector: nothing}}", "no connector 'nothing'"),
        ("connectors: {desk: {}}", "another name"),
        ("connectors: {wh_crm: {connector: webhook}}", "registered webhooks"),
        ("connectors: {webhook2: {connector: webhook, hunter2: 1}}", "hunter2"),
        (
            "connectors: {w: {connector: webhook, settings: {secret: {env: NOPE_1}}}}",
            "w: secret: the variable NOPE_1",
        ),
        ("connectors: {w: {connector: webhook, settings: {secret: {file: gone}}}}", "gone"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, why: str) -> None:
    """What is wrong, and in which file."""
    file = tmp_path / "c.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(Invalid, match="HANDOFF_CONNECTORS_FILE") as caught:
        endpoints_of(file)

    assert why in caught.value.message
