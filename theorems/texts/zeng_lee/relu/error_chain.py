"""Zeng and Lee, the proof of Theorem 5 line by line: A_i, the adapted norms, B_i, the chain for beta, the
composition.

These are claims on the construction of the proof, at the activations z-bar_i of the target and z-hat_i of the
sub-models.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from theorems.adaptation.error_sizes import beta, largest, power, root_of_trace, second_moment
from theorems.case import Array
from theorems.claim import Source
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import Conclude, Suppose, at_most, conclude, equal
from theorems.texts.zeng_lee.arguments import BLOCKWISE, BY_EQUATION_8_IN_BLOCKS
from theorems.texts.zeng_lee.linear.linear_models import Steps, sigma
from theorems.texts.zeng_lee.relu.assumptions import UNIFORM, assumption_1
from theorems.texts.zeng_lee.relu.construction import (
    Approximation,
    approximation,
    by_equation_8,
    decompositions,
    mean_norm,
    scalar,
    sub_network,
    uniform_ranks,
)
from theorems.texts.zeng_lee.relu.error_bounds import layer_errors

_A = "A_i = E ||f_i(z-hat_{i-1}) - f_i(z-bar_{i-1})||_2"


@dataclass(frozen=True)
class _Run:
    """The construction of the proof, run: adapted activations, target's activations, and what the lines are about."""

    made: Approximation
    adapted: tuple[Array, ...]  # z-hat_0, ..., z-hat_{L-bar}
    target: tuple[Array, ...]  # z-bar_0, ..., z-bar_{L-bar}
    crossed: tuple[Array, ...]  # f_i(z-bar_{i-1})
    errors: tuple[Any, ...]  # E_i
    norms: tuple[Any, ...]  # ||W-bar_i||_F
    weights: tuple[Array, ...]  # W-bar_i + N_i


def _run(case: NetworkCase, num: Num) -> Generator[Suppose | Conclude, None, _Run]:
    """The hypotheses of Theorem 5, and then the run of its construction."""
    ds, ranks = decompositions(case, num), uniform_ranks(case)
    yield from assumption_1(case, ds, num)
    made = approximation(case, ds, ranks, by_equation_8, num)
    target = case.target
    reached = target.activations(case.inputs.points, num)
    adapted, crossed = [case.inputs.points], []
    for i in range(case.depth):
        block = sub_network(case, made.network, i)
        adapted.append(block.forward(adapted[-1], num))
        crossed.append(block.forward(reached[i], num))
    return _Run(
        made,
        tuple(adapted),
        tuple(reached),
        tuple(crossed),
        tuple(layer_errors(case, ds, ranks, num)),
        tuple(num.frobenius_norm(W) for W in target.weights),
        tuple(W + N for W, N in zip(target.weights, made.residuals, strict=True)),
    )


def _mean(run: _Run, case: NetworkCase, values: Array, num: Num) -> Any:
    return mean_norm(values, case.inputs.weights, num)


def _alpha(run: _Run, added: Any, num: Num) -> Any:
    """max_k (||W-bar_k||_F + added), for one number or one for each k."""
    extra = added if isinstance(added, Sequence) else [added] * len(run.norms)
    return largest([norm + e for norm, e in zip(run.norms, extra, strict=True)], num)


# A_i ----------------------------------------------------------------------------------------------------------------


def equation_17(case: NetworkCase, num: Num) -> Steps:
    """Equation (17) and the lines after it: E ||z-hat_i - z-bar_i||_2 <= A_i + B_i, for i >= 2.

    The first two lines only rename and rearrange; the triangle inequality is the last.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        A = _mean(run, case, run.adapted[i + 1] - run.crossed[i], num)
        whole = _mean(run, case, run.adapted[i + 1] - run.target[i + 1], num)
        scale = _size(run, case, i, num)
        yield conclude(at_most(whole, A + _b(run, case, i, num), scale=scale), "E ||z-hat_i - z-bar_i|| <= A_i + B_i")
    yield conclude(True, "i = 1 has no A_i")


def equation_18_identity(case: NetworkCase, num: Num) -> Steps:
    """First line before (18), as printed: A_i = E ||ReLU(W-hat_i (z-hat_{i-1} - z-bar_{i-1}))||, for i >= 2.

    The difference of two ReLUs is no ReLU of the difference.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        A = _mean(run, case, run.adapted[i + 1] - run.crossed[i], num)
        moved = (run.adapted[i] - run.target[i]) @ run.weights[i].mT
        yield conclude(equal(A, _mean(run, case, num.relu(moved), num), scale=_size(run, case, i, num)), _A)
    yield conclude(True, "i = 1 has no A_i")


