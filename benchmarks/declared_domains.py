"""``python -m benchmarks.declared_domains [WORD]``: claims that stand, on cases that keep their declared domain alone.

What a strategy builds in beyond the declared types (`theorems.domains`) is taken away leaf by leaf (`without`), and the
exact cases are judged.  A claim that falls has a hypothesis that only its strategy keeps, and belongs mended.  Exit 1
where one falls.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
from typing import Any

from hypothesis import strategies as st

from theorems.catalogue import CLAIMS
from theorems.claim import Claim
from theorems.strategies.cases import CASES
from theorems.strategies.draws import draws
from theorems.strategies.search.conviction import Conviction, judge
from theorems.strategies.without import without

#: Widths above it are dear in exact arithmetic.
LARGEST = 6


def fallen(claim: Claim, strategy: st.SearchStrategy[Any], *, seed: int = 0, cases: int = 60) -> Conviction | None:
    """The first counterexample among so many exact cases of the declared type; None where the claim stands on all."""
    for recipe in itertools.islice(draws(without(strategy), seed=seed, key=f"{claim.key}/declared"), cases):
        if recipe.size[0] > LARGEST:
            continue
        with contextlib.suppress(ValueError, IndexError):  # a size that its arrays do not have: no case of that type
            if (found := judge(claim, recipe.exact(0)).conviction) is not None:
                return found
    return None


def main() -> int:
    """Try every claim that stands whose key contains WORD."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.declared_domains", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only the claims whose key contains it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=60, help="exact cases of each claim (default 60)")
    arguments = parser.parse_args()
    tried, bad = 0, []
    for claim in CLAIMS:
        if arguments.word not in claim.key or claim.verdict is None or not claim.verdict.stands:
            continue
        tried += 1
        if fallen(claim, CASES[claim.key], seed=arguments.seed, cases=arguments.cases) is not None:
            bad.append(claim.key)
            print(f"{claim.key}: falls on its declared domain", flush=True)
    print(f"{tried} claims on their declared domains, {arguments.cases} exact cases each: {len(bad)} fall")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
