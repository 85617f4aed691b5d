"""Zeng and Lee, the proof of Theorem 5: the chain that bounds E ||z-bar_i|| by beta."""

from __future__ import annotations

from typing import Any

from theorems.adaptation.error_sizes import beta, largest, magnitudes, root_of_frobenius, root_of_trace, second_moment
from theorems.models.relu import NetworkCase
from theorems.num import Num
from theorems.statement import at_most, conclude, equal
from theorems.texts.zeng_lee.linear.linear_models import Steps
from theorems.texts.zeng_lee.relu.construction import mean_norm
from theorems.texts.zeng_lee.relu.error_chain import of_the_proof


def relu_equality(case: NetworkCase, num: Num) -> Steps:
    """Third line for E ||z-bar||, as printed: E ||ReLU(W-bar_i z + b-bar_i)|| = E ||W-bar_i z + b-bar_i||.

    Hypotheses  none; for every layer of the target
    """
    for y in case.target.preactivations(case.inputs.points, num):
        after = mean_norm(num.relu(y), case.inputs.weights, num)
        yield conclude(equal(after, mean_norm(y, case.inputs.weights, num)), "E ||ReLU(y)|| = E ||y||")


def relu_inequality(case: NetworkCase, num: Num) -> Steps:
    """Third line for E ||z-bar||, as meant: E ||ReLU(y)|| <= E ||y||.

    Hypotheses  none; for every layer of the target
    """
    for y in case.target.preactivations(case.inputs.points, num):
        after = mean_norm(num.relu(y), case.inputs.weights, num)
        yield conclude(at_most(after, mean_norm(y, case.inputs.weights, num)), "E ||ReLU(y)|| <= E ||y||")


def _chain(case: NetworkCase, size: Any, num: Num) -> list[Any]:
    """size prod_{j<=i} ||W-bar_j||_F + sum_{j<=i} prod_{k=j+1}^{i} ||W-bar_k||_F ||b-bar_j|| for i = 1..L-bar."""
    target = case.target
    norms = [num.frobenius_norm(W) for W in target.weights]
    return magnitudes(norms, [num.norm(b) for b in target.biases], size, 1, num)


def recursion(case: NetworkCase, num: Num) -> Steps:
    """The repeated step: E ||z-bar_i|| <= prod_{j<=i} ||W-bar_j||_F E ||x|| + sum_{j<=i} prod_{k=j+1}^{i}
    ||W-bar_k||_F ||b-bar_j||.

    Hypotheses  none
    """
    x, weights = case.inputs.points, case.inputs.weights
    bounds = _chain(case, mean_norm(x, weights, num), num)
    for z, bound in zip(case.target.activations(x, num)[1:], bounds, strict=True):
        yield conclude(at_most(mean_norm(z, weights, num), bound), "E ||z-bar_i|| <= the chain")


def input_norm(case: NetworkCase, num: Num) -> Steps:
    """Last line for E ||z-bar||, as printed: E ||x||_2 = sqrt(||Sigma||_F).

    Hypotheses  none
    """
    x, weights = case.inputs.points, case.inputs.weights
    yield conclude(equal(mean_norm(x, weights, num), root_of_frobenius(second_moment(x, weights, num), num)), "E ||x||")


def input_norm_at_most(case: NetworkCase, num: Num) -> Steps:
    """The same with an inequality: E ||x||_2 <= sqrt(||Sigma||_F).

    Hypotheses  none
    """
    x, weights = case.inputs.points, case.inputs.weights
    right = root_of_frobenius(second_moment(x, weights, num), num)
    yield conclude(at_most(mean_norm(x, weights, num), right), "E ||x||")


def input_norm_repaired(case: NetworkCase, num: Num) -> Steps:
    """The same, repaired: E ||x||_2 <= sqrt(tr Sigma).

    Hypotheses  none
    """
    x, weights = case.inputs.points, case.inputs.weights
    right = root_of_trace(second_moment(x, weights, num), num)
    yield conclude(at_most(mean_norm(x, weights, num), right), "E ||x|| <= sqrt(tr Sigma)")


def below_beta(case: NetworkCase, num: Num) -> Steps:
    """End of the chain: sqrt(||Sigma||_F) prod_{j<i} ||W-bar_j||_F + sum_{j<i} prod_{k=j+1}^{i-1} ||W-bar_k||_F
    ||b-bar_j|| <= beta.

    The sum inside beta ends its product one factor early: the chain for z-bar_{i-1} is not among the terms of beta.

    Hypotheses  none; for i = 2..L-bar
    """
    x, weights = case.inputs.points, case.inputs.weights
    size = root_of_frobenius(second_moment(x, weights, num), num)
    top = beta(case, case.biases, num)
    for bound in _chain(case, size, num)[:-1]:
        yield conclude(at_most(bound, top), "the chain is at most beta")
    yield conclude(True, "i = 1 has no chain")


