"""Twenty false claims, by the command `theorems hunt` and by plain Hypothesis: whole processes, imports included.

z3 gets those of polynomials, at the smallest dimension in which they are false.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.false_claims import CASES
from benchmarks.measure import Row, stopwatch
from theorems.loading import load_claims
from theorems.strategies.search.hunt import hunt

OURS = Path(__file__).with_name("false_claims.py")
#: Wall-clock seconds for one run of either side.
PATIENCE = 60.0


def side_by_side(*, most: int | None = None) -> list[Row]:
    """A row for each claim, and what they come to."""
    names = list(CASES)[:: 1 if most is None else max(1, -(-len(CASES) // most))]
    runs = {name: (_ours(name), _plain(name), _solver(name)) for name in names}
    rows, ratios, firsts = [], [], []
    for name, (ours, plain, solver) in runs.items():
        ratio = plain["cpu"] / ours["cpu"] if plain["found"] and ours["found"] else float("nan")
        note = f"{_said(ours)}, certified; Hypothesis: {_said(plain)}, in floats; z3: {solver}"
        rows.append(Row(f"    {name}: CPU, Hypothesis / theorems", ratio, "x", ratio, ratio, 1, note=note))
        if ratio == ratio:
            ratios.append(ratio)
            firsts.append(plain["first"] / max(ours["first"], 1e-3))
    sides = [[run[0] for run in runs.values()], [run[1] for run in runs.values()]]
    found = [sum(run["found"] for run in side) for side in sides]
    smaller = sum(ours["form"] <= plain["form"] for ours, plain, _ in runs.values() if ours["found"] and plain["found"])
    cpu = [statistics.median(run["cpu"] for run in side) for side in sides]
    summary = [
        Row("False claims found and certified", found[0], f"of {len(names)}", found[0], found[0], 1, goal=len(names),
            note=f"plain Hypothesis found {found[1]}, in floats; ours were no larger in {smaller} of {len(ratios)}"),
    ]  # fmt: skip
    if ratios:
        summary += [
            Row("Whole command, CPU: Hypothesis / theorems, median", statistics.median(ratios), "x", min(ratios),
                max(ratios), 1, goal=1, note=f"medians {cpu[1]:.2f} against {cpu[0]:.2f} s, imports and shrinking in"),
            Row("First hit: Hypothesis / theorems, median", statistics.median(firsts), "x", min(firsts), max(firsts), 1,
                goal=1, note="inside the process; ours is a conviction in two exact arithmetics"),
        ]  # fmt: skip
    return [*summary, *rows]


def _said(run: dict[str, Any]) -> str:
    if not run["found"]:
        return f"not found in {run['cpu']:.1f} s"
    size, filled = run["form"]
    return f"{run['cpu']:.2f} s, first hit {run['first']:.2f} s, {size} x {size} with {filled} entries"


def _process(words: Sequence[str], folder: str) -> tuple[str, float]:
    """What a process prints, and the CPU that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        environment = os.environ | {"PYTHONPATH": str(OURS.parents[1])}
        out = subprocess.run(
            [sys.executable, *words], capture_output=True, text=True, cwd=folder, timeout=PATIENCE, check=False,
            env=environment,
        ).stdout  # fmt: skip
    except subprocess.TimeoutExpired:
        out = ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ours(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        words = ["-m", "theorems", "hunt", f"{OURS}::{name}", "--seconds", "20", "--json"]
        _, cpu = _process(words, folder)
        files = list(Path(folder).rglob("*.json"))
        form = _form(json.loads(files[0].read_text())["case"]["fields"]["matrices"]) if files else (0, 0)
    claim = load_claims(str(OURS)).claim(name)
    first = hunt(claim, CASES[name], seconds=20, shrink=False).seconds
    return {"found": bool(files), "cpu": cpu, "first": first, "form": form}


def _form(matrices: Any) -> tuple[int, int]:
    """The largest dimension, and how many entries are not zero."""
    entries = [entry for matrix in matrices for row in matrix["entries"] for entry in row]
    return max(max(matrix["shape"]) for matrix in matrices), sum(entry != "0" for entry in entries)


def _plain(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out, cpu = _process(["-m", "benchmarks.false_claims_plain", name], folder)
    found = json.loads(out) if out else {"found": False, "first": float("inf"), "size": 0, "filled": 0}
    return {"found": found["found"], "cpu": cpu, "first": found["first"], "form": (found["size"], found["filled"])}


# z3 -----------------------------------------------------------------------------------------------------------------

Square = list[list[Any]]


def _solver(name: str) -> str:
    """How long z3 takes for a counterexample, as people read it."""
    if name not in POLYNOMIAL:
        return "does not apply"
    try:
        import z3
    except ImportError:
        return "not installed"
    n, violated = POLYNOMIAL[name]
    letters = iter(range(10_000))
    solver = z3.Solver()
    solver.set("timeout", int(1000 * PATIENCE))

    def matrix() -> Square:
        return [[z3.Real(f"x{next(letters)}") for _ in range(n)] for _ in range(n)]

    solver.add(*violated(matrix))
    answers: list[str] = []
    seconds = stopwatch(lambda: answers.append(str(solver.check())))
    return f"{seconds:.2f} s at {n} x {n}" if answers == ["sat"] else f"{answers[0]} after {seconds:.0f} s at {n} x {n}"


def _times(A: Square, B: Square) -> Square:
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*B, strict=True)] for row in A]


