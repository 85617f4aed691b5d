"""False variants of claims on matrices, linear models and ReLU networks that fail in a corner only: all are convicted.

They fail from D = 5, L = 4 or D = 16 on, next to the end of a range, beside a hypothesis that is a little weaker than
the claim's, or where something cancels or agrees that need not.  `theorems teeth` makes none of them: they change what
is said, not a step of how it is said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from theorems.adaptation.error_sizes import power, second_moment
from theorems.catalogue import CLAIMS
from theorems.models.relu import uniform_partition
from theorems.statement import Conclude, Statement, Suppose, at_most, conclude, equal, less_than, suppose
from theorems.strategies.cases import CASES
from theorems.strategies.search.hunt import hunt
from theorems.texts.zeng_lee.linear.counting import _setting, _sizes
from theorems.texts.zeng_lee.linear.decomposition import terms
from theorems.texts.zeng_lee.linear.linear_models import competing, sigma, truncated
from theorems.texts.zeng_lee.relu.assumptions import assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    approximation,
    by_equation_8,
    covariance,
    decompositions,
    mean_norm,
    scalar,
    sup_norm,
)
from theorems.texts.zeng_lee.relu.error_chain import _alpha, _b, _run, _size
from theorems.texts.zeng_lee.relu.linearisation import setting, size_of, total_rank
from theorems.texts.zeng_lee.relu.one_layer import exactness_by_elimination
from theorems.texts.zeng_lee.relu.other_partitions import _ranks_needed
from theorems.texts.zeng_lee.relu.other_partitions import _setting as head_start
from theorems.texts.zeng_lee.relu.squared_error import squared_error_at_most

pytestmark = pytest.mark.slow

Steps = Iterator[Suppose | Conclude]
CLAIM = {claim.key: claim for claim in CLAIMS}
#: Recipes that a hunt of one variant may take; most take a tenth.
RECIPES = 400
SLIPS: list[tuple[str, Statement]] = []


def slip(key: str) -> Callable[[Statement], Statement]:
    """Registers a false variant of the claim ``zeng-lee/<key>``."""

    def register(statement: Statement) -> Statement:
        SLIPS.append((f"zeng-lee/{key}", statement))
        return statement

    return register


@slip("equation-1.7:repaired")
def trace_at_most_twice_the_norm(case: Any, num: Any) -> Steps:
    """tr A <= 2 ||A||_F: 2 is sqrt(D) at D = 4."""
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is positive semidefinite")
    yield conclude(at_most(num.trace(A), 2 * num.frobenius_norm(A)))


@slip("equation-1.2")
def norm_by_the_longest_row(case: Any, num: Any) -> Steps:
    """||A||_2 <= 2 times the longest row: 2 is sqrt(m) at m = 4."""
    (A,), (x,) = case.matrices, case.vectors
    longest = num.norm(A[..., 0, :])
    for i in range(1, A.shape[-2]):
        longest = num.maximum(longest, num.norm(A[..., i, :]))
    yield conclude(at_most(num.norm(num.apply(A, x)), 2 * longest * num.norm(x)))


@slip("equation-1.3")
def trace_of_the_covariance(case: Any, num: Any) -> Steps:
    """tr Cov <= 2 ||Cov||_F, false from five dimensions and six points on."""
    Cov = covariance(case.points, case.weights, num)
    yield conclude(at_most(num.trace(Cov), 2 * num.frobenius_norm(Cov)))


@slip("equation-1.7:rank-one")
def singular_for_rank_one(case: Any, num: Any) -> Steps:
    """||A||_F = tr A for singular semidefinite A: true up to D = 2."""
    (A,) = case.matrices
    yield suppose(num.positive_semidefinite(A), "A is positive semidefinite")
    yield suppose(num.singular(A), "det A = 0")
    yield conclude(equal(num.frobenius_norm(A), num.trace(A)))


@slip("equation-1.7:rank-one")
def rank_one_of_any_sign(case: Any, num: Any) -> Steps:
    """||A||_F = tr A for symmetric A of rank one: -1."""
    (A,) = case.matrices
    yield suppose(num.symmetric(A), "A is symmetric")
    yield suppose(num.rank(A) <= 1, "rank(A) <= 1")
    yield conclude(equal(num.frobenius_norm(A), num.trace(A)))


@slip("equation-1.7:squared")
def without_symmetry(case: Any, num: Any) -> Steps:
    """||A||_F^2 = tr(A^2) for every A."""
    (A,) = case.matrices
    yield conclude(equal(num.frobenius_norm_squared(A), num.trace(A @ A), scale=num.frobenius_norm_squared(A)))


@slip("parameter-count.chain")
def below_the_supremum(case: Any, num: Any) -> Steps:
    """L / M <= 1.9 L-bar: the supremum 2 is neared at M = 1, L = 2 L-bar - 1."""
    _, L, target_depth, _, M = _sizes(case)
    yield from _setting(case)
    yield conclude(at_most(num.number(L, M), num.number(19 * target_depth, 10)))


@slip("parameter-count.factor-of-two:repaired")
def the_least_rank(case: Any, num: Any) -> Steps:
    """The factor is 2 for R = ceil(D / M), whether M divides D or not."""
    D, L, target_depth, R, M = _sizes(case)
    yield from _setting(case)
    yield suppose((R - 1) * M < D, "R is the smallest rank >= D / M")
    yield suppose(M * target_depth == L, "L-bar divides L")
    yield conclude(equal(num.number(2 * R * D * L), num.number(2 * D * D * target_depth)))


@slip("lemma-9.value")
def three_layers_count(case: Any, num: Any) -> Steps:
    """No error below sigma_{3R + 1}(E): true up to L = 3."""
    d = num.svd(case.target - case.frozen.matrix)
    bound = sigma(d, sum(case.ranks[:3]) + 1, num)
    yield conclude(at_most(bound, num.spectral_norm(competing(case) - case.target), scale=sigma(d, 1, num)))


@slip("eckart-young-remark:repaired")
def any_depth(case: Any, num: Any) -> Steps:
    """No error below sigma_{R + 1}(E), whatever L is."""
    d = num.svd(case.target - case.frozen.matrix)
    bound = sigma(d, case.rank + 1, num)
    yield conclude(at_most(bound, num.spectral_norm(competing(case) - case.target), scale=sigma(d, 1, num)))


@slip("lemma-11.squared-error:repaired")
@slip("lemma-12.squared-error:repaired")
def five_per_cent_less(case: Any, num: Any) -> Steps:
    """0.95 tr Sigma for tr Sigma: no layer adapted, or inputs on the axes of the small singular values."""
    yield from squared_error_at_most(case, total_rank, lambda A, n: n.trace(A) * n.number(19, 20), num)


@slip("lemma-12.exactness:without-partial-sums")
def a_rank_of_zero_is_one(case: Any, num: Any) -> Steps:
    """The threshold counts a last rank of zero as one."""
    for step in exactness_by_elimination(case, num):
        if isinstance(step, Suppose) and ">= rank(E)" in step.name:
            (d,) = decompositions(case, num)
            yield suppose(num.rank(d.matrix) <= sum(case.ranks[:-1]) + max(1, case.ranks[-1]), step.name)
        else:
            yield step


@slip("lemma-11.derivation:repaired")
def moved_by_the_frobenius_norm(case: Any, num: Any) -> Steps:
    """E ||N x||^2 <= sqrt(3) ||Sigma||_F sigma^2: true up to D = 3."""
    (d,) = decompositions(case, num)
    x, weights, k = case.inputs.points, case.inputs.weights, total_rank(case)
    N = (d.U[..., k:] * d.s[..., None, k:]) @ d.V[..., k:].mT
    S = second_moment(x, weights, num)
    s = scalar(sigma(d, k + 1, num))
    bound = num.sqrt(num.number(3)) * num.frobenius_norm(S) * (s * s)
    yield conclude(at_most(num.trace(N @ S @ N.mT), bound))


@slip("example-1.uniform-partition")
def a_short_last_block(case: Any, num: Any) -> Steps:
    """The last block has at most M + 11 layers: true up to L = 24."""
    L, target_depth = case.values
    yield conclude(len(uniform_partition(L, target_depth)[-1]) <= L // target_depth + 11)


@slip("theorem-15.lower-rank:four-thirds")
def one_rank_more(case: Any, num: Any) -> Steps:
    """R + 1 for ceil(4 R / 3): true up to D = 15."""
    yield from head_start(case, num)
    ours, uniform = _ranks_needed(case, num)
    yield conclude(ours <= uniform + 1)


@slip("notation.best-approximation:unique-frobenius-gap")
def as_long_and_as_close(case: Any, num: Any) -> Steps:
    """Equal norms and an optimal spectral error make LR_r(W): two kept values may be exchanged."""
    d, r = num.svd(case.matrix), case.rank
    best, scale = truncated(d, r), sigma(d, 1, num)
    yield suppose(r >= 1, "r >= 1")
    yield suppose(less_than(sigma(d, r + 1, num), sigma(d, r, num)), "sigma_r > sigma_{r+1}")
    norms = num.frobenius_norm(case.competitor.matrix), num.frobenius_norm(best)
    yield suppose(equal(*norms, scale=scale), "the norms agree")
    error = num.spectral_norm(case.matrix - case.competitor.matrix)
    yield suppose(equal(error, sigma(d, r + 1, num), scale=scale), "the competitor is optimal (spectral norm)")
    yield conclude(equal(case.competitor.matrix, best, scale=scale))


@slip("equation-3.rank")
def nothing_cancels(case: Any, num: Any) -> Steps:
    """rank(A) >= rank(A_1) with non-singular layers: the changes of two layers may cancel."""
    for W in case.frozen.weights:
        yield suppose(num.nonsingular(W), "every W_l is non-singular")
    total = num.rank(competing(case) - case.frozen.matrix)
    yield conclude(at_most(num.rank(terms(case)[0]), total))


@slip("equation-5.value")
def equation_5_in_norm(case: Any, num: Any) -> Steps:
    """(5) for norms only: reflected products have them as well."""
    d = num.svd(case.target - case.frozen.matrix)
    k = sum(case.ranks)
    best = case.frozen.matrix + truncated(d, k)
    yield suppose(equal(num.frobenius_norm(competing(case)), num.frobenius_norm(best)), "the norms of (5) agree")
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(equal(error, sigma(d, k + 1, num), scale=sigma(d, 1, num)))


@slip("appendix-i.rank.of-the-error")
def first_rows_or_columns(case: Any, num: Any) -> Steps:
    """rank(E) <= D-bar where E is zero outside its first D-bar rows and columns: 'and' read as 'or'."""
    E, D = case.error.matrix, case.frozen.width
    outside = num.identity(D) - num.selector(D, 1, case.narrow)
    yield suppose(equal(outside @ E @ outside, E * 0), "E is zero where neither index is at most D-bar")
    yield conclude(at_most(num.rank(E), case.narrow))


@slip("lemma-11.exactness:without-partial-sums")
@slip("lemma-12.exactness:without-partial-sums")
def numerical_rank(case: Any, num: Any) -> Steps:
    """sigma_{RL + 1}(E) <= sigma_1(E) / 1000 for RL >= rank(E): a faint rest is a rest."""
    for step in exactness_by_elimination(case, num):
        if isinstance(step, Suppose) and ">= rank(E)" in step.name:
            (d,) = decompositions(case, num)
            rest = scalar(sigma(d, sum(case.ranks) + 1, num))
            yield suppose(at_most(1000 * rest, scalar(sigma(d, 1, num))), step.name)
        else:
            yield step


@slip("lemma-11.identity:repaired")
@slip("lemma-12.identity:repaired")
def by_the_largest_entry(case: Any, num: Any) -> Steps:
    """sup |f - f-bar| <= sqrt(3) sigma_{RL + 1} sup |x|, entry by entry: true up to D = 3."""
    (d,) = decompositions(case, num)
    yield from setting(case, d, num)
    f = approximation(case, [d], case.ranks, by_equation_8, num).network
    points = case.inputs.points
    gap = sup_norm(f.forward(points, num) - case.target.forward(points, num), num)
    s = scalar(sigma(d, total_rank(case) + 1, num))
    bound = num.sqrt(num.number(3)) * s * sup_norm(points, num)
    yield conclude(at_most(gap, bound, scale=num.maximum(bound, size_of(f, points, num))))


@slip("lemma-12.squared-error:sharpened")
def transposed(case: Any, num: Any) -> Steps:
    """tr(N^T Cov N) for tr(N Cov N^T): they agree for normal N, and where E maps axes to themselves."""

    def norm(A: Any, n: Any) -> Any:
        (d,) = decompositions(case, n)
        k = total_rank(case)
        N = truncated(d, k) - d.matrix
        s = scalar(sigma(d, k + 1, n))
        moved = n.trace(N.mT @ covariance(case.inputs.points, case.inputs.weights, n) @ N)
        return n.where(n.zero(s), n.number(0), moved / n.where(n.zero(s), n.number(1), s * s))

    yield from squared_error_at_most(case, total_rank, norm, num)


@slip("assumption-1.nonsingular-target")
def one_block_in_reach(case: Any, num: Any) -> Steps:
    """R(M - 1) >= rank(E_i) for the first block only."""
    ds = decompositions(case, num)
    yield from assumption_1(case, ds, num)
    yield suppose(num.rank(ds[0].matrix) <= case.rank * (case.M - 1), "R(M - 1) >= rank(E_1)")
    for W in case.target.weights:
        yield conclude(num.nonsingular(W))


@slip("equation-21")
def one_factor_more(case: Any, num: Any) -> Steps:
    """alpha^i for alpha^{i-1} in (21): true where alpha >= 1."""
    run = yield from _run(case, num)
    weights, alpha = case.inputs.weights, _alpha(run, run.errors, num)
    for i in range(1, case.depth):
        bound = power(alpha, i + 1, num) * mean_norm(run.adapted[1] - run.target[1], weights, num)
        for k in range(1, i + 1):
            bound = bound + power(alpha, i - k, num) * _b(run, case, k, num)
        error = mean_norm(run.adapted[i + 1] - run.target[i + 1], weights, num)
        yield conclude(at_most(error, bound, scale=num.maximum(bound, _size(run, case, i, num))))
    yield conclude(True)


@slip("theorem-15.lower-rank:four-thirds")
def all_but_fits(case: Any, num: Any) -> Steps:
    """4/3 where W-bar_1 differs from W_1 by rank one: false at D = 13 and 25, true below."""
    yield suppose(case.partition == ((1,), (2, 3, 4)), "L = 4, L-bar = 2")
    yield suppose(num.rank(case.errors[0].matrix) <= 1, "rank(W-bar_1 - W_1) <= 1")
    ours, uniform = _ranks_needed(case, num)
    yield conclude(ours <= -(-4 * uniform // 3))


@pytest.mark.parametrize(("key", "statement"), SLIPS, ids=[f"{key}/{f.__name__}" for key, f in SLIPS])
def test_a_subtle_slip_is_convicted(key: str, statement: Statement) -> None:
    claim = dataclasses.replace(CLAIM[key], statement=statement)
    found = hunt(claim, CASES[key], seed=0, recipes=RECIPES, shrink=False)
    assert found.conviction is not None, f"survived {found.recipes} recipes"
