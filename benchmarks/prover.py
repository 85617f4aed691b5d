"""Is anything false ever proved?  python -m benchmarks.prover [--seconds 3] [--hunt 8] [--seed 0] [--most N]

Every refuted claim is given to the prover at the shape of its witness, and every planted variant of a claim that stands
at the shape of the counterexample that kills it.  What the counterexample violates must not be proved there.  The gate
that looks at instances first is left out, so that only the prover is asked.  Exits 1 at a false proof.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from theorems.catalogue import CLAIMS, stored
from theorems.catalogue import strategy as strategy_of
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.witness import read, replay
from theorems.proofs import shapes
from theorems.proofs.attempt import PROVED, attempt, on_box
from theorems.proofs.boxed import around
from theorems.proofs.outcome import Effort
from theorems.proofs.solver import Solver
from theorems.proofs.squares import sum_of_squares
from theorems.strategies.search.hunt import hunt
from theorems.strategies.variants.planting import planted
from theorems.strategies.variants.slips import concerns_hypothesis
from theorems.strategies.variants.variant import varied
from theorems.strategies.without import without


@dataclass(frozen=True)
class Falsehood:
    """Something false, with the case that shows it and the conclusion that the case violates."""

    name: str
    claim: Claim
    case: Any
    violated: str


def efforts(case: Any, seconds: float) -> Iterator[Effort]:
    """The efforts that `theorems prove` spends on a shape like this."""
    yield Effort(forks=0, seconds=seconds, probable=True, squares=sum_of_squares, combine=True)
    if shapes.side(case) <= 3:
        yield Effort(seconds=seconds, squares=sum_of_squares, combine=True, solver=Solver(int(seconds * 500)))


def refuted() -> Iterator[Falsehood]:
    """The refuted claims with their witnesses."""
    files = stored()
    for claim in CLAIMS:
        if claim.key not in files:
            continue
        witness = read(files[claim.key], CLAIMS, stale=True)
        found = replay(witness, claim, witness.arithmetic)
        if found.report is not None and found.report.violation is not None:
            yield Falsehood(claim.key, claim, witness.case, found.report.violation.conclusion)


def variants(seconds: float, seed: int) -> Iterator[Falsehood]:
    """The planted variants with their killers, in a random order."""
    pairs = [(claim, variant) for claim in CLAIMS for variant in planted(claim)]
    random.Random(seed).shuffle(pairs)
    for claim, variant in pairs:
        try:
            slipped = varied(claim, variant)
        except InputError:
            continue
        strategy: Any = strategy_of(claim.key)
        if concerns_hypothesis(claim, variant):
            strategy = strategy | without(strategy)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                found = hunt(slipped, strategy, seconds=seconds, shrink=False).conviction
            except Exception:  # a slip may make what no arithmetic takes
                continue
        if found is not None and found.report.violation is not None:
            yield Falsehood(f"{claim.key}: {variant.name}", slipped, found.case, found.report.violation.conclusion)


def false_proof(falsehood: Falsehood, seconds: float) -> str:
    """By what the prover proves it; nothing where it does not."""
    for effort in efforts(falsehood.case, seconds):
        made = attempt(falsehood.claim, [falsehood.case], effort, trusted=True, seed=falsehood.name)
        for result in made.results:
            if result.result == PROVED and result.conclusion == falsehood.violated:
                return f"{result.technique} at {made.sizes}"
    if shapes.side(falsehood.case) <= 3:  # boxes around what violates it
        for box in around(falsehood.case):
            effort = Effort(seconds=seconds, combine=True, boxed=box)
            made_there = on_box(falsehood.claim, falsehood.case, effort, [falsehood.violated], seed=falsehood.name)
            if made_there is not None and made_there.results:
                return f"boxes at {made_there.sizes}"
    return ""


def _tried(falsehood: Falsehood, seconds: float, out: Any) -> None:
    try:
        out.send(false_proof(falsehood, seconds))
    except Exception as error:
        out.send(error)


def within(falsehood: Falsehood, seconds: float) -> str | None:
    """`false_proof` in a child that is ended when it overruns; None where it was."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_tried, args=(falsehood, seconds, theirs), daemon=True)
    child.start()
    answer = mine.recv() if mine.poll(4 * seconds + 10) else None
    child.kill()
    child.join()
    if isinstance(answer, Exception):
        print("problem:", falsehood.name, type(answer).__name__, answer, flush=True)
        return None
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--hunt", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=10**6)
    parser.add_argument("--kind", choices=["refuted", "variants"], help="only these")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    sources = (("refuted claims", refuted()), ("variants", variants(arguments.hunt, arguments.seed)))
    for kind, falsehoods in sources:
        if arguments.kind not in (None, kind.split()[0]):
            continue
        for number, falsehood in enumerate(falsehoods):
            if number >= arguments.most:
                break
            answer = within(falsehood, arguments.seconds)
            counts[f"{kind} tried"] += 1
            counts[f"{kind} ended"] += answer is None
            if answer:
                counts["FALSE PROOFS"] += 1
                print("FALSE PROOF:", falsehood.name, "|", falsehood.violated, "|", answer, flush=True)
            if counts[f"{kind} tried"] % 25 == 0:
                print(dict(counts), flush=True)
    print(dict(counts))
    return 1 if counts["FALSE PROOFS"] else 0


if __name__ == "__main__":
    sys.exit(main())