def _plus(A: Square, B: Square, factor: int = 1) -> Square:
    return [[a + factor * b for a, b in zip(x, y, strict=True)] for x, y in zip(A, B, strict=True)]


def _trace(A: Square) -> Any:
    return sum(A[i][i] for i in range(len(A)))


def _determinant(A: Square) -> Any:
    if len(A) == 1:
        return A[0][0]
    minors = ([row[:j] + row[j + 1 :] for row in A[1:]] for j in range(len(A)))
    return sum((-1) ** j * A[0][j] * _determinant(minor) for j, minor in enumerate(minors))


def _flat(A: Square) -> list[Any]:
    return [entry for row in A for entry in row]


def _turned(A: Square) -> Square:
    return [list(column) for column in zip(*A, strict=True)]


def _zero(A: Square) -> list[Any]:
    return [entry == 0 for entry in _flat(A)]


def _not_zero(A: Square) -> list[Any]:
    return [sum(entry * entry for entry in _flat(A)) > 0]


def _gram(A: Square) -> Square:
    return _times(A, _turned(A))


def _negative(A: Square, x: Sequence[Any]) -> list[Any]:
    return [sum(a * x[i] * x[j] for i, row in enumerate(A) for j, a in enumerate(row)) < 0]


def _symmetric(make: Callable[[], Square]) -> Square:
    A = make()
    return [[A[min(i, j)][max(i, j)] for j in range(len(A))] for i in range(len(A))]


def _one(n: int) -> Square:
    return [[int(i == j) for j in range(n)] for i in range(n)]


def _two(violated: Callable[[Square, Square], list[Any]]) -> Callable[[Callable[[], Square]], list[Any]]:
    return lambda make: violated(make(), make())


def _centred(make: Callable[[], Square]) -> list[Any]:
    A = _symmetric(make)
    mean = _trace(A) / 3
    return [_determinant([[a - mean * int(i == j) for j, a in enumerate(row)] for i, row in enumerate(A)]) > 0]


#: By name: the dimension, and the constraints of a counterexample.
POLYNOMIAL: dict[str, tuple[int, Callable[[Callable[[], Square]], list[Any]]]] = {
    "trace_of_a_product": (2, _two(lambda A, B: [_trace(_times(A, B)) > _trace(A) * _trace(B)])),
    "products_commute": (2, _two(lambda A, B: _not_zero(_plus(_times(A, B), _times(B, A), -1)))),
    "determinants_add": (2, _two(lambda A, B: [_determinant(_plus(A, B)) != _determinant(A) + _determinant(B)])),
    "norm_below_traces": (
        2, lambda make: (lambda A, B: [
            sum(x * x for x in _flat(_times(A, B))) > _trace(A) * _trace(A) * _trace(B) * _trace(B)
        ])(_symmetric(make), _symmetric(make)),
    ),
    "symmetric_products": (
        2, lambda make: (lambda A, B: _not_zero(_plus(_times(A, B), _times(B, A), -1)))(
            _symmetric(make), _symmetric(make)
        ),
    ),
    "anticommutator": (
        2, lambda make: (lambda A, B, X: _negative(_plus(_times(A, B), _times(B, A)), X[0]))(
            _gram(make()), _gram(make()), make()
        ),
    ),
    "singular_sums": (
        2, _two(lambda A, B: [_determinant(A) == 0, _determinant(B) == 0, _determinant(_plus(A, B)) != 0]),
    ),
    "orthogonal_is_symmetric": (
        2, lambda make: (lambda A: [
            *_zero(_plus(_gram(A), _one(2), -1)), *_not_zero(_plus(A, _turned(A), -1))
        ])(make()),
    ),
    "nilpotent_is_zero": (2, lambda make: (lambda A: [*_zero(_times(A, A)), *_not_zero(A)])(make())),
    "idempotent_is_symmetric": (
        2, lambda make: (lambda A: [*_zero(_plus(_times(A, A), A, -1)), *_not_zero(_plus(A, _turned(A), -1))])(make()),
    ),
    "determinant_without_trace": (3, _centred),
    "trace_squared": (
        4, lambda make: (lambda A: [_trace(A) * _trace(A) > 3 * _trace(_times(A, A))])(_symmetric(make)),
    ),
    "squares_are_monotone": (
        2, lambda make: (lambda A, C, X: _negative(
            _plus(_times(_plus(A, C), _plus(A, C)), _times(A, A), -1), X[0]
        ))(_gram(make()), _gram(make()), make()),
    ),
    "purity": (
        3, lambda make: (lambda A: [_trace(A) * _trace(A) > 2 * _trace(_times(A, A))])(_gram(make())),
    ),
    "hadamard_bound": (
        3, lambda make: (lambda A: [_determinant(A) > 3, *(x * x <= 1 for x in _flat(A))])(make()),
    ),
}  # fmt: skip


if __name__ == "__main__":
    begin = time.perf_counter()
    from benchmarks.run import table

    print("\n".join(table(side_by_side())), f"\n{time.perf_counter() - begin:.0f} s")
