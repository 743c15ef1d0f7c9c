"""The wheel: installed outside the checkout it has all it needs and does the main job."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.e2e


def checked(*command: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; fail with that if it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    checked(sys.executable, *build, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scripts' folder of a fresh environment with the wheel in it.

    Its dependencies are those of this environment, seen through a .pth file: fetching them again
    would test the network. What must not be seen is the checkout, so the import is checked.
    """
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False)
    scripts, paths = home / "bin", sysconfig.get_paths()
    site = Path(
        checked(
            scripts / "python", "-c", "import site; print(site.getsitepackages()[0])", cwd=home
        ).strip()
    )
    pip = ("-m", "pip", "--python", scripts / "python", "install", "--no-deps", "--no-index")
    checked(sys.executable, *pip, "--quiet", "--disable-pip-version-check", wheel, cwd=home)
    (site / "dependencies.pth").write_text(f"{paths['purelib']}\n", encoding="utf-8")
    found = checked(scripts / "python", "-c", "import handoff; print(handoff.__file__)", cwd=home)
    assert Path(found.strip()).is_relative_to(site)
    return scripts


def outside() -> dict[str, str]:
    """Return an environment that knows nothing of the checkout."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TERM": "dumb"}


def test_the_wheel_holds_what_is_not_python(wheel: Path) -> None:
    """Templates, policy, phrase packs, conversations and documents travel with the code."""
    names = ZipFile(wheel).namelist()

    assert "handoff/_templates/cards/card.html" in names
    assert "handoff/detection/default.yaml" in names
    assert "handoff/cli/samples/demo.jsonl" in names
    assert "handoff/OPERATING.md" in names
    assert any(name.startswith("connectors/") for name in names)
    assert not [name for name in names if name.startswith("tests")]


def test_the_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    """`handoff --version` runs anywhere."""
    assert checked(installed / "handoff", "--version", cwd=tmp_path, env=outside()).startswith(
        "handoff "
    )


def test_the_demo_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """The main job, from the wheel, in a folder that has nothing."""
    shown = checked(installed / "handoff", "demo", cwd=tmp_path, env=outside())

    assert "escalate" in shown
    assert "control_lost" in shown
