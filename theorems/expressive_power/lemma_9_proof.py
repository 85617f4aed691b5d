"""Zeng and Lee, Appendix D: the steps of the proof of Lemma 9 (equations (3) to (12), the rank chain) and of Lemma 10.

A printed formula either does what the proof needs of it or it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from theorems.case import SVD, Array
from theorems.claim import Claim, Source, Verdict
from theorems.expressive_power.adapters import suffixes
from theorems.expressive_power.linear_models import competing, constructed, hypotheses, sigma, truncated
from theorems.models import LinearCase, product
from theorems.statement import Conclude, Suppose, at_most, conclude, equal, suppose

Steps = Iterator[Suppose | Conclude]


# Equation (3): the telescoping decomposition ------------------------------------------------------------------------


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


def telescoping(case: LinearCase, num: Any) -> Steps:
    """Equation (3): prod (W_l + Delta W_l) - prod W_l = A_1 + ... + A_L.

    A_l = (W_L ... W_{l+1}) Delta W_l (W_{l-1} + Delta W_{l-1}) ... (W_1 + Delta W_1).

    Hypotheses  none on the weights; any adapters
    Margin      relative to ||prod (W_l + Delta W_l)||_F
    """
    whole = competing(case)
    yield conclude(
        equal(whole - case.frozen.matrix, sum(terms(case)), scale=num.frobenius_norm(whole)), "A = A_1 + ... + A_L"
    )


def rank_count(case: LinearCase, num: Any) -> Steps:
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


# Equations (4) and (5): the relaxation, and what (5) implies -----------------------------------------------------------


def relaxation(case: LinearCase, num: Any) -> Steps:
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


def relaxed_solution_is_unique(case: LinearCase, num: Any) -> Steps:
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


def relaxed_solution(case: LinearCase, num: Any) -> Steps:
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


def _satisfies_5(case: LinearCase, d: SVD, num: Any) -> Suppose:
    return suppose(
        equal(competing(case), case.frozen.matrix + truncated(d, sum(case.ranks))), "the adapters satisfy (5)"
    )


def equation_5_implies_the_value(case: LinearCase, num: Any) -> Steps:
    """Equation (5) implies the value: adapters with prod (W_l + Delta W_l) = prod W + LR_{RL}(E) attain sigma_{RL+1}(E).

    Hypotheses  the competing adapters satisfy (5)
    """
    d = num.svd(case.target - case.frozen.matrix)
    yield _satisfies_5(case, d, num)
    error = num.spectral_norm(competing(case) - case.target)
    yield conclude(equal(error, sigma(d, sum(case.ranks) + 1, num), scale=sigma(d, 1, num)), "the error is sigma_{RL+1}")


def equation_5_implies_exactness(case: LinearCase, num: Any) -> Steps:
    """Equation (5) implies exactness: with R L >= rank(E) such adapters give the target.

    Hypotheses  the competing adapters satisfy (5); R L >= rank(E)
    """
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    yield _satisfies_5(case, d, num)
    yield suppose(num.rank(E) <= sum(case.ranks), "R L >= rank(E)")
    yield conclude(equal(competing(case), case.target), "prod (W_l + Delta W_l) = target")


def equation_5_implies_uniqueness(case: LinearCase, num: Any) -> Steps:
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


# Equations (6) to (12): Q_l and the adapters -----------------------------------------------------------------------------


def projections(d: SVD, ranks: Sequence[int], num: Any) -> list[Array]:
    """Equation (11) as meant: Q_l = V I_{first..last} V^T, first = R_1 + ... + R_{l-1} + 1, last = R_1 + ... + R_l."""
    D = d.s.shape[-1]
    return [d.V @ num.selector(D, sum(ranks[:l]) + 1, sum(ranks[: l + 1])) @ d.V.mT for l in range(len(ranks))]


def printed_projections(d: SVD, ranks: Sequence[int], rank: Any, num: Any) -> list[Array]:
    """Equation (11) as printed: Q_l = V I_{(R(l-1)+1) ^ R_E' : Rl ^ R_E'} V^T."""
    D, R = d.s.shape[-1], ranks[0]
    return [
        d.V @ num.selector(D, num.smaller(R * l + 1, rank), num.smaller(R * (l + 1), rank)) @ d.V.mT
        for l in range(len(ranks))
    ]


def printed_projections_of_lemma_10(d: SVD, ranks: Sequence[int], rank: Any, num: Any) -> list[Array]:
    """Proof of Lemma 10, as printed: Q_l = V I_{(R_1+...+R_{l-1}) ^ R_E' : (R_1+...+R_l) ^ R_E'} V^T."""
    D = d.s.shape[-1]
    return [
        d.V @ num.selector(D, num.smaller(sum(ranks[:l]), rank), num.smaller(sum(ranks[: l + 1]), rank)) @ d.V.mT
        for l in range(len(ranks))
    ]


def changes_by_equation_8(case: LinearCase, change: Array, Q: Sequence[Array], num: Any) -> list[Array]:
    """Equation (8): Delta W_l = (W_L ... W_{l+1})^{-1} E'Q_l (prod_{i<l} (W_i + Delta W_i))^{-1}, for any Q_l."""
    changes: list[Array] = []
    for l, S in enumerate(suffixes(case.frozen.weights)):
        piece = change @ Q[l]
        piece = piece if S is None else num.solve(S, piece)
        if l > 0:
            before = product([W + C for W, C in zip(case.frozen.weights, changes, strict=False)])
            piece = num.solve(before.mT, piece.mT).mT
        changes.append(piece)
    return changes