def norm_below_beta(case: NetworkCase, num: Num) -> Steps:
    """The chain from end to end: E ||z-bar_{i-1}||_2 <= beta for i = 2..L-bar.

    Hypotheses  none
    """
    weights, top = case.inputs.weights, beta(case, case.biases, num)
    for z in case.target.activations(case.inputs.points, num)[1:-1]:
        yield conclude(at_most(mean_norm(z, weights, num), top), "E ||z-bar_{i-1}|| <= beta")
    yield conclude(True, "i = 1 has no chain")


def norm_below_repaired_beta(case: NetworkCase, num: Num) -> Steps:
    """The chain, repaired: E ||z-bar_{i-1}||_2 <= beta for i = 1..L-bar with sqrt(tr Sigma) and full products in
    beta.

    beta = max over i of sqrt(tr Sigma) prod_{j<=i} ||W-bar_j||_F + sum_{j<=i} prod_{k=j+1}^{i} ||W-bar_k||_F
    ||b-bar_j||, and sqrt(tr Sigma).

    Hypotheses  none
    """
    x, weights = case.inputs.points, case.inputs.weights
    size = root_of_trace(second_moment(x, weights, num), num)
    top = largest([*_chain(case, size, num), size], num)
    for z in case.target.activations(x, num)[:-1]:
        yield conclude(at_most(mean_norm(z, weights, num), top), "E ||z-bar_{i-1}|| <= beta")


CHAIN_OF_BETA = (
    of_the_proof("chain for beta, line 3").misprint(
        "zeng-lee/beta-chain.relu:printed-letter", relu_equality, "a dead unit has 0 on the left: D = 1",
        place="chain for E ||z-bar_{i-1}||, line 2",
        printed="E ||ReLU(y)||_2 = E ||y||_2 (ReLU is 1-Lipschitz); in the chain for B_i it is <=",
        repaired_by="zeng-lee/beta-chain.relu",
    ),
    of_the_proof("chain for beta, line 3").stands("zeng-lee/beta-chain.relu", relu_inequality, "|ReLU(y)| <= |y|"),
    of_the_proof("chain for beta").stands("zeng-lee/beta-chain.recursion", recursion, "induction over the layers"),
    of_the_proof("chain for beta, last line").false(
        "zeng-lee/beta-chain.input-norm", input_norm, "a mean is no root mean square: D = 1, two points",
        place="chain for E ||z-bar_{i-1}||, last line", printed="E ||x||_2 = sqrt(||Sigma||_F)",
        repaired_by="zeng-lee/beta-chain.input-norm:repaired",
    ),
    of_the_proof("chain for beta, last line").false(
        "zeng-lee/beta-chain.input-norm:at-most", input_norm_at_most,
        "||Sigma||_F <= tr Sigma, strictly from rank two on: D = 2; at D = 1 it holds",
        place="chain for E ||z-bar_{i-1}||, last line", printed="this reading: E ||x||_2 <= sqrt(||Sigma||_F)",
        repaired_by="zeng-lee/beta-chain.input-norm:repaired",
    ),
    of_the_proof("chain for beta, last line").stands(
        "zeng-lee/beta-chain.input-norm:repaired", input_norm_repaired, "Jensen",
    ),
    of_the_proof("chain for beta, last line").false(
        "zeng-lee/beta-chain.last-line", below_beta,
        "beta ends its inner product one factor early: D = 1, L-bar = 3; two layers have no such factor",
        place="chain for E ||z-bar_{i-1}||, last line",
        printed=(
            "sqrt(||Sigma||_F) prod_{j=1}^{i-1} ||W-bar_j||_F + sum_{j=1}^{i-1} prod_{k=j+1}^{i-1} ||W-bar_k||_F "
            "||b-bar_j||_2 <= beta, where beta has prod_{k=j+1}^{i-1} for the sum to i"
        ),
        repaired_by="zeng-lee/beta-chain:repaired",
    ),
    of_the_proof("chain for beta").false(
        "zeng-lee/beta-chain", norm_below_beta,
        "the missing factor shows in the activations themselves: D = 1, L-bar = 3, a constant input",
        place="chain for E ||z-bar_{i-1}||, its ends", printed="E ||z-bar_{i-1}||_2 <= beta",
        repaired_by="zeng-lee/beta-chain:repaired",
    ),
    of_the_proof("chain for beta").stands(
        "zeng-lee/beta-chain:repaired", norm_below_repaired_beta, "the recursion, and Jensen",
    ),
)  # fmt: skip
