"""Source mutation: ``python -m benchmarks.mutation [--sample N] [--seed N] [--only arithmetic] [--json]``.

Each mutant is one change of one expression (a comparison, an operator, a constant, a negation, a branch) in one module.
It is put in the place of the module when a child process imports it, no file is touched, and the child runs the tests
of the module, then (another child) those of its group, until one fails.  A mutant is killed by a failing test, by an
error, or by more than `SECONDS` of processor time (`DIRECT_SECONDS`); one that passes them all survives, and is listed.

Mutants are too many for all of them to be run each time: `--sample` takes that many of each group, by seed.  The score
is given as it is, and without the survivors that `benchmarks.equivalent_mutants` explains one by one.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import itertools
import os
import resource
import signal
import sys
import time
import types
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.equivalent_mutants import KINDS, SURVIVORS
from benchmarks.mutants import ROOT, Mutant, mutants, mutated

#: Processor time and memory of a child: a mutant may well run for ever, or fill the machine.
SECONDS, MEMORY = 60, 4 << 30
#: Processor time of the direct tests, which take two seconds at most.
DIRECT_SECONDS = 20

#: Modules by group, and the tests of the group.
_ARITHMETIC_TESTS = ("test_roots", "test_enclosure", "test_ball", "test_arithmetic", "test_driver")
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
    "models": (tuple(f"theorems/models/{name}.py" for name in ("linear", "relu", "transformer")), _NETWORK_TESTS),
    "beyond": (
        tuple(f"theorems/adaptation/{name}.py" for name in (
            "construction", "factorisations", "linear", "midpoint_flag", "newton")),
        _BEYOND_TESTS,
    ),
    "constructions": (
        tuple(f"theorems/texts/zeng_lee/{name}.py" for name in (
            "relu/construction", "relu/partition", "transformer/construction", "linear/linear_models")),
        _CLAIM_TESTS,
    ),
}  # fmt: skip
#: Direct tests of one module, milliseconds each: they run first, without the project's conftest and plugins.
_DIRECT = {
    "test_ball_answers": ("arithmetic/ball", "arithmetic/ball_spectra"),
    "test_enclosure_ends": ("arithmetic/enclosure",),
    "test_exact_answers": tuple(f"arithmetic/{name}" for name in (
        "base", "field", "fractions_", "objects", "rational")),
    "test_exact_decisions": tuple(f"arithmetic/{name}" for name in (
        "base", "elimination", "field", "fractions_", "roots")),
    "test_root_answers": tuple(f"arithmetic/{name}" for name in ("roots", "field", "fractions_", "objects")),
    "test_float_answers": ("arithmetic/base", "arithmetic/float64"),
    "test_digits_answers": ("arithmetic/multiprecision",),
    "test_adapters": ("adaptation/linear", "texts/zeng_lee/linear/linear_models"),
    "test_model_answers": ("models/linear", "models/relu"),
    "test_network_answers": ("texts/zeng_lee/relu/construction", "models/relu"),
    "test_threshold_answers": ("texts/zeng_lee/relu/partition", "texts/zeng_lee/relu/construction"),
    "test_transformer_answers": ("texts/zeng_lee/transformer/construction", "models/transformer"),
    "test_chain_answers": tuple(f"adaptation/{name}" for name in (
        "construction", "midpoint_flag", "factorisations", "newton")),
}  # fmt: skip
OWN: dict[str, tuple[str, ...]] = {
    f"theorems/{path}.py": tuple(test for test, paths in _DIRECT.items() if path in paths)
    for path in dict.fromkeys(itertools.chain.from_iterable(_DIRECT.values()))
}
_ALONE = ("-c", os.devnull, "--rootdir", str(ROOT), "--noconftest", "-W", "error")

@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: "killed", "timeout" (which is killed, too) or "survived"."""

    mutant: Mutant
    result: str
    seconds: float


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


def run(mutant: Mutant | None, tests: Sequence[str], *, alone: bool = False) -> Outcome:
    """Run the tests in a child process in which the mutant is the module; None runs them as they are.

    With `alone` the child loads no plugin and no conftest, which takes longer than direct tests do.
    """
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        _child(mutant, tests, alone)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - begin
    shown = mutant or Mutant("", 0, 0, 0, "", "")
    if os.WIFSIGNALED(status):
        stopped = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        return Outcome(shown, "timeout" if stopped else "killed", seconds)
    return Outcome(shown, "survived" if os.WEXITSTATUS(status) == 0 else "killed", seconds)


