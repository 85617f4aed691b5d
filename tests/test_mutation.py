"""The mutation runner: it changes one expression, and nothing that is for readers only."""

from __future__ import annotations

import ast
import types
from fractions import Fraction

from benchmarks import mutation
from benchmarks.mutation import GROUPS, ROOT, Mutant, mutants, mutated, sampled

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


def test_the_tests_of_the_groups_exist() -> None:
    for paths, tests in GROUPS.values():
        assert all((ROOT / path).is_file() for path in paths)
        assert all((mutation.ROOT / "tests" / f"{name}.py").is_file() for name in tests)
