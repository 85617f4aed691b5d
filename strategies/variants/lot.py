"""Which variants are planted: drawn by lot among the slips that a claim offers, and hunted in that order.

The order of the lot comes first and the hunt second, so that what is easy to kill is not preferred.  What survives here
is judged by hand: most of it is true, or says the same as before.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from theorems.arithmetic.float64 import Float64
from theorems.claim import Claim, functions_of
from theorems.errors import InputError
from theorems.statement import Conclude
from theorems.strategies.draws import recipe_of
from theorems.strategies.search.attack import batch_size
from theorems.strategies.search.hunt import hunt
from theorems.strategies.search.portion import drawn_chunk
from theorems.strategies.variants.planting import LEAST
from theorems.strategies.variants.rewriting import name_of
from theorems.strategies.variants.slips import kind_of, proposed
from theorems.strategies.variants.steps import constructed, guarded
from theorems.strategies.variants.trial import KILLED, tried
from theorems.strategies.variants.variant import Variant, varied

#: Variants of a claim, how many are tried for them, and how long each is hunted.
WANTED, TRIED, SECONDS, RECIPES = 4, 30, 4.0, 40
#: The slips that fit any conclusion: only where others do not suffice.
PLAIN = ("half the bound", "bound a hundredth too small", "factor of two", "reversed inequality", "opposite answer")
#: Recipes looked at for the names of the conclusions.
LOOKED = 12


def conclusions_of(claim: Claim, strategy: Any) -> dict[str, str]:
    """The kinds of the conclusions that a claim draws on its first cases, by name."""
    found: dict[str, str] = {}
    for drawn in drawn_chunk(strategy, 0, claim.key, 0)[:LOOKED]:
        case = recipe_of(drawn).batch(4)
        num = Float64(size=batch_size(case))
        loaded = num.load(case)
        with suppress(ArithmeticError), num.running(loaded):
            for step in claim.statement(loaded, num):
                if isinstance(step, Conclude):
                    found.setdefault(step.name, kind_of(step))
    return found


def lot(claim: Claim, strategy: Any, seed: int = 0) -> Iterator[Variant]:
    """The proposed variants, operator after operator, each time another place; the plain ones come last."""
    generator = random.Random(int.from_bytes(hashlib.sha256(f"{seed}/{claim.key}".encode()).digest()[:8], "big"))
    own = name_of(functions_of(claim.statement)[0])
    groups: dict[str, list[Variant]] = {}
    for variant in proposed(claim, conclusions_of(claim, strategy)):
        groups.setdefault(variant.operator, []).append(variant)
    for group in groups.values():
        generator.shuffle(group)
        group.sort(key=lambda variant: variant.function not in ("", own))  # the statement itself first
    order = sorted(groups, key=lambda operator: (operator in PLAIN, generator.random()))
    for turn in range(max(map(len, groups.values()), default=0)):
        for operator in order:
            yield from groups[operator][turn : turn + 1]


def planted_anew(claim: Claim, strategy: Any, before: tuple[Variant, ...], seed: int = 0) -> tuple[Variant, ...]:
    """The variants of `before` that still have their place, and more by lot, each killed, until there are enough."""
    kept = []
    for variant in before:
        with suppress(InputError):
            varied(claim, variant)
            kept.append(variant)
    missed = [variant for variant in kept if variant.open]
    kept = [variant for variant in kept if not variant.open]
    if len(kept) >= LEAST:
        return tuple(kept + missed)
    sound: bool | None = None  # whether the construction itself survives: else a slip in it says nothing
    spare: list[Variant] = []  # killed as well, by a slip that is there already
    for count, variant in enumerate(lot(claim, strategy, seed)):
        if len(kept) >= WANTED or count >= TRIED:
            break
        again = variant.operator in {other.operator for other in kept}
        if variant in kept or variant.name in {other.name for other in missed} or (again and len(spare) >= LEAST):
            continue
        if variant.constructed:
            sound = _construction_survives(claim, strategy) if sound is None else sound
            if not sound:
                continue
        result = tried(claim, strategy, variant, seed=seed, seconds=SECONDS, recipes=RECIPES)
        if result.outcome == KILLED:
            (spare if again else kept).append(variant)
    return tuple(kept + spare[: max(0, LEAST - len(kept))] + missed)


def _construction_survives(claim: Claim, strategy: Any) -> bool:
    plain = Claim(key=claim.key, statement=guarded(constructed(claim.statement)), skip=claim.skip)
    return hunt(plain, strategy, seconds=SECONDS, recipes=RECIPES, shrink=False).conviction is None
