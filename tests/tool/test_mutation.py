"""The mutation runner: it changes one expression, and nothing that is for readers only."""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from collections import Counter
from fractions import Fraction

from benchmarks.equivalent_mutants import KINDS, SURVIVORS, TABLE
from benchmarks.mutants import ROOT, Mutant, mutants, mutated
from benchmarks.mutation import GROUPS, OWN, Outcome, sampled, tally

PATH = "theorems/arithmetic/elimination.py"


def module_of(mutant: Mutant) -> types.ModuleType:
    """The module with the change in it."""
    module = types.ModuleType("changed")
    exec(mutated(mutant), module.__dict__)
    return module


def test_every_mutant_is_another_program() -> None:
    found = mutants(PATH)
    assert len(found) > 50
    for mutant in found:
        assert mutant.before != mutant.after
        mutated(mutant)


def test_a_mutant_is_the_change_that_it_says() -> None:
    """rank counts the pivots; returning None, or one more column, is another rank."""
    (changed,) = [m for m in mutants(PATH) if m.before.startswith("return len(eliminate(") and m.after == "return None"]
    rows = [[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]]
    assert module_of(changed).rank(rows) is None
    (changed,) = [m for m in mutants(PATH) if m.before == "factor * pivot"]
    assert changed.after == "factor + pivot"
    assert module_of(changed).determinant([[Fraction(3)]]) == 4


def test_what_is_for_readers_is_not_changed() -> None:
    for path in (path for paths, _ in GROUPS.values() for path in paths):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        raising = {n.lineno for n in ast.walk(tree) if isinstance(n, ast.Raise) and n.lineno == n.end_lineno}
        assert not raising & {mutant.line for mutant in mutants(path)}


def test_a_sample_is_a_function_of_the_seed() -> None:
    assert sampled("arithmetic", 7, 1) == sampled("arithmetic", 7, 1) != sampled("arithmetic", 7, 2)
    assert len(sampled("beyond", None, 0)) == sum(len(mutants(path)) for path in GROUPS["beyond"][0])


def test_the_tests_of_the_groups_and_of_each_module_exist() -> None:
    for paths, tests in GROUPS.values():
        assert all((ROOT / path).is_file() for path in paths)
        own = {name for path in paths for name in OWN[path]}
        assert all(len([*(ROOT / "tests").rglob(f"{name}.py")]) == 1 for name in own | set(tests))
    assert set(OWN) == {path for paths, _ in GROUPS.values() for path in paths}


def test_a_mutant_is_known_by_its_place() -> None:
    (found,) = [m for m in mutants(PATH) if m.before == "factor * pivot"]
    assert found.scope == "determinant"
    assert found.place == "return «factor * pivot» if len(pivots) == len(A) else Fraction(0)"
    assert found.key == (PATH, "determinant", found.place, "factor + pivot")
    long = next(m for m in mutants(PATH) if m.before.startswith("if found is None"))
    assert (long.scope, long.place) == ("eliminate", "«if found is None:»")


def test_survivors_that_are_explained_are_mutants() -> None:
    """A row whose line has changed explains nothing: look again whether the mutant lives, and why."""
    paths = {row["path"] for row in TABLE}
    known = Counter(mutant.key for path in paths for mutant in mutants(path))
    stale = [key for key in SURVIVORS if not known[key]]
    assert not stale, stale
    assert len(SURVIVORS) == len(TABLE)
    assert all(row["kind"] in KINDS and row["reason"] for row in TABLE)


def test_the_tally_keeps_what_is_explained_apart() -> None:
    row = TABLE[0]
    explained = Mutant(row["path"], 1, 1, 0, "", row["after"], row["scope"], row["place"])
    other = Mutant(PATH, 1, 1, 0, "1", "2", "", "x = «1»")
    outcomes = [Outcome(explained, "survived", 1.0), Outcome(other, "survived", 1.0), Outcome(other, "killed", 1.0),
                Outcome(explained, "killed", 1.0), Outcome(other, "timeout", 9.0)]  # fmt: skip
    found = tally(outcomes)
    assert (found["run"], found["killed"], len(found["survivors"])) == (5, 3, 1)
    assert found["survivors"][0]["place"] == "x = «1»"
    assert [r["reason"] for r in found["explained"][row["kind"]]] == [row["reason"]]
    assert sum(map(len, found["explained"].values())) == 1


DIRECT = """
from benchmarks.mutants import mutants
from benchmarks.mutation import OWN, run
path = "theorems/arithmetic/enclosure.py"
(mutant,) = [m for m in mutants(path) if m.before == "self.low + other.low"]
print(run(mutant, OWN[path], alone=True).result, run(None, OWN[path], alone=True).result)
"""


def test_a_mutant_dies_of_a_direct_test_and_the_source_does_not() -> None:
    """In another process: here the module has been imported as it is."""
    done = subprocess.run([sys.executable, "-c", DIRECT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["killed", "survived"]
