"""``python -m benchmarks.adapters [--full] [--seeds N] [--plot FILE.png] [--json]``: constructions of adapters side by
side.

For each chain of frozen weights and each target: the midpoint flag, the midpoint flag with a Newton step, Lemma 9's
equation (8), and elimination.  Residuals are relative to the target in the Frobenius norm.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS = ("gaussian", "ill-conditioned", "low-rank change", "silero gates")
#: (label, method, Newton steps)
METHODS = (
    ("midpoint flag", "midpoint-flag", 0), ("  + Newton", "midpoint-flag", 1), ("lemma 9", "lemma-9", 0),
    ("elimination", "elimination", 0),
)  # fmt: skip
#: (D, L) in the short table, and those added with --full.
SIZES = ((16, 2), (16, 4), (16, 8), (64, 2), (64, 4), (64, 8))
LARGE = ((128, 8), (256, 8), (512, 2), (512, 4))
#: Condition number of an ill-conditioned weight: 10 to this power over L.
EXPONENT = 12.0
#: Real gates are 128 x 128.
GATE = 128


@dataclass(frozen=True)
class Line:
    """Medians over the seeds; `worst` is the largest exact residual among them.

    residual   of the layers added and multiplied in float64
    exact      of the stored float64 factors, evaluated in twice float64
    single     the same construction in float32, its factors evaluated in twice float64
    largest    max ||Delta W_l|| / ||W_l||
    condition  the largest condition number of a prefix (W_l + Delta W_l) ... (W_1 + Delta W_1)
    seconds    to construct, including the singular values of the change
    failed     how many seeds had no construction
    """

    kind: str
    D: int
    L: int
    method: str
    seeds: int
    residual: float
    exact: float
    worst: float
    single: float
    largest: float
    condition: float
    seconds: float
    failed: int


def problem(kind: str, D: int, L: int, seed: int) -> tuple[list[Floats], Floats, tuple[int, ...], int]:
    """Frozen weights, a target, ranks, and the rank of the change."""
    import numpy as np

    from theorems.strategies.laws import ill_conditioned
    from theorems.strategies.real.checkpoints import GATES, silero_gates

    generator = np.random.default_rng(seed)
    normal = generator.standard_normal
    r = D // 4 if kind == "low-rank change" else D
    ranks = tuple(r // L + (l < r % L) for l in range(L))
    if kind == "silero gates":
        gates = silero_gates("8k" if seed % 2 == 0 else "16k")
        names = [GATES[i] for i in generator.permutation(len(GATES))[:L]]
        weights = [np.array(gates[name]) for name in names]
        scale = np.linalg.norm(np.linalg.multi_dot(weights[::-1])) if L > 1 else np.linalg.norm(weights[0])
        return weights, normal((D, D)) * scale / D, ranks, r
    if kind == "ill-conditioned":
        weights = [ill_conditioned(generator, 1, D, D, exponent=EXPONENT / L)[0] for _ in range(L)]
    else:
        weights = [normal((D, D)) / np.sqrt(D) for _ in range(L)]
    P = np.eye(D)
    for W in weights:
        P = W @ P
    if r < D:
        return weights, P + normal((D, r)) @ normal((r, D)) / (D * np.sqrt(r)), ranks, r
    return weights, normal((D, D)) * max(float(np.linalg.norm(P)), 1e-300) / D, ranks, r


def line(kind: str, D: int, L: int, label: str, method: str, newton: int, seeds: Sequence[int]) -> Line:
    """One construction on one kind of problem."""
    import numpy as np

    from theorems import AdaptedChain, adapters
    from theorems.adaptation.double_double import residual
    from theorems.errors import InputError

    rows, failed = [], 0
    for seed in seeds:
        weights, target, ranks, r = problem(kind, D, L, seed)

        def made(weights: Any, target: Any, ranks: Any = ranks, r: int = r) -> AdaptedChain:
            return adapters(weights, target, ranks, method=method, newton=newton, rank=r)

        try:
            begin = time.perf_counter()
            result = made(weights, target)
            seconds = time.perf_counter() - begin
        except (InputError, np.linalg.LinAlgError):
            failed += 1
            continue
        try:
            small = made([W.astype(np.float32) for W in weights], target.astype(np.float32))
            difference = residual(small.frozen.weights, small.adapters, small.target)
            single = float(np.linalg.norm(difference) / np.linalg.norm(small.target))
        except (InputError, np.linalg.LinAlgError):
            single = float("inf")
        conditions = max(result.prefix_conditions)
        rows.append((result.residual, result.exact_residual, single, result.largest, conditions, seconds))
    if not rows:
        inf = float("inf")
        return Line(kind, D, L, label, len(seeds), inf, inf, inf, inf, inf, inf, inf, failed)
    residuals, exact, single, largest, condition, spent = (
        float(np.median(column)) for column in zip(*rows, strict=True)
    )
    worst = max(row[1] for row in rows)
    return Line(kind, D, L, label, len(seeds), residuals, exact, worst, single, largest, condition, spent, failed)


def lines(*, full: bool, seeds: int, kinds: Sequence[str] = KINDS) -> Iterator[Line]:
    """The whole table, the constructions of one problem next to each other."""
    for kind in kinds:
        sizes = ((GATE, 2), (GATE, 4), (GATE, 8)) if kind == "silero gates" else (*SIZES, *(LARGE if full else ()))
        for D, L in sizes:
            count = seeds if D <= 64 or full else min(seeds, 2)
            for label, method, newton in METHODS:
                if method == "elimination" and D > 16:  # in floats only for the record
                    continue
                yield line(kind, D, L, label, method, newton, range(count))


def plot(rows: Sequence[Line], path: str) -> None:
    """The exact residual against depth, one curve a construction and dimension, on Gaussian weights."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        raise SystemExit("benchmarks: --plot needs matplotlib: pip install 'theorem-checker[plots]'") from None
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for (label, *_), style in zip(METHODS[:3], ("o-", "s--", "^:"), strict=True):
        for D in sorted({row.D for row in rows if row.kind == "gaussian"}):
            chosen = ("gaussian", D, label)
            points = [(row.L, row.exact) for row in rows if (row.kind, row.D, row.method) == chosen]
            if len(points) > 1:
                axes.plot(*zip(*points, strict=True), style, label=f"{label.strip()}, D = {D}", lw=1.2, ms=4)
    axes.set(yscale="log", xlabel="depth L", ylabel="residual / target", title="Residual of stored float64 factors")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def table_line(row: Line) -> str:
    """One aligned line."""
    numbers = (row.residual, row.exact, row.worst, row.single, row.largest, row.condition)
    cells = "".join(f"{value:>10.1e}" for value in numbers)
    failed = f"  {row.failed} of {row.seeds} not formed" if row.failed else ""
    return f"{row.kind:<16}{row.D:>5}{row.L:>3}  {row.method:<14}{cells}{row.seconds:>9.3f} s{failed}"


