"""Zeng and Lee, Appendix D, equations (3) to (5): the decomposition, the relaxation, what (5) implies."""

from __future__ import annotations

from collections.abc import Iterator

from theorems.adaptation.linear import suffixes
from theorems.case import SVD, Array
from theorems.claim import Source
from theorems.models.linear import LinearCase, product
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose
from theorems.texts.zeng_lee.linear.linear_models import competing, constructed, hypotheses, sigma, truncated

Steps = Iterator[Suppose | Conclude]


def terms(case: LinearCase) -> list[Array]:
    """A_l = (W_L ... W_{l+1}) Delta W_l (W_{l-1} + Delta W_{l-1}) ... (W_1 + Delta W_1) for the competing adapters."""
    changes = [adapter.matrix for adapter in case.competitor]
    found = []
    for l, (S, change) in enumerate(zip(suffixes(case.frozen.weights), changes, strict=True)):
        term = change if S is None else S @ change
        if l > 0:
            term = term @ product(case.frozen.adapted(changes).weights[:l])
        found.append(term)
    return found


def telescoping(case: LinearCase, num: Num) -> Steps:
    """Equation (3): prod (W_l + Delta W_l) - prod W_l = A_1 + ... + A_L.

    A_l = (W_L ... W_{l+1}) Delta W_l (W_{l-1} + Delta W_{l-1}) ... (W_1 + Delta W_1).

    Hypotheses  none on the weights; any adapters
    Margin      relative to ||prod (W_l + Delta W_l)||_F
    """
    whole = competing(case)
    yield conclude(
        equal(whole - case.frozen.matrix, sum(terms(case)), scale=num.frobenius_norm(whole)), "A = A_1 + ... + A_L"
    )


def rank_count(case: LinearCase, num: Num) -> Steps:
    """Equation (3), the rank count: rank(A_l) <= rank(Delta W_l) <= R_l, so rank(A) <= R_1 + ... + R_L.

    Hypotheses  any adapters of rank at most R_l
    """
    total = num.rank(competing(case) - case.frozen.matrix)
    ranks = []
    for term, adapter, R in zip(terms(case), case.competitor, case.ranks, strict=True):
        change = num.rank(adapter.matrix)
        ranks.append(num.rank(term))
        yield conclude(at_most(ranks[-1], change), "rank(A_l) <= rank(Delta W_l)")
        yield conclude(at_most(change, R), "rank(Delta W_l) <= R_l")
    yield conclude(at_most(total, sum(ranks)), "rank(A) <= rank(A_1) + ... + rank(A_L)")
    yield conclude(at_most(total, sum(case.ranks)), "rank(A) <= R_1 + ... + R_L")


def relaxation(case: LinearCase, num: Num) -> Steps:
    """Equation (4): the adapted models have errors no smaller than the best matrix of rank R L.

    min over adapters >= min over rank(A) <= R L of ||A - E||_2 = sigma_{RL+1}(E).

    Hypotheses  any adapters of rank at most R
    """
    d = num.svd(case.target - case.frozen.matrix)
    k = sum(case.ranks)
    error = num.spectral_norm(competing(case) - case.target)
    least = num.spectral_norm(truncated(d, k) - d.matrix)
    yield conclude(equal(least, sigma(d, k + 1, num), scale=sigma(d, 1, num)), "||LR_{RL}(E) - E||_2 = sigma_{RL+1}(E)")
    yield conclude(at_most(sigma(d, k + 1, num), error, scale=sigma(d, 1, num)), "(2) >= (4)")


def relaxed_solution_is_unique(case: LinearCase, num: Num) -> Steps:
    """Equation (4), "where the optimal solution is A = LR_{RL ^ rank(E)}(E)": there is no other.

    Hypotheses  A has rank at most R L (here the change that the competing adapters make), ||A - E||_2 = sigma_{RL+1}(E)
    Conclusion  A = LR_{RL ^ rank(E)}(E)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    A = competing(case) - case.frozen.matrix
    k = sum(case.ranks)
    yield suppose(num.rank(A) <= k, "rank(A) <= R L")
    error = num.spectral_norm(A - E)
    yield suppose(equal(error, sigma(d, k + 1, num), scale=sigma(d, 1, num)), "A attains the minimum of (4)")
    yield conclude(equal(A, truncated(d, k), scale=sigma(d, 1, num)), "A = LR_{RL}(E)")


def relaxed_solution(case: LinearCase, num: Num) -> Steps:
    """Equation (4), repaired: LR_{RL ^ rank(E)}(E) is an optimal solution.

    Hypotheses  none
    Conclusion  it has rank at most R L and attains the minimum
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    best = truncated(d, sum(case.ranks))
    yield conclude(at_most(num.rank(best), sum(case.ranks)), "rank(LR_{RL}(E)) <= R L")
    bound = sigma(d, sum(case.ranks) + 1, num)
    yield conclude(equal(num.spectral_norm(best - E), bound, scale=sigma(d, 1, num)), "it attains the minimum")