def equation_18(case: NetworkCase, num: Num) -> Steps:
    """Equation (18): A_i <= ||W-hat_i||_F E ||z-hat_{i-1} - z-bar_{i-1}||_2, for i >= 2.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        A = _mean(run, case, run.adapted[i + 1] - run.crossed[i], num)
        gap = _mean(run, case, run.adapted[i] - run.target[i], num)
        yield conclude(at_most(A, num.frobenius_norm(run.weights[i]) * gap, scale=_size(run, case, i, num)), _A)
    yield conclude(True, "i = 1 has no A_i")


def _size(run: _Run, case: NetworkCase, i: int, num: Num) -> Any:
    """What rounding in f_i is relative to: the outputs of the sub-model and of its target."""
    return num.maximum(_mean(run, case, run.crossed[i], num), _mean(run, case, run.target[i + 1], num))


def equation_19_triangle(case: NetworkCase, num: Num) -> Steps:
    """Equation (19) up to its last line: ||W-hat_i||_F <= ||W-bar_i||_F + sqrt(sum_{j > RM} sigma_j(E_i)^2).

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    RM = case.rank * case.M
    for i, d in enumerate(decompositions(case, num)):
        rest = num.norm(d.s[..., RM:]) if case.frozen.width > RM else num.number(0)
        yield conclude(at_most(num.frobenius_norm(run.weights[i]), run.norms[i] + rest), "the triangle inequality")


def equation_19(case: NetworkCase, num: Num) -> Steps:
    """Equation (19), its last line as printed: ||W-hat_i||_F <= max_k (||W-bar_k||_F + E_i) =: alpha.

    E_i = sigma_{RM+1} is one singular value where the line before has all from there on.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i, e in enumerate(run.errors):
        yield conclude(at_most(num.frobenius_norm(run.weights[i]), _alpha(run, e, num)), "||W-hat_i||_F <= alpha")


def equation_19_spectral(case: NetworkCase, num: Num) -> Steps:
    """Equation (19), repaired: ||W-hat_i||_2 <= ||W-bar_i||_2 + E_i, which is all that (20) needs.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i, (W, e) in enumerate(zip(case.target.weights, run.errors, strict=True)):
        right = num.spectral_norm(W) + e
        yield conclude(at_most(num.spectral_norm(run.weights[i]), right), "||W-hat_i||_2 <= ||W-bar_i||_2 + E_i")


def equation_20(case: NetworkCase, num: Num) -> Steps:
    """Equation (20): A_i <= max_k (||W-bar_k||_F + E_i) E ||z-hat_{i-1} - z-bar_{i-1}||_2, for i >= 2.

    It holds although (19), from which it is taken, does not: spectral norms do.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        A = _mean(run, case, run.adapted[i + 1] - run.crossed[i], num)
        gap = _mean(run, case, run.adapted[i] - run.target[i], num)
        yield conclude(at_most(A, _alpha(run, run.errors[i], num) * gap, scale=_size(run, case, i, num)), _A)
    yield conclude(True, "i = 1 has no A_i")


# B_i and beta -------------------------------------------------------------------------------------------------------


def _b(run: _Run, case: NetworkCase, i: int, num: Num) -> Any:
    """B_i = E ||f_i(z-bar_{i-1}) - f-bar_i(z-bar_{i-1})||_2, i from 0."""
    return _mean(run, case, run.crossed[i] - run.target[i + 1], num)


def b_identity(case: NetworkCase, num: Num) -> Steps:
    """Second line of the chain for B_i, as printed, by (15): B_i = E ||ReLU(N_i z-bar_{i-1})||_2.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i in range(case.depth):
        moved = num.relu(run.target[i] @ run.made.residuals[i].mT)
        scale = _size(run, case, i, num)
        yield conclude(equal(_b(run, case, i, num), _mean(run, case, moved, num), scale=scale), "B_i by (15)")


