"""Source mutation: ``python -m benchmarks.mutation [--sample N] [--seed N] [--only arithmetic] [--json]``.

Each mutant is one change of one expression (a comparison, an operator, a constant, a negation, a branch) in one module.
It is put in the place of the module when a child process imports it, no file is touched, and the child runs those tests
that are there for the module, quick ones first, until one fails.  A mutant is killed by a failing test, by an error, or
by more than `SECONDS` of processor time; one that passes them all survives, and is listed.

Mutants are too many for all of them to be run each time: `--sample` takes that many of each group, by seed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import os
import resource
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Processor time and memory of a child: a mutant may well run for ever, or fill the machine.
SECONDS, MEMORY = 120, 4 << 30

#: Modules by group, and the tests that are there for them, the quick ones first.
_ARITHMETIC_TESTS = ("test_roots", "test_enclosure", "test_ball", "test_arithmetic", "test_driver", "test_judge")
_NETWORK_TESTS = ("test_networks", "test_transformers", "test_relu_claims", "test_transformer_claims")
_BEYOND_TESTS = ("test_midpoint_flag", "test_beyond_claims")
_CLAIM_TESTS = (
    "test_relu_claims", "test_transformer_claims", "test_networks", "test_transformers", "test_linear_strategies",
)  # fmt: skip
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "arithmetic": (
        tuple(f"theorems/arithmetic/{name}.py" for name in (
            "ball", "ball_spectra", "base", "elimination", "enclosure", "field", "float64", "fractions_",
            "multiprecision", "objects", "rational", "roots")),
        _ARITHMETIC_TESTS,
    ),
    "models": (tuple(f"theorems/{name}.py" for name in ("models", "networks", "transformers")), _NETWORK_TESTS),
    "beyond": (
        tuple(f"theorems/beyond/{name}.py" for name in ("construction", "midpoint_flag", "factorisations", "newton")),
        _BEYOND_TESTS,
    ),
    "constructions": (
        tuple(f"theorems/expressive_power/{name}.py" for name in (
            "adapters", "relu_construction", "relu_partition", "transformer_construction", "linear_models")),
        _CLAIM_TESTS,
    ),
}  # fmt: skip

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CHANGED = (
    ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.If, ast.Constant, ast.Return,
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the number of the expression in the module, and which of its changes."""

    path: str
    line: int
    node: int
    choice: int
    before: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: "killed", "timeout" (which is killed, too) or "survived"."""

    mutant: Mutant
    result: str
    seconds: float


def mutants(path: str) -> list[Mutant]:
    """All mutants of a module, but for docstrings, annotations, messages of exceptions and ``zip(strict=True)``."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    spared = set(_spared(tree))
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in spared:
            continue
        for choice, changed in enumerate(_changes(node)):
            words = ast.unparse(node), ast.unparse(changed)
            found.append(Mutant(path, getattr(node, "lineno", 0), number, choice, *words))
    return found


def _spared(tree: ast.AST) -> Iterator[int]:
    """The nodes inside what is for readers only."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Raise | ast.JoinedStr):
            parts = [node]
        if isinstance(node, ast.FunctionDef):
            parts = [node.returns, *(a.annotation for a in [*node.args.args, *node.args.kwonlyargs])]
            if node.name.startswith(("show", "__str__", "__repr__")):
                parts.append(node)
        if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: the lengths agree, or it is an error
            parts = [node]
        if isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts = [node]
        for part in parts:
            if part is not None:
                yield from (id(inner) for inner in ast.walk(part))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The changes of one node, each a copy."""
    if not isinstance(node, _CHANGED):
        return
    result: Any = copy.deepcopy(node)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        result.ops[0] = _COMPARISONS[type(node.ops[0])]()
        yield result
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        result.op = _OPERATORS[type(node.op)]()
        yield result
    elif isinstance(node, ast.BoolOp):
        result.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield result
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield result.operand
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), result.test), result.body, result.orelse)
    elif isinstance(node, ast.If):
        result.test = ast.UnaryOp(ast.Not(), result.test)
        yield result
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))