def _setting(case: LinearCase, num: Any) -> tuple[SVD, Array, Any]:
    """The SVD of E, E' = LR_{RL}(E) and R_E' = min(R L, rank(E))."""
    E = case.target - case.frozen.matrix
    d = num.svd(E)
    return d, truncated(d, sum(case.ranks)), num.smaller(sum(case.ranks), num.rank(E))


def equation_8_solves_equation_6(case: LinearCase, num: Any) -> Steps:
    """Equation (8) solves (6): (W_L ... W_{l+1}) Delta W_l (prod_{i<l} (W_i + Delta W_i)) = E'Q_l for all l.

    Hypotheses  those of Lemma 9, which give (10) below
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)
    changes = changes_by_equation_8(case, change, Q, num)
    for l, S in enumerate(suffixes(case.frozen.weights)):
        term = changes[l] if S is None else S @ changes[l]
        if l > 0:
            term = term @ product(case.frozen.adapted(changes).weights[:l])
        yield conclude(equal(term, change @ Q[l], scale=sigma(d, 1, num)), "A_l = E'Q_l")


def equation_8_meets_the_rank_constraint(case: LinearCase, num: Any) -> Steps:
    """Equation (8) meets (9): rank(Delta W_l) <= R_l for all l.

    Hypotheses  those of Lemma 9
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    for C, R in zip(
        changes_by_equation_8(case, change, projections(d, case.ranks, num), num), case.ranks, strict=True
    ):
        yield conclude(at_most(num.rank(C), R), "rank(Delta W_l) <= R_l")


