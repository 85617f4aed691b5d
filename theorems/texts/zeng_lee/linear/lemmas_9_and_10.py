"""The claims of Lemmas 9 and 10 (Zeng and Lee, Appendix D): value, exactness, optimal solution, each hypothesis."""

from __future__ import annotations

from typing import Any

from theorems.claim import Claim, Source
from theorems.facts import Facts, definition, needed, not_needed
from theorems.texts.zeng_lee.arguments import RAISING, without_sums
from theorems.texts.zeng_lee.linear import lemma_9, linear_models, optimal_solutions
from theorems.texts.zeng_lee.linear.linear_models import FROZEN, PARTIAL, WHOLE

_UNIQUE = "D = 2: not unique in the spectral norm, W = (I), E = diag(2, 1), R = 1; D = 1 leaves no choice"
_OBSTRUCTION = "W_1 = 0, W_2 = I or 0, target I, D = 2, ranks 1: rank(W_1 + Delta W_1) <= 1 bounds the product's rank"


def _lemma(number: int) -> tuple[Claim, ...]:
    """The claims of Lemma 9, which has one rank, and of Lemma 10, with a rank a layer.

    What stands without Lemma 9's hypotheses is one statement for both.
    """
    key, source = f"zeng-lee/lemma-{number}", Source("zeng-lee", f"Lemma {number}", "Appendix D")
    printed: Any = lemma_9 if number == 9 else linear_models
    optimum: Any = lemma_9 if number == 9 else optimal_solutions
    fewer = {PARTIAL: without_sums(f"{key}.value:without-partial-sums")}
    least = {PARTIAL: without_sums(f"{key}.exactness:without-partial-sums")}
    regular = dict.fromkeys(
        (FROZEN, WHOLE),
        needed("zeng-lee/lemma-10.exactness", "in its witness LR_{sum R_l}(E) = E, and no adapters have that product"),
    )

    def uneven(part: str) -> Facts:
        """What only Lemma 9 supposes."""
        general = not_needed("Lemma 10", f"zeng-lee/lemma-10.{part}")
        return {"all R_l are one R": general, **RAISING} if number == 9 else {}

    below = {
        "R_1 + ... + R_L < rank(E)": not_needed(
            "the conclusion is sigma_{sum R_l + 1}(E) <= error, which holds for every adapter (equation (4)); the "
            "hypothesis makes the bound positive", "zeng-lee/equation-4",
        )
    }  # fmt: skip
    gap = {"R_1 + ... + R_L >= 1": definition("the gap speaks of sigma_{R_1 + ... + R_L}")}
    return (
        source.stands(
            f"{key}.value", printed.value,
            "equation (8) attains it; rank subadditivity and Eckart-Young-Mirsky forbid less",
            about={**uneven("value"), **fewer},
        ),
        source.stands(
            f"{key}.value:frozen-hypothesis-dropped", printed.value,
            "the hypothesis on W_l is redundant: r = 0 implies it",
            skip=(FROZEN,), about={**uneven("value:frozen-hypothesis-dropped"), **fewer},
        ),
        source.stands(
            f"{key}.value:without-partial-sums", linear_models.value_by_elimination,
            "the hypothesis on prod W + LR_r(E), r >= 1, serves equation (8) only: elimination does without",
        ),
        source.false(
            f"{key}.value:without-nonsingularity", printed.value, _OBSTRUCTION,
            repaired_by=f"{key}.value:without-partial-sums", skip=(FROZEN, WHOLE, PARTIAL),
        ),
        source.stands(
            f"{key}.exactness", printed.exactness, "sigma_{rank(E)+1}(E) = 0", about={**uneven("exactness"), **least},
        ),
        source.stands(
            f"{key}.exactness:without-partial-sums", linear_models.exactness_by_elimination,
            "elimination needs prod W non-singular and nothing else",
        ),
        source.false(
            f"{key}.exactness:without-nonsingularity", printed.exactness, _OBSTRUCTION,
            repaired_by=f"{key}.exactness:without-partial-sums", skip=(FROZEN, WHOLE, PARTIAL),
        ),
        source.stands(
            f"{key}.exactness:threshold-is-necessary", linear_models.threshold_is_necessary,
            "below the threshold sigma_{sum R_l + 1}(E) > 0 bounds every error", about=below,
        ),
        source.gap(
            f"{key}.optimal-solution", optimum.optimal_solution, _UNIQUE,
            place=f"Lemma {number}, line after the first display",
            printed="the optimal solution satisfies prod (W_l + Delta W_l) = prod W_l + LR_{"
            + ("RL" if number == 9 else "(sum R_l)")
            + " ^ R_E}(E)",
            why=(
                "In the spectral norm only the largest singular value of what is left counts, so the kept ones may "
                "move by as much at no cost. Many products have the least error, and LR(E) gives one of them."
            ),
            repaired_by=f"{key}.optimal-solution:repaired",
        ),
        source.gap(
            f"{key}.optimal-solution:gap", optimum.optimal_solution_with_a_gap,
            "a gap does not help: every kept singular value may move by sigma_{sum R_l + 1}",
            repaired_by=f"{key}.optimal-solution:frobenius",
        ),
        source.stands(
            f"{key}.optimal-solution:repaired", optimal_solutions.an_optimal_solution,
            "'the' for 'an': equation (8) has that product, and it is optimal",
            about={**(RAISING if number == 9 else regular), **fewer},
        ),
        source.stands(
            f"{key}.optimal-solution:frobenius", optimal_solutions.frobenius_solution,
            "in the Frobenius norm with a gap LR is the only best approximation (Mirsky)", about=gap,
        ),
        source.stands(
            f"{key}.optimal-solution:no-gap", optimal_solutions.frobenius_solutions,
            "tied triples at the cut may change places: below rank(E) uniqueness needs the gap",
        ),
        source.stands(
            f"{key}.optimal-solution:exact", optimal_solutions.exact_solution,
            "from the threshold on the least error is 0, and only the target has it",
        ),
        source.stands(
            f"{key}.optimal-solution:exact-frobenius", optimal_solutions.exact_frobenius_solution,
            "from the threshold on the least error is 0 in the Frobenius norm as well",
        ),
    )  # fmt: skip


LEMMA_9, LEMMA_10 = _lemma(9), _lemma(10)
