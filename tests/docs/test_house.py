"""ARCHITECTURE.md holds: its table names every module, and nothing is imported against it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGES = ("theorems",)


def rooms() -> dict[str, tuple[list[str], set[str]]]:
    """The modules of each room, and the rooms that it may import."""
    found = {}
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and "`" in cells[1]:
            found[cells[0]] = (re.findall(r"`([\w.]+)`", cells[1]), {w for w in re.split(r",\s*", cells[3]) if w})
    return found


ROOMS = rooms()
#: The room of each module prefix; a package by itself is its top alone ("theorems"), or all the rest ("strategies").
PLACES = {module: room for room, (modules, _) in ROOMS.items() for module in modules}


def room_of(module: str) -> str:
    """The room with the longest matching name; "" for none."""
    parts = module.split(".")
    for length in range(len(parts), 1, -1):
        room = PLACES.get(".".join(parts[:length]))
        if room is not None:
            return room
    return PLACES["theorems"] if module == "theorems" else ""


def modules() -> list[Path]:
    here = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    linked = sorted(Path("theorems") / path.relative_to(ROOT) for path in (ROOT / "strategies").rglob("*.py"))
    return list(dict.fromkeys([*here, *linked]))  # `rglob` follows links under some versions of Python only


def name_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported anywhere in a tree; ``from package import module`` counts as that module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                path = ROOT / Path(*inner.split("."))
                yield inner if path.is_dir() or path.with_suffix(".py").exists() else node.module


def offences(name: str, tree: ast.AST) -> list[str]:
    """The imports of a module that its room may not make."""
    room = room_of(name)
    allowed = {room, *ROOMS[room][1]}
    found = []
    for other in imported(tree):
        head = other.split(".")[0]
        target = head if head in ("hypothesis", "tests", "benchmarks", "docs") else ""
        if head in PACKAGES:
            target = room_of(other)
        if (target or head in PACKAGES) and target not in allowed:
            found.append(f"{name} ({room}) imports {other} ({target or 'no room'})")
    return found


def test_every_module_has_a_room() -> None:
    assert [name_of(path) for path in modules() if not room_of(name_of(path))] == []


def test_every_room_and_module_of_the_table_is_there() -> None:
    for room, (names, allowed) in ROOMS.items():
        assert allowed <= {*ROOMS, "hypothesis"}, room
        for name in names:
            path = ROOT / Path(*name.split("."))
            assert path.is_dir() or path.with_suffix(".py").exists(), name


def test_nothing_is_imported_against_the_table() -> None:
    found = [line for path in modules() for line in offences(name_of(path), ast.parse((ROOT / path).read_bytes()))]
    assert found == []


def test_rooms_import_one_way() -> None:
    """No two rooms may import each other, and no circle of them: each can be read before those that build on it."""
    order = TopologicalSorter({room: allowed - {"hypothesis"} for room, (_, allowed) in ROOMS.items()})
    assert set(order.static_order()) == set(ROOMS)


def test_every_arrow_of_the_table_is_there() -> None:
    found = {
        (room_of(name_of(path)), room_of(other))
        for path in modules()
        for other in imported(ast.parse((ROOT / path).read_bytes()))
        if other.split(".")[0] in PACKAGES
    }
    written = {(room, other) for room, (_, allowed) in ROOMS.items() for other in allowed - {"hypothesis"}}
    assert written - found == set()


def test_the_engine_prints_nothing() -> None:
    """It emits events; commands, bars and pytest watch."""
    for path in sorted((ROOT / "strategies" / "engine").glob("*.py")):
        tree = ast.parse(path.read_bytes())
        assert not any(name.startswith(("rich", "theorems.report.print")) for name in imported(tree)), path.name
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        assert not names & {"print", "say", "complain"}, path.name


def test_theorems_never_import_strategies_or_hypothesis() -> None:
    for room, (names, allowed) in ROOMS.items():
        if not names[0].startswith("theorems.strategies") and room not in ("commands", "text commands"):
            assert not allowed & {"strategies", "search", "variants", "cases", "plugin"}, room
            assert room == "loading" or "hypothesis" not in allowed, room
    loading = ast.parse((ROOT / "theorems" / "loading.py").read_bytes())
    assert not any("hypothesis" in name for node in loading.body if _is_import(node) for name in imported(node))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("theorems.texts.textbook.new", "from theorems.commands import printing"),
        ("theorems.texts.zeng_lee.new", "def f():\n    from theorems import strategies"),
        ("theorems.arithmetic.new", "from hypothesis import given"),
        ("theorems.evidence.new", "from theorems.report.printing import say"),
        ("theorems.strategies.new", "import tests.docs.test_house"),
        ("theorems.strategies.search.new", "from benchmarks import run"),
        ("theorems.judge.driver", "from theorems import evidence"),
    ],
)
def test_an_import_against_the_table_is_seen(name: str, code: str) -> None:
    assert offences(name, ast.parse(code))


def test_the_places_to_add_something_exist() -> None:
    for path in re.findall(r"`((?:theorems|strategies|benchmarks|docs)/[\w/.]+)`", TEXT):
        assert (ROOT / path).exists(), path


def test_the_example_text_is_known_to_nothing_outside_its_folder() -> None:
    """Adding a text changes no file of the tool: none names it, and the entry point is in its own distribution."""
    example = ROOT / "examples" / "matrix-folklore"
    point = 'folklore = "matrix_folklore.text:TEXT"'
    assert point in (example / "pyproject.toml").read_text(encoding="utf-8")
    rooms = [ROOT / name for name in ("theorems", "strategies", "benchmarks")]
    files = [path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".json", ".toml", ".txt")]
    files += [ROOT / "pyproject.toml", ROOT / "conftest.py", ROOT / "MANIFEST.in"]
    assert len(files) > 500
    assert [str(path) for path in files if b"folklore" in path.read_bytes().lower()] == []


CLOCKS = {"time", "perf_counter", "process_time", "thread_time", "monotonic", "perf_counter_ns", "monotonic_ns"}


def asserted_times(tree: ast.AST) -> list[int]:
    """The lines that read a clock, but for those of a loop that waits for something, with an end."""
    waiting = {id(inner) for loop in ast.walk(tree) if isinstance(loop, ast.While) for inner in ast.walk(loop)}
    deadlines = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "end"
        for inner in ast.walk(node)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr in CLOCKS) == ("time", True) and id(node) not in waiting | deadlines
    ]  # fmt: skip


def test_no_test_asserts_a_time() -> None:
    """On a busy machine it would be red: what is measured is a benchmark, what grows is counted."""
    trees = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").glob("**/*.py")}
    assert {name: lines for name, tree in trees.items() if (lines := asserted_times(tree))} == {}
    assert asserted_times(ast.parse("begin = time.perf_counter()\nassert time.perf_counter() - begin < 1")) == [1, 2]


ORDERS = """
import importlib, sys
from theorems import strategies
names = sorted(set(strategies.__all__) & set(strategies._NAMES))
assert len(names) >= 2, names
for name in names:
    importlib.import_module(f"theorems.strategies.{name}")
    exec(f"from theorems.strategies import {name} as found")
    assert callable(found), name
"""


def test_a_public_name_is_not_hidden_by_the_module_of_that_name() -> None:
    done = subprocess.run([sys.executable, "-c", ORDERS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