def b_bound(case: NetworkCase, num: Num) -> Steps:
    """End of the chain for B_i: B_i <= sigma_{RM ^ R-tilde_i + 1}(E_i) E ||z-bar_{i-1}||_2.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    for i, e in enumerate(run.errors):
        bound = e * _mean(run, case, run.target[i], num)
        scale = num.maximum(bound, _size(run, case, i, num))
        yield conclude(at_most(_b(run, case, i, num), bound, scale=scale), "B_i <= E_i E ||z-bar_{i-1}||")


# composition --------------------------------------------------------------------------------------------------------


def _composed(case: NetworkCase, run: _Run, i: int, alpha: Any, num: Num) -> Conclude:
    """(21) for the composition of the first i + 1 sub-models."""
    weights = case.inputs.weights
    bound = power(alpha, i, num) * mean_norm(run.adapted[1] - run.target[1], weights, num)
    for k in range(1, i + 1):
        bound = bound + power(alpha, i - k, num) * _b(run, case, k, num)
    error = mean_norm(run.adapted[i + 1] - run.target[i + 1], weights, num)
    return conclude(at_most(error, bound, scale=num.maximum(bound, _size(run, case, i, num))), "(21)")


def equation_21(case: NetworkCase, num: Num) -> Steps:
    """Equation (21), as printed: E ||z-hat_i - z-bar_i|| <= alpha^{i-1} E ||z-hat_1 - z-bar_1|| + sum_{k=2}^i
    alpha^{i-k} B_k.

    alpha = max_k (||W-bar_k||_F + E_i) depends on i as printed (twice), but is used for the earlier blocks as well.

    Hypotheses  Assumption 1 as printed; i = 2..L-bar
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        yield _composed(case, run, i, _alpha(run, run.errors[i], num), num)
    yield conclude(True, "i = 1 is no composition")


def equation_21_repaired(case: NetworkCase, num: Num) -> Steps:
    """Equation (21), as meant: alpha = max_k (||W-bar_k||_F + E_k), as the statement of the theorem has it.

    Hypotheses  Assumption 1 as printed; i = 2..L-bar
    """
    run = yield from _run(case, num)
    for i in range(1, case.depth):
        yield _composed(case, run, i, _alpha(run, run.errors, num), num)
    yield conclude(True, "i = 1 is no composition")