def equation_8_keeps_layers_invertible(case: LinearCase, num: Any) -> Steps:
    """Equation (8) meets (10): rank(W_l + Delta W_l) = D for l < L.

    Hypotheses  those of Lemma 9
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    changes = changes_by_equation_8(case, change, projections(d, case.ranks, num), num)
    for W, C in list(zip(case.frozen.weights, changes, strict=True))[:-1]:
        yield conclude(num.nonsingular(W + C), "rank(W_l + Delta W_l) = D for l < L")
    yield conclude(
        equal(case.frozen.adapted(changes).matrix, case.frozen.matrix + change), "prod (W_l + Delta W_l) = prod W + E'"
    )


def _decomposes(change: Array, Q: Sequence[Array], d: SVD, num: Any) -> Conclude:
    return conclude(equal(change @ sum(Q), change, scale=sigma(d, 1, num)), "E'Q_1 + ... + E'Q_L = E'")


def printed_q_decompose(case: LinearCase, num: Any) -> Steps:
    """Equation (11) as printed satisfies (7): E'Q_1 + ... + E'Q_L = E' with Q_l = V I_{(R(l-1)+1)^R_E' : Rl^R_E'} V^T.

    Where the singular values are used up the range is R_E':R_E', which is not empty.

    Hypotheses  those of Lemma 9
    """
    d, change, rank = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield _decomposes(change, printed_projections(d, case.ranks, rank, num), d, num)


def meant_q_decompose(case: LinearCase, num: Any) -> Steps:
    """Equation (11), repaired, satisfies (7): Q_l = V I_{R(l-1)+1 : Rl ^ R_E'} V^T, empty where the first exceeds the last.

    Hypotheses  none
    """
    d, change, _ = _setting(case, num)
    yield _decomposes(change, projections(d, case.ranks, num), d, num)


def printed_q_have_low_rank(case: LinearCase, num: Any) -> Steps:
    """Equation (11) as printed satisfies rank(Q_l) <= R, which (9) rests on.

    Hypotheses  none
    """
    d, _, rank = _setting(case, num)
    for Q, R in zip(printed_projections(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(at_most(num.rank(Q), R), "rank(Q_l) <= R")


def printed_q_have_full_rank(case: LinearCase, num: Any) -> Steps:
    """Induction step, "rank(Delta W_l) <= rank(Q_l) = R": with (11) as printed every Q_l has exactly the rank R.

    Hypotheses  those of Lemma 9
    """
    d, _, rank = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    for Q, R in zip(printed_projections(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(equal(num.rank(Q), R), "rank(Q_l) = R")


def printed_q_solve_equation_5(case: LinearCase, num: Any) -> Steps:
    """Equations (8) and (11) as printed solve (5): prod (W_l + Delta W_l) = prod W + E'.

    Hypotheses  those of Lemma 9
    """
    d, change, rank = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    changes = changes_by_equation_8(case, change, printed_projections(d, case.ranks, rank, num), num)
    yield conclude(
        equal(case.frozen.adapted(changes).matrix, case.frozen.matrix + change), "prod (W_l + Delta W_l) = prod W + E'"
    )


def printed_q_of_lemma_10_decompose(case: LinearCase, num: Any) -> Steps:
    """Proof of Lemma 10, Q_l as printed: E'Q_1 + ... + E'Q_L = E'.

    Q_l = V I_{(R_1+...+R_{l-1})^R_E' : (R_1+...+R_l)^R_E'} V^T: the end of one range is the beginning of the next.

    Hypotheses  those of Lemma 10
    """
    d, change, rank = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield _decomposes(change, printed_projections_of_lemma_10(d, case.ranks, rank, num), d, num)


def printed_q_of_lemma_10_have_low_rank(case: LinearCase, num: Any) -> Steps:
    """Proof of Lemma 10, Q_l as printed satisfy (9): rank(Q_l) <= R_l.

    Hypotheses  none
    """
    d, _, rank = _setting(case, num)
    for Q, R in zip(printed_projections_of_lemma_10(d, case.ranks, rank, num), case.ranks, strict=True):
        yield conclude(at_most(num.rank(Q), R), "rank(Q_l) <= R_l")


def meant_q_of_lemma_10(case: LinearCase, num: Any) -> Steps:
    """Proof of Lemma 10, repaired: the ranges R_1+...+R_{l-1}+1 : R_1+...+R_l satisfy (7), and rank(Q_l) <= R_l.

    Hypotheses  none
    """
    d, change, _ = _setting(case, num)
    Q = projections(d, case.ranks, num)
    yield _decomposes(change, Q, d, num)
    for one, R in zip(Q, case.ranks, strict=True):
        yield conclude(at_most(num.rank(one), R), "rank(Q_l) <= R_l")


# Equation (12) and the rank chain of the induction ----------------------------------------------------------------------


def printed_base_case(case: LinearCase, num: Any) -> Steps:
    """Equation (12) as printed: with Q_1 = I_{1:R,D} the chain of the base case ends in E'Q_1 = LR_{R ^ R_E'}(E).

    Hypotheses  those of Lemma 9
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = num.selector(case.frozen.width, 1, case.ranks[0])
    yield conclude(
        equal(change @ Q, truncated(d, case.ranks[0]), scale=sigma(d, 1, num)), "E'Q_1 = LR_{R ^ R_E'}(E)"
    )