def mutated(mutant: Mutant) -> types.CodeType:
    """The code of the module with the change."""
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    target = list(ast.walk(tree))[mutant.node]
    changed = list(_changes(target))[mutant.choice]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list):
                setattr(parent, name, [changed if item is target else item for item in value])
    return compile(ast.fix_missing_locations(tree), str(ROOT / mutant.path), "exec")


class _Import(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutated code when the module is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.path.removesuffix(".py").replace("/", ".")
        self.path = str(ROOT / mutant.path)
        self.code = mutated(mutant)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=self.path)
        spec.has_location = True
        return spec

    def get_source(self, fullname: str) -> str:
        return Path(self.path).read_text(encoding="utf-8")

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.code, module.__dict__)


def run(mutant: Mutant | None, tests: Sequence[str]) -> Outcome:
    """Run the tests in a child process in which the mutant is the module; None runs them as they are."""
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        _child(mutant, tests)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin
    shown = mutant or Mutant("", 0, 0, 0, "", "")
    if os.WIFSIGNALED(status):
        stopped = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        return Outcome(shown, "timeout" if stopped else "killed", seconds)
    return Outcome(shown, "survived" if os.WEXITSTATUS(status) == 0 else "killed", seconds)


def _child(mutant: Mutant | None, tests: Sequence[str]) -> None:
    """Never returns."""
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(ROOT)
        sys.path.insert(0, str(ROOT))
        if mutant is not None:
            sys.meta_path.insert(0, _Import(mutant))
        import pytest

        paths = [f"tests/{name}.py" for name in tests]
        imported = "ignore::pytest.PytestAssertRewriteWarning"  # the parent has imported Hypothesis already
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", imported, *paths]))
    finally:
        os._exit(code)


def sampled(group: str, count: int | None, seed: int) -> list[Mutant]:
    """The mutants of a group, or that many of them by seed."""
    everything = [mutant for path in GROUPS[group][0] for mutant in mutants(path)]
    if count is None or count >= len(everything):
        return everything
    return sorted(Random(seed).sample(everything, count), key=lambda m: (m.path, m.line, m.node))


def main() -> int:
    """Print the score of each group and its survivors; 2 where the tests fail without a mutant."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mutation",
        description="How many changes of the source the tests notice.",
        epilog="example: python -m benchmarks.mutation --only arithmetic --sample 100",
    )
    parser.add_argument("--only", choices=list(GROUPS), help="one of the groups")
    parser.add_argument("--sample", type=int, help="mutants of each group (all)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another sample (0)")
    parser.add_argument("--json", action="store_true", help="print an object, and nothing else")
    arguments = parser.parse_args()
    for name in ("numpy", "scipy.optimize", "hypothesis", "flint", "mpmath", "pytest", "rich", "_pytest.python"):
        importlib.import_module(name)  # once, and not in every child
    results: dict[str, Any] = {}
    for group in [arguments.only] if arguments.only else GROUPS:
        tests = GROUPS[group][1]
        if run(None, tests).result != "survived":
            print(f"benchmarks.mutation: the tests of {group} fail without a mutant: mend them first", file=sys.stderr)
            return 2
        outcomes = []
        for mutant in sampled(group, arguments.sample, arguments.seed):
            outcomes.append(run(mutant, tests))
            if not arguments.json:
                _print(outcomes[-1])
        killed = sum(outcome.result != "survived" for outcome in outcomes)
        results[group] = {
            "mutants": sum(len(mutants(path)) for path in GROUPS[group][0]),
            "run": len(outcomes),
            "killed": killed,
            "survivors": [asdict(outcome.mutant) for outcome in outcomes if outcome.result == "survived"],
        }
        if not arguments.json:
            print(f"{group}: {killed} of {len(outcomes)} killed ({killed / max(1, len(outcomes)):.1%})", flush=True)
    if arguments.json:
        from theorems.commands.printing import print_json

        print_json(results)
    return 0


def _print(outcome: Outcome) -> None:
    m = outcome.mutant
    change = f"{m.before} -> {m.after}".replace("\n", " ")
    print(f"{outcome.result:8} {outcome.seconds:5.1f} s  {m.path}:{m.line}  {change[:110]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