def _child(mutant: Mutant | None, tests: Sequence[str], alone: bool) -> None:
    """Never returns."""
    code = 1
    try:
        seconds = DIRECT_SECONDS if alone else SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(ROOT)
        sys.path.insert(0, str(ROOT))
        if mutant is not None:
            sys.meta_path.insert(0, _Import(mutant))
        if alone:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        import pytest

        paths = [str(path) for name in tests for path in Path("tests").rglob(f"{name}.py")]
        options = [*_ALONE] if alone else ["-p", "no:xdist"]
        imported = "ignore::pytest.PytestAssertRewriteWarning"  # the parent has imported Hypothesis already
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *options, "-W", imported, *paths]))
    finally:
        os._exit(code)


def tried(mutant: Mutant, group: str, *, direct: bool = False) -> Outcome:
    """The outcome after the direct tests of the module and, where they let it live, those of its group."""
    first = run(mutant, OWN[mutant.path], alone=True)
    if direct or first.result != "survived":
        return first
    second = run(mutant, GROUPS[group][1])
    return Outcome(mutant, second.result, first.seconds + second.seconds)


def sampled(group: str, count: int | None, seed: int) -> list[Mutant]:
    """The mutants of a group, or that many of them by seed."""
    everything = [mutant for path in GROUPS[group][0] for mutant in mutants(path)]
    if count is None or count >= len(everything):
        return everything
    return sorted(Random(seed).sample(everything, count), key=lambda m: (m.path, m.line, m.node))


def tally(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Run, killed, and the survivors: those that have a reason to live, by kind, and those that have none."""
    explained: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    unexplained = []
    for outcome in outcomes:
        if outcome.result == "survived":
            kind, reason = SURVIVORS.get(outcome.mutant.key, ("", ""))
            shown = asdict(outcome.mutant)
            if reason:
                explained[kind].append(shown | {"reason": reason})
            else:
                unexplained.append(shown)
    killed = sum(outcome.result != "survived" for outcome in outcomes)
    return {"run": len(outcomes), "killed": killed, "explained": explained, "survivors": unexplained}


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
    parser.add_argument("--direct", action="store_true", help="the direct tests of each module alone, and no others")
    parser.add_argument("--json", action="store_true", help="print an object, and nothing else")
    arguments = parser.parse_args()
    for name in ("numpy", "scipy.optimize", "hypothesis", "flint", "mpmath", "pytest", "rich", "_pytest.python"):
        importlib.import_module(name)  # once, and not in every child
    results: dict[str, Any] = {}
    for group in [arguments.only] if arguments.only else GROUPS:
        paths, tests = GROUPS[group]
        unchanged = [run(None, own, alone=True) for own in sorted({OWN[path] for path in paths})]
        if not arguments.direct:
            unchanged.append(run(None, tests))
        if any(outcome.result != "survived" for outcome in unchanged):
            print(f"benchmarks.mutation: the tests of {group} fail without a mutant: mend them first", file=sys.stderr)
            return 2
        outcomes = []
        for mutant in sampled(group, arguments.sample, arguments.seed):
            outcomes.append(tried(mutant, group, direct=arguments.direct))
            if not arguments.json:
                _print(outcomes[-1])
        results[group] = {"mutants": sum(len(mutants(path)) for path in paths)} | tally(outcomes)
        if not arguments.json:
            _print_score(group, results[group])
    if arguments.json:
        from theorems.report.printing import print_json

        print_json(results)
    return 0


def _print(outcome: Outcome) -> None:
    m = outcome.mutant
    result = SURVIVORS[m.key][0] if outcome.result == "survived" and m.key in SURVIVORS else outcome.result
    print(f"{result:10} {outcome.seconds:5.1f} s  {m.path}:{m.line}  {m.place[:100]} -> {m.after[:60]!r}", flush=True)


def _print_score(group: str, result: dict[str, Any]) -> None:
    run, killed, left = result["run"], result["killed"], len(result["survivors"])
    equivalent = len(result["explained"]["equivalent"])
    shares = [killed / max(1, run), killed / max(1, run - equivalent), killed / max(1, killed + left)]
    raw, sound, best = (f"{share:.1%}" for share in shares)
    print(f"{group}: {killed} of {run} killed: {raw}, {sound} without the {equivalent} equivalent ones, "
          f"{best} without all that are explained", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