def _satisfies_5(case: LinearCase, d: SVD, num: Num) -> Suppose:
    return suppose(
        equal(competing(case), case.frozen.matrix + truncated(d, sum(case.ranks))), "the adapters satisfy (5)"
    )


def equation_5_implies_the_value(case: LinearCase, num: Num) -> Steps:
    """Equation (5) implies the value: adapters with the product prod W + LR_{RL}(E) attain sigma_{RL+1}(E).

    Hypotheses  the competing adapters satisfy (5)
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield _satisfies_5(case, d, num)
    error = num.spectral_norm(competing(case) - case.target)
    bound = sigma(d, sum(case.ranks) + 1, num)
    yield conclude(equal(error, bound, scale=sigma(d, 1, num)), "the error is sigma_{RL+1}")


def equation_5_implies_exactness(case: LinearCase, num: Num) -> Steps:
    """Equation (5) implies exactness: with R L >= rank(E) such adapters give the target.

    Hypotheses  the competing adapters satisfy (5); R L >= rank(E)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield _satisfies_5(case, d, num)
    yield suppose(num.rank(E) <= sum(case.ranks), "R L >= rank(E)")
    yield conclude(equal(competing(case), case.target), "prod (W_l + Delta W_l) = target")


def equation_5_implies_uniqueness(case: LinearCase, num: Num) -> Steps:
    """Equation (5) implies "all statements" of Lemma 9, the one on "the optimal solution" among them.

    Hypotheses  those of Lemma 9; some adapters satisfy (5) (those of equation (8) do); the competing ones are optimal
    Conclusion  the competing adapters have the product that (5) says
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    best = case.frozen.matrix + truncated(d, sum(case.ranks))
    yield suppose(equal(constructed(case.frozen, d, case.ranks, num), best), "some adapters satisfy (5)")
    error = num.spectral_norm(competing(case) - case.target)
    yield suppose(
        equal(error, sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)), "the competing adapters are optimal"
    )
    yield conclude(equal(competing(case), best), "so do the competing adapters")


def of_the_proof(label: str) -> Source:
    """A place in the proof of Lemmas 9 and 10."""
    return Source("zeng-lee", label, "Appendix D")


CLAIMS = (
    of_the_proof("equation (3)").stands("zeng-lee/equation-3", telescoping, "the sum telescopes"),
    of_the_proof("equation (3)").stands("zeng-lee/equation-3.rank", rank_count, "rank subadditivity"),
    of_the_proof("equation (4)").stands(
        "zeng-lee/equation-4", relaxation, "a minimum over a larger set; Eckart-Young-Mirsky",
    ),
    of_the_proof("equation (4)").gap(
        "zeng-lee/equation-4.optimal-solution", relaxed_solution_is_unique,
        "not unique in the spectral norm: E = diag(2, 1), A = diag(1, 0); 1 x 1 matrices leave no choice",
        place="line after (4)", printed="A = LR_{RL ^ R_E}(E), called the solution",
        repaired_by="zeng-lee/equation-4.optimal-solution:repaired",
    ),
    of_the_proof("equation (4)").stands(
        "zeng-lee/equation-4.optimal-solution:repaired", relaxed_solution, "'the' for 'an': Eckart-Young-Mirsky",
    ),
    of_the_proof("equation (5)").stands(
        "zeng-lee/equation-5.value", equation_5_implies_the_value, "Eckart-Young-Mirsky",
    ),
    of_the_proof("equation (5)").stands(
        "zeng-lee/equation-5.exactness", equation_5_implies_exactness, "LR_{RL}(E) = E then",
    ),
    of_the_proof("equation (5)").gap(
        "zeng-lee/equation-5.optimal-solution", equation_5_implies_uniqueness,
        "that some adapters have this product says nothing of the other optimal ones",
        place="line after (5)", printed="(5) implies every statement of Lemma 9",
        repaired_by="zeng-lee/lemma-9.optimal-solution:repaired",
    ),
)  # fmt: skip