def printed_base_case_keeps_the_layer_invertible(case: LinearCase, num: Any) -> Steps:
    """Equation (12) as printed gives (10) at l = 1: with Q_1 = I_{1:R,D}, rank(W_1 + Delta W_1) = D.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    Q = num.selector(case.frozen.width, 1, case.ranks[0])
    after = product(case.frozen.weights[1:])
    change_1 = num.solve(after, change @ Q)
    yield conclude(num.nonsingular(case.frozen.weights[0] + change_1), "rank(W_1 + Delta W_1) = D")


def base_case(case: LinearCase, num: Any) -> Steps:
    """Equation (12), repaired: Q_1 = V I_{1:R^R_E',D} V^T gives E'Q_1 = LR_{R^R_E'}(E) and rank(W_1 + Delta W_1) = D.

    Hypotheses  those of Lemma 9 (for the second conclusion L >= 2)
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)[0]
    yield conclude(equal(change @ Q, truncated(d, case.ranks[0]), scale=sigma(d, 1, num)), "E'Q_1 = LR_{R^R_E'}(E)")
    if case.frozen.depth >= 2:
        change_1 = num.solve(product(case.frozen.weights[1:]), change @ Q)
        yield conclude(num.nonsingular(case.frozen.weights[0] + change_1), "rank(W_1 + Delta W_1) = D")


def substitution_as_printed(case: LinearCase, num: Any) -> Steps:
    """Rank chain, first line as printed: Delta W_l = (W_L ... W_{l+1})^{-1} E'Q_l prod_{i<l} (W_i + Delta W_i)^{-1}.

    With the convention of the text the product of the inverses is (W_{l-1} + Delta W_{l-1})^{-1} ... (W_1 + Delta W_1)^{-1},
    while equation (8) has the inverse of the product, its factors the other way round.

    Hypotheses  those of Lemma 9
    Conclusion  for l = 2, ..., L the printed matrix is that of equation (8)
    """
    d, change, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    Q = projections(d, case.ranks, num)
    changes = changes_by_equation_8(case, change, Q, num)
    adapted = case.frozen.adapted(changes).weights
    for l, S in enumerate(suffixes(case.frozen.weights)):
        if l > 0:
            piece = change @ Q[l] if S is None else num.solve(S, change @ Q[l])
            printed = piece @ product([num.inverse(layer) for layer in adapted[:l]])
            yield conclude(equal(printed, changes[l]), "the printed substitution is equation (8)")
    if case.frozen.depth == 1:
        yield suppose(False, "L >= 2")


def _chain(case: LinearCase, num: Any, last: int) -> Iterator[tuple[int, Array, Array, SVD]]:
    """For l = 2..last: l, the adapted layer W_l + Delta W_l, prod W + E'(Q_1 + ... + Q_l), and the SVD of E."""
    d, change, _ = _setting(case, num)
    Q = projections(d, case.ranks, num)
    adapted = case.frozen.adapted(changes_by_equation_8(case, change, Q, num)).weights
    for l in range(2, last + 1):
        yield l, adapted[l - 1], case.frozen.matrix + change @ sum(Q[:l]), d


def chain_telescopes(case: LinearCase, num: Any) -> Steps:
    """Rank chain, middle: rank(W_l + Delta W_l) = rank(prod W + E'(Q_1 + ... + Q_l)) for l = 2, ..., L.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for _, layer, partial, _ in _chain(case, num, case.frozen.depth):
        yield conclude(equal(num.rank(layer), num.rank(partial)), "both ranks agree")


def chain_ends_as_printed(case: LinearCase, num: Any) -> Steps:
    """Rank chain, last line as printed: rank(prod W + E'(Q_1 + ... + Q_l)) = rank(prod W + LR_{R ^ R_E'}(E)), l = 2..L.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    printed = num.rank(case.frozen.matrix + truncated(d, case.ranks[0]))
    for _, _, partial, _ in _chain(case, num, case.frozen.depth):
        yield conclude(equal(num.rank(partial), printed), "the printed ranks agree")