HEAD = (
    f"{'weights':<16}{'D':>5}{'L':>3}  {'construction':<14}"
    + "".join(f"{name:>10}" for name in ("residual", "exact", "worst", "float32", "largest", "condition"))
    + f"{'time':>11}"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and write the plot where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adapters", description=__doc__)
    parser.add_argument("--full", action="store_true", help="D up to 512 as well: many minutes")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="problems of each kind (default 3)")
    parser.add_argument("--only", metavar="WORD", default="", help="only the kinds whose name contains WORD")
    parser.add_argument("--plot", metavar="FILE.png", help="residual against depth (needs matplotlib)")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")
    chosen = parser.parse_args(arguments)
    kinds = [kind for kind in KINDS if chosen.only in kind]
    if not kinds or chosen.seeds < 1:
        print(f"benchmarks: nothing to do: use --seeds of 1 or more and one of {', '.join(KINDS)}", file=sys.stderr)
        return 2
    rows = []
    if not chosen.json:
        print(HEAD)
    for row in lines(full=chosen.full, seeds=chosen.seeds, kinds=kinds):
        rows.append(row)
        if not chosen.json:
            print(table_line(row), flush=True)
    if chosen.json:
        from benchmarks.run import _finite
        from theorems.report.printing import print_json

        print_json([_finite(asdict(row)) for row in rows])
    if chosen.plot:
        plot(rows, chosen.plot)
    return 0


if __name__ == "__main__":
    from benchmarks.__main__ import THREADS

    os.environ.update(dict.fromkeys(THREADS, "1"))
    sys.exit(main())
