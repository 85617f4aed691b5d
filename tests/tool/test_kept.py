"""What is kept between processes says what the sources say: whatever is in the cache, digests are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from theorems import forms, kept

ROOT = Path(__file__).parents[2]
SOURCE = '''
def helper(A, num):
    return num.trace(A)


def statement(case, num):
    """A docstring."""
    (A,) = case.matrices
    yield conclude(at_most(helper(A, num), 0), "tr(A) <= 0")
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forms.forms.cache_clear()
    return tmp_path / "cache" / "theorem-checker" / "forms"


def again(source: str = SOURCE) -> object:
    """The forms as another process would have them."""
    forms.forms.cache_clear()
    return forms.forms(source)


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(source: str) -> object:
        raise AssertionError("the source was parsed again")

    monkeypatch.setattr(forms, "definitions", parsed)


def test_the_second_process_parses_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = again()
    assert {name for rows in forms.forms(SOURCE).values() for name, _ in rows} == {"helper", "statement"}
    assert len([*folder.iterdir()]) == 1
    refuse(monkeypatch)
    assert again() == first
    with pytest.raises(AssertionError, match="parsed again"):
        again(SOURCE.replace("<=", "<"))  # a changed file has another name in the cache
    with monkeypatch.context() as other:
        other.setattr(forms, "_version", lambda: "another Python, or another version of the project")
        with pytest.raises(AssertionError, match="parsed again"):
            again()


def test_the_version_is_that_of_python_and_of_the_code() -> None:
    assert sys.version in forms._version()
    assert len(forms._version().split()[0]) == 64


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "changed": lambda path: path.write_bytes(path.read_bytes().replace(b"trace", b"frace")),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\0" * 100),
    "of another file": lambda path: path.write_bytes(other_file(path)),
    "a directory": directory,
    "anybody may write it": lambda path: path.chmod(0o666),
    "unreadable": lambda path: path.chmod(0),
}


def other_file(path: Path) -> bytes:
    """What is kept of another source, checksum and all."""
    again("def statement(case, num):\n    return 1\n")
    return next(p.read_bytes() for p in path.parent.iterdir() if p != path)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_is_damaged_is_as_good_as_none(damage: str, folder: Path) -> None:
    first = again()
    (path,) = folder.iterdir()
    DAMAGE[damage](path)
    assert again() == first
    assert again() == first  # and after it was written again, where that was possible


def test_a_file_that_anybody_may_write_is_not_read(folder: Path) -> None:
    again()
    (path,) = folder.iterdir()
    assert kept.read("forms", path.name) is not None
    path.chmod(0o666)
    assert kept.read("forms", path.name) is None


@pytest.mark.parametrize("home", ["relative", "{file}", "/proc/self/nowhere", "/dev/null"])
def test_without_a_directory_nothing_is_kept_and_nothing_fails(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = again()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setenv("XDG_CACHE_HOME", home.format(file=tmp_path / "file"))
    assert again() == again() == expected
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert kept.folder() is None
    assert again()


def test_the_oldest_files_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 4)
    for position in range(5):
        kept.write("forms", f"{position}", "text")
        os.utime(folder / f"{position}", (position, position))
    kept.write("forms", "5", "text")
    assert {path.name for path in folder.iterdir()} <= {"3", "4", "5"}
    assert kept.read("forms", "5") == "text"


DIGESTS = "from theorems.catalogue import CLAIMS; print([claim.digest for claim in CLAIMS if 'theorem-5' in claim.key])"


def test_digests_are_the_same_with_and_without_and_the_package_stays_as_it_is(tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (ROOT / "theorems").rglob("*")}

    def digests(home: str) -> str:
        environment = {**os.environ, "XDG_CACHE_HOME": home, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
        assert done.stderr == ""
        return done.stdout

    none, cold, warm = digests("relative"), digests(str(tmp_path)), digests(str(tmp_path))
    assert len(none) > 64 * 3
    assert none == cold == warm
    assert len([*(tmp_path / "theorem-checker" / "forms").iterdir()]) > 10
    assert {path: path.stat().st_mtime_ns for path in (ROOT / "theorems").rglob("*")} == before
