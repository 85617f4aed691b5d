"""Are the counterexamples of 130 false claims minimal, and the same from three seeds?

    python -m benchmarks.minimal [WORD ...]

The check knows nothing of how the search shrinks: it goes through all integer entries that are cheaper together than
those of the counterexample, at its size and at smaller ones, as far as `MOST` cases reach; what floats see fail is
judged exactly.  "partly" says that they do not reach.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from theorems.arithmetic import Rational
from theorems.arithmetic.float64 import Float64
from theorems.case import Array, CountCase, MatrixCase, arrays, fractions, map_arrays
from theorems.claim import Claim, Outcome
from theorems.domains import Domain, declared, leaves
from theorems.errors import InputError, Unsupported
from theorems.judge.driver import check
from theorems.judge.reads import reads
from theorems.loading import load_claims
from theorems.models.inputs import RandomVectorCase
from theorems.strategies.default import attack_on
from theorems.strategies.search.conviction import convict
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.projection import outside
from theorems.strategies.search.simplicity import cost_of, size_of

FILES = ("false_claims.py", "errata/products.py", "errata/spectra.py", "errata/functions.py", "errata/chance.py")
SEEDS, SECONDS = (0, 1, 2), 10.0
#: Cases of one structure that are gone through (a tenth of them of a smaller one), and structures.
MOST, STRUCTURES, ROWS = 300_000, 12, 4096
#: Of them, those that floats see fail and that are judged exactly.
JUDGED = 1000
#: Denominators of shares.
PARTS = 4

Options = list[tuple[int, tuple[Fraction, ...]]]


@dataclass(frozen=True)
class Checked:
    """A cheaper counterexample, where there is one, and whether all cheaper integer cases were gone through."""

    better: Any | None
    whole: bool

    @property
    def word(self) -> str:
        return "no" if self.better is not None else "minimal" if self.whole else "partly"


def minimal(claim: Claim, case: Any, domain: Domain) -> Checked:
    """Look for a counterexample of a smaller size, or of cheaper entries at the same size."""
    if isinstance(case, CountCase):
        return Checked(None, whole=False)
    whole = True
    for shaped in itertools.islice(_smaller(case), STRUCTURES):
        found = _cheaper(claim, shaped, domain, None)
        if found.better is not None:
            return found
    found = _cheaper(claim, case, domain, sum(cost_of(v) for leaf in arrays(case) for v in leaf.ravel().tolist()))
    return Checked(found.better, whole and found.whole)


def _smaller(case: Any) -> Iterator[Any]:
    """Cases of the same type and of smaller sizes, full of zeros, the smallest first."""

    def zeros(*shape: int) -> Array:
        return fractions(np.zeros(shape, dtype=np.int64))

    made: list[Any] = []
    if isinstance(case, RandomVectorCase):
        n = case.points.shape[1]
        for k, d in itertools.product(range(1, 6), range(1, n + 1)):
            made.append(RandomVectorCase(zeros(d, d), zeros(k, d), fractions(np.array([Fraction(1, k)] * k, object))))
    elif isinstance(case, MatrixCase):
        lengths = sorted({n for leaf in arrays(case) for n in leaf.shape})
        for new in itertools.product(*[range(1, n + 1) for n in lengths]):
            size = dict(zip(lengths, new, strict=True))
            made.append(map_arrays(case, lambda leaf, size=size: zeros(*(size[n] for n in leaf.shape))))  # type: ignore[misc]
    yield from sorted((one for one in made if size_of(one) < size_of(case)), key=size_of)


def _cheaper(claim: Claim, case: Any, domain: Domain, bound: int | None) -> Checked:
    """Among the cases of one structure, those whose entries cost less than `bound` in all."""
    slots = sorted(_slots(claim, case, domain, 8 if bound is None else bound), key=lambda slot: -len(slot[1]))
    width = sum(leaf.size for leaf in arrays(case))
    aim = bound if bound is not None else 40
    most = MOST if bound is not None else MOST // 10
    reach = sum(total <= most for total in itertools.accumulate(_counts(slots, aim)))
    table, costs = np.zeros((1, width)), np.zeros(1, dtype=np.int64)
    for places, every in slots:
        options = [option for option in every if option[0] < max(reach, 1)] or every[:1]
        prices = np.array([price for price, _ in options])
        values = np.array([[float(v) for v in chosen] for _, chosen in options]).reshape(len(options), len(places))
        kept, which = np.nonzero(costs[:, None] + prices < reach)
        table, costs = table[kept], costs[kept] + prices[which]
        table[:, places] = values[which]
    table = table[np.argsort(costs, kind="stable")]
    judged = 0
    for begin in range(0, len(table), ROWS):
        rows = table[begin : begin + ROWS]
        try:
            report = check(claim, _filled(case, rows), Float64(size=len(rows)))
        except (InputError, Unsupported, ZeroDivisionError, ValueError, IndexError):
            return Checked(None, whole=True)  # no case of the statement
        for row in rows[report.where(Outcome.FAILS)]:
            judged += 1
            if judged > JUDGED:
                return Checked(None, whole=False)
            candidate = map_arrays(_filled(case, row[None]), lambda array: fractions(_thirds(array[0])))
            if not outside(domain, candidate) and convict(claim, candidate) is not None:
                return Checked(candidate, whole=True)
    return Checked(None, whole=reach == aim)


def _thirds(array: Array) -> Array:
    """Shares as the fractions that they are meant to be."""
    result: Array = np.empty(array.shape, dtype=object)
    result[...] = np.frompyfunc(lambda value: Fraction(value).limit_denominator(12), 1, 1)(array)
    return result


def _filled(case: Any, rows: Array) -> Any:
    begin = 0

    def fill(array: Array) -> Array:
        nonlocal begin
        part = rows[:, begin : begin + array.size].reshape(len(rows), *array.shape)
        begin += array.size
        return part

    return map_arrays(case, fill)


def _slots(claim: Claim, case: Any, domain: Domain, bound: int) -> Iterator[tuple[list[int], Options]]:
    """Places that are filled together, and what they may be; entries of a symmetric matrix are."""
    names = {id(leaf): name for name, leaf in leaves(case) if isinstance(leaf, np.ndarray)}
    read = reads(claim, case, Rational())
    begin = 0
    for leaf in arrays(case):
        every, name = list(range(begin, begin + leaf.size)), names[id(leaf)]
        begin += leaf.size
        properties = (declared(case) + domain).of(name)
        if read and not any(name.startswith(one) for one in read):
            continue
        if "sums to one" in properties and leaf.ndim == 1:
            shares = {tuple(sorted(s)) for q in range(1, PARTS + 1) for s in _shares(len(leaf), q)}
            orders = {order for s in shares for order in itertools.permutations(s)}
            yield every, sorted((sum(map(cost_of, s)), s) for s in orders)
            continue
        tied = "symmetric" in properties or "positive semidefinite" in properties
        for i, place in enumerate(every):
            row, column = divmod(i, leaf.shape[-1]) if leaf.ndim == 2 else (0, 0)
            if tied and column < row:
                continue
            group = [place, every[column * leaf.shape[-1] + row]] if tied and column > row else [place]
            options: Options = [
                (cost_of(value) * len(group), (value,) * len(group))
                for n in range(bound + 1) for value in dict.fromkeys((Fraction(n), Fraction(-n)))
            ]  # fmt: skip
            yield group, [option for option in options if option[0] < max(bound, 1)] or options[:1]


def _shares(n: int, q: int) -> Iterator[tuple[Fraction, ...]]:
    for cut in itertools.combinations(range(1, q), n - 1):
        yield tuple(Fraction(b - a, q) for a, b in itertools.pairwise((0, *cut, q)))


def _counts(slots: list[tuple[list[int], Options]], bound: int) -> list[int]:
    """How many choices have each cost below `bound`."""
    counts = np.zeros(bound, dtype=object)
    counts[:1] = 1
    for _, options in slots:
        new = np.zeros(bound, dtype=object)
        for price, _ in options:
            if price < bound:
                new[price:] += counts[: bound - price]
        counts = new
    return [int(count) for count in counts]


def main(words: list[str]) -> None:
    """Print one line a claim, and the counts."""
    totals = {"minimal": 0, "partly": 0, "no": 0, "not refuted": 0, "one witness": 0}
    count = 0
    for name in FILES:
        file = load_claims(str(Path(__file__).parent / name))
        for key, claim in file.claims.items():
            if words and not any(word in key for word in words):
                continue
            count += 1
            begin = time.perf_counter()
            strategy = attack_on(file, claim).strategy
            found = [hunt(claim, strategy, seed=seed, seconds=SECONDS).conviction for seed in SEEDS]
            seconds = (time.perf_counter() - begin) / len(SEEDS)
            known = {str(one.case): one for one in found if one is not None}
            if None in found:
                totals["not refuted"] += 1
            checked = [minimal(claim, one.case, one.domain) for one in known.values()]
            word = next((w for w in ("no", "partly", "minimal") if w in [c.word for c in checked]), "not refuted")
            totals[word] += word != "not refuted"
            totals["one witness"] += len(known) == 1 and None not in found
            print(f"{key}: {word}; {len(known)} from {len(SEEDS)} seeds; {seconds:.1f} s", flush=True)
            for one, result in zip(known.values(), checked, strict=True):
                if result.better is not None or len(known) > 1:
                    print("   ", _shown(one.case), "" if result.better is None else f"-> {_shown(result.better)}")
    print(f"{count} claims: {', '.join(f'{n} {word}' for word, n in totals.items())}")


def _shown(case: Any) -> str:
    return " ".join(str([[str(v) for v in row] if leaf.ndim > 1 else str(row) for row in leaf.tolist()])
                    .replace("'", "").replace(", ", " ") for leaf in arrays(case))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
