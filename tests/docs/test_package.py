"""What is shipped: the wheel is the tree, the source distribution can run its tests, and both say what they are."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from theorems.__main__ import COMMANDS

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CITATION.cff", "LICENSE")
#: Folders at the top that are no part of the project: what git ignores, and git's own.
IGNORED = shutil.ignore_patterns(
    "__pycache__", "*.egg-info", "build", "dist", "theorems-findings", ".git", ".venv", ".hypothesis", ".*_cache"
)


def files_in(folder: Path, *below: str) -> set[str]:
    """The files of a tree, links to folders followed, as they are named in an archive."""
    return {
        str((Path(top) / name).relative_to(folder))
        for part in below
        for top, _, names in os.walk(folder / part, followlinks=True)
        for name in names
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    """A copy of the tree, the folder with what was built of it, and what the builder printed."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("build is not installed: pip install -e '.[test]'")
    if int(importlib.metadata.version("setuptools").partition(".")[0]) < 77:
        pytest.skip("setuptools is older than pyproject.toml asks for: pip install -e '.[test]'")
    tree, out = tmp_path_factory.mktemp("tree") / "copy", tmp_path_factory.mktemp("dist")
    shutil.copytree(ROOT, tree, symlinks=True, ignore=IGNORED)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(tree)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield tree, out, done.stdout + done.stderr
    shutil.rmtree(tree)


def test_the_build_warns_of_nothing(built: tuple[Path, Path, str]) -> None:
    assert [line for line in built[2].splitlines() if re.search(r"warn|deprecat", line, re.IGNORECASE)] == []


def test_the_wheel_has_what_the_tree_has(built: tuple[Path, Path, str]) -> None:
    tree, out, _ = built
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if not name.endswith("/")}
    ours = {name for name in shipped if ".dist-info/" not in name}
    assert ours == {name for name in files_in(tree, "theorems") if "__pycache__" not in name}
    assert len(ours) > 600
    assert {name.partition("/")[0] for name in ours} == {"theorems"}  # nothing stands in anybody's way
    assert [name for name in shipped if name.endswith("licenses/LICENSE")]


def test_the_source_distribution_can_run_its_tests(built: tuple[Path, Path, str], tmp_path: Path) -> None:
    tree, out, _ = built
    (source,) = out.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    folders = (".ci", "benchmarks", "docs", "strategies", "tests", "theorems")
    shipped = {name for name in files_in(unpacked, *folders) if "__pycache__" not in name}
    assert shipped == {name for name in files_in(tree, *folders) if "__pycache__" not in name}
    assert {path.name for path in unpacked.iterdir()} >= {path.name for path in tree.iterdir()}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/docs/test_house.py"]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_said_of_it(built: tuple[Path, Path, str]) -> None:
    (wheel,) = built[1].glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said: Message = message_from_string(archive.read(name).decode())
    assert said["License-Expression"] == "MIT"
    assert said["Author"] == "The theorem checker contributors"
    assert said["Keywords"]
    assert "Programming Language :: Python :: 3.13" in said.get_all("Classifier", [])
    assert said.get_all("Project-URL") is None
    assert said["Home-page"] is None


def test_the_readme_has_no_link_that_leads_out_of_the_repository() -> None:
    """It is read where the repository is not: on the page of a package index, say."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((?!https?://)[^)]*\)", text) == []
    for path in re.findall(r"`((?:docs|tests|theorems|strategies|benchmarks)/[\w./-]+|[A-Z]+\.md)`", text):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_of_a_package_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 400


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = re.findall(r"^## ([\w.]+)(?:, (\d{4}-\d\d-\d\d))?$", changes, re.MULTILINE)
    assert dated[0] == ("Unreleased", "") or dated[0][0] == version
    released = [(number, day) for number, day in dated if number != "Unreleased"]
    assert released[0][0] == version
    assert all(day for _, day in released)


def test_every_command_is_named_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name, _, _ in COMMANDS if not re.search(rf"theorems\s+{name}\b", text)] == []