def first_block(case: NetworkCase, num: Num) -> Steps:
    """After (21), by (16): E ||z-hat_1 - z-bar_1||_2 <= beta sigma_{RM ^ R_1 + 1}(E_1) for the construction.

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    bound = beta(case, case.biases, num) * run.errors[0]
    scale = num.maximum(bound, _size(run, case, 0, num))
    yield conclude(at_most(_b(run, case, 0, num), bound, scale=scale), "E ||z-hat_1 - z-bar_1|| <= beta E_1")


def first_block_repaired(case: NetworkCase, num: Num) -> Steps:
    """After (21), repaired: E ||z-hat_1 - z-bar_1||_2 <= sqrt(tr Sigma) sigma_{RM + 1}(E_1).

    Hypotheses  Assumption 1 as printed
    """
    run = yield from _run(case, num)
    bound = root_of_trace(second_moment(case.inputs.points, case.inputs.weights, num), num) * run.errors[0]
    scale = num.maximum(bound, _size(run, case, 0, num))
    yield conclude(at_most(_b(run, case, 0, num), bound, scale=scale), "E ||z-hat_1 - z-bar_1|| <= sqrt(tr Sigma) E_1")


def last_equality(case: NetworkCase, num: Num) -> Steps:
    """The last line, as meant: sigma_{(RM ^ R-tilde_i) + 1}(E_i) = sigma_{RM + 1}(E_i), R-tilde_i the rank of E_i.

    Both are zero where RM >= R-tilde_i.

    Hypotheses  none
    """
    for d in decompositions(case, num):
        RM = case.rank * case.M
        left = num.singular_value(d.matrix, num.smaller(RM, num.rank(d.matrix)) + 1)
        yield conclude(equal(left, scalar(sigma(d, RM + 1, num)), scale=scalar(sigma(d, 1, num))), "both indices")


def of_the_proof(label: str) -> Source:
    """A place in the proof of Theorem 5."""
    return Source("zeng-lee", label, "Appendix E.2, proof of Theorem 5")


_CONSTRUCTION = "a claim on the construction: D = 1 is always exact, D = 2 is least"

PROOF_OF_THEOREM_5 = (
    of_the_proof("equation (17)").stands("zeng-lee/equation-17", equation_17, "the triangle inequality"),
    of_the_proof("equation (18)").stands(
        "zeng-lee/equation-18", equation_18, "ReLU is 1-Lipschitz, and ||.||_2 <= ||.||_F",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("line before (18)").false(
        "zeng-lee/equation-18.identity", equation_18_identity, _CONSTRUCTION,
        place="first display of Computing A_i", printed="A_i = E ||ReLU(W-hat_i (z-hat_{i-1} - z-bar_{i-1}))||_2",
        repaired_by="zeng-lee/equation-18",
    ),
    of_the_proof("equation (19)").stands(
        "zeng-lee/equation-19.triangle", equation_19_triangle, "the triangle inequality",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("equation (19)").false(
        "zeng-lee/equation-19", equation_19,
        "sigma_{RM+1} for all that are left: target 0 and two equal ones, D = 3, R = M = 1; D = 2 leaves one only",
        place="equation (19), last line", printed="... <= max_k (||W-bar_k||_F + E_i) := alpha",
        why=(
            "The root of a sum of squared singular values is replaced by the largest of them. With two equal "
            "ones left over it is larger by a factor of the root of two. In spectral norms the step is right, "
            "and that is all (20) needs."
        ),
        repaired_by="zeng-lee/equation-19:spectral",
    ),
    of_the_proof("equation (19)").stands(
        "zeng-lee/equation-19:spectral", equation_19_spectral, "the triangle inequality, spectrally",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("equation (20)").stands(
        "zeng-lee/equation-20", equation_20, "by spectral norms, although (19) fails",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("chain for B_i").false(
        "zeng-lee/beta-chain.b-identity", b_identity, _CONSTRUCTION,
        place="Computing B_i, line 2",
        printed="B_i = E ||ReLU((LR_{RM ^ R-tilde_i}(E_i) - E_i) z-bar_{i-1})||_2, by (15)",
        repaired_by="zeng-lee/beta-chain.b-bound",
    ),
    of_the_proof("chain for B_i").stands(
        "zeng-lee/beta-chain.b-bound", b_bound, "|f_i(z) - f-bar_i(z)| <= |N_i z| and ||N_i||_2 = E_i",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("equation (21)").misprint(
        "zeng-lee/equation-21:printed-letter", equation_21,
        "alpha with E_i of the last block does not bound the earlier ones: D = 2, L-bar = 3; L-bar = 2 has one A_i",
        place="equation (21), with alpha of (19)", printed="alpha := max_k (||W-bar_k||_F + E_i); Theorem 5 has E_k",
        repaired_by="zeng-lee/equation-21",
    ),
    of_the_proof("equation (21)").stands(
        "zeng-lee/equation-21", equation_21_repaired, "by (20) in every block",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("after (21)").false(
        "zeng-lee/equation-21.first-block", first_block,
        "sqrt(||Sigma||_F) < E ||x||: a claim on the construction; D <= 2 leaves one singular value, which meets it",
        place="display after (21), by (16)",
        printed="E ||z-hat_1 - z-bar_1||_2 <= beta sigma_{RM ^ R-tilde_1 + 1}(E_1)",
        repaired_by="zeng-lee/equation-21.first-block:repaired",
    ),
    of_the_proof("after (21)").stands(
        "zeng-lee/equation-21.first-block:repaired", first_block_repaired, "E ||x|| <= sqrt(tr Sigma)",
        about={**BY_EQUATION_8_IN_BLOCKS, UNIFORM: BLOCKWISE},
    ),
    of_the_proof("last line").stands(
        "zeng-lee/equation-21.last-equality", last_equality, "both vanish from rank(E_i) on",
    ),
)  # fmt: skip