def chain_ends(case: LinearCase, num: Any) -> Steps:
    """Rank chain, last line repaired: prod W + E'(Q_1 + ... + Q_l) = prod W + LR_{Rl ^ R_E'}(E), with Rl for R.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for l, _, partial, _ in _chain(case, num, case.frozen.depth):
        meant = case.frozen.matrix + truncated(d, sum(case.ranks[:l]))
        yield conclude(equal(partial, meant), "prod W + E'(Q_1 + ... + Q_l) = prod W + LR_{Rl}(E)")


def chain_concludes_as_printed(case: LinearCase, num: Any) -> Steps:
    """Rank chain, its conclusion as printed: rank(W_l + Delta W_l) = D for l = 2, ..., L.

    At l = L the layer is singular whenever prod W + E' is, which no hypothesis excludes.

    Hypotheses  those of Lemma 9; L >= 2
    """
    d, _, _ = _setting(case, num)
    yield from hypotheses(case.frozen, d, case.ranks, num)
    yield suppose(case.frozen.depth >= 2, "L >= 2")
    for _, layer, _, _ in _chain(case, num, case.frozen.depth):
        yield conclude(num.nonsingular(layer), "rank(W_l + Delta W_l) = D for l = 2..L")


_STANDS, _FALLS = Verdict.CORROBORATED, Verdict.REFUTED


def _claim(
    key: str, statement: Any, label: str, verdict: Verdict, reason: str, repaired_by: str | None = None
) -> Claim:
    return Claim(
        key=f"zeng-lee/{key}",
        statement=statement,
        source=Source("zeng-lee", label, "Appendix D"),
        verdict=verdict,
        reason=reason,
        repaired_by=None if repaired_by is None else f"zeng-lee/{repaired_by}",
    )


DECOMPOSITION = (
    _claim("equation-3", telescoping, "equation (3)", _STANDS, "the sum telescopes"),
    _claim("equation-3.rank", rank_count, "equation (3)", _STANDS, "rank subadditivity"),
    _claim("equation-4", relaxation, "equation (4)", _STANDS, "a minimum over a larger set; Eckart-Young-Mirsky"),
    _claim(
        "equation-4.optimal-solution",
        relaxed_solution_is_unique,
        "equation (4)",
        _FALLS,
        "not unique in the spectral norm: E = diag(2, 1), A = diag(1, 0); 1 x 1 matrices leave no choice",
        "equation-4.optimal-solution:repaired",
    ),
    _claim(
        "equation-4.optimal-solution:repaired",
        relaxed_solution,
        "equation (4)",
        _STANDS,
        "'the' for 'an': Eckart-Young-Mirsky",
    ),
    _claim("equation-5.value", equation_5_implies_the_value, "equation (5)", _STANDS, "||E - LR_{RL}(E)|| = sigma_{RL+1}"),
    _claim("equation-5.exactness", equation_5_implies_exactness, "equation (5)", _STANDS, "LR_{RL}(E) = E then"),
    _claim(
        "equation-5.optimal-solution",
        equation_5_implies_uniqueness,
        "equation (5)",
        _FALLS,
        "that some adapters have this product says nothing of the other optimal ones",
        "lemma-9.optimal-solution:repaired",
    ),
    _claim("equation-8.solves-6", equation_8_solves_equation_6, "equation (8)", _STANDS, "the inverses cancel"),
    _claim("equation-8.rank", equation_8_meets_the_rank_constraint, "equations (8), (9)", _STANDS, "rank(Q_l) <= R"),
    _claim(
        "equation-8.nonsingular",
        equation_8_keeps_layers_invertible,
        "equations (8), (10)",
        _STANDS,
        "W_L...W_{l+1} (W_l + Delta W_l) ... = prod W + LR_{Rl}(E)",
    ),
    _claim(
        "equation-11",
        printed_q_decompose,
        "equations (7), (11)",
        _FALLS,
        "with R L > rank(E) the last range R_E':R_E' counts one direction again: D = 1, L = 2, R = 1",
        "equation-11:repaired",
    ),
    _claim("equation-11:repaired", meant_q_decompose, "equations (7), (11)", _STANDS, "the ranges partition 1..R_E'"),
    _claim("equation-11.rank", printed_q_have_low_rank, "equations (9), (11)", _STANDS, "R positions, or one"),
    _claim(
        "equation-11.product",
        printed_q_solve_equation_5,
        "equations (5), (8), (11)",
        _FALLS,
        "the direction counted twice is added twice",
        "equation-8.nonsingular",
    ),
    _claim(
        "equation-12",
        printed_base_case,
        "equation (12)",
        _FALLS,
        "Q_1 = I_{1:R,D} for V I_{1:R,D} V^T: it keeps R columns of E', not R singular triples",
        "equation-12:repaired",
    ),
    _claim(
        "equation-12.nonsingular",
        printed_base_case_keeps_the_layer_invertible,
        "equation (12)",
        _FALLS,
        "prod W plus R columns of E' may be singular: P = I, E = diag(-1, 2)",
        "equation-12:repaired",
    ),
    _claim("equation-12:repaired", base_case, "equation (12)", _STANDS, "E' V I_{1:R} V^T = LR_R(E)"),
    _claim(
        "rank-chain.substitution",
        substitution_as_printed,
        "induction step",
        _FALLS,
        "a product of inverses for the inverse of a product: three layers, E'Q_3 not zero, so D = 3 is smallest",
        "equation-8.solves-6",
    ),
    _claim(
        "rank-chain.rank-of-q",
        printed_q_have_full_rank,
        "induction step",
        _FALLS,
        "rank(Q_l) <= R, with less where the singular values are used up; what (9) needs stands",
        "equation-11.rank",
    ),
    _claim("rank-chain.middle", chain_telescopes, "induction step", _STANDS, "each step multiplies by invertible matrices"),
    _claim(
        "rank-chain.last-line",
        chain_ends_as_printed,
        "induction step",
        _FALLS,
        "R for Rl: at l = L the left side is the rank of prod W + E', which may be singular",
        "rank-chain.last-line:repaired",
    ),
    _claim("rank-chain.last-line:repaired", chain_ends, "induction step", _STANDS, "Q_1 + ... + Q_l projects on Rl triples"),
    _claim(
        "rank-chain.full-rank",
        chain_concludes_as_printed,
        "induction step",
        _FALLS,
        "l = L is not covered by r <= R(L-1), and not needed: a singular target makes W_L + Delta W_L singular",
        "equation-8.nonsingular",
    ),
)

LEMMA_10_PROOF = (
    _claim(
        "lemma-10.q-matrices",
        printed_q_of_lemma_10_decompose,
        "proof of Lemma 10",
        _FALLS,
        "the '+ 1' is missing: consecutive ranges share an end, already for D = 1, L = 2",
        "lemma-10.q-matrices:repaired",
    ),
    _claim(
        "lemma-10.q-matrices.rank",
        printed_q_of_lemma_10_have_low_rank,
        "proof of Lemma 10",
        _FALLS,
        "the range has R_l + 1 positions from l = 2 on",
        "lemma-10.q-matrices:repaired",
    ),
    _claim("lemma-10.q-matrices:repaired", meant_q_of_lemma_10, "proof of Lemma 10", _STANDS, "a partition, in order"),
)
