"""The Transformer models: hand-computed cases, invariants, one network in every arithmetic, bad input, the recipes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theorems.arithmetic import Ball, Float64, Fractions, MultiPrecision, Rational
from theorems.case import arrays, exact, fractions, map_arrays, member
from theorems.errors import InputError, Undefined
from theorems.models.linear import Adapter
from theorems.models.transformer import Adaptation, Block, BlockChange, Transformer, TransformerCase, TwinCase
from theorems.strategies.models.transformer import TWISTS, TransformerRecipe, transformer, transformer_cases
from theorems.strategies.models.transformer_makers import Maker
from theorems.strategies.models.transformer_twins import TWINS, twin_models
from theorems.strategies.real.checkpoints import minilm_installed
from theorems.strategies.real.heads import numerical_rank, rank_of_product
from theorems.texts.zeng_lee.transformer.construction import construct, mismatch, signature


def small(D: int = 2, heads: int = 2, depth: int = 2, seed: int = 0) -> Transformer:
    return exact(transformer(Maker(np.random.default_rng(seed), None, 2), "unimodular", D, heads, depth))


def plain(model: Transformer, X: Any) -> Any:
    """The definition, token by token, in plain Python loops."""
    Z = np.asarray(X, float)
    for block in model.blocks:
        N = Z.shape[1]
        attention = np.zeros_like(Z)
        for j in range(N):
            for h in range(block.heads):
                K, Q, V = (np.asarray(W[h], float) for W in (block.keys, block.queries, block.values))
                powers = [np.exp((K @ Z[:, i]) @ (Q @ Z[:, j])) for i in range(N)]
                token = sum(p / sum(powers) * (V @ Z[:, i]) for i, p in enumerate(powers))
                attention[:, j] += np.asarray(block.outputs[0][h], float) @ token if block.outputs else token
        before = np.asarray(block.first, float) @ attention + np.asarray(block.first_bias, float)[:, None]
        Z = np.asarray(block.second, float) @ np.maximum(before, 0) + np.asarray(block.second_bias, float)[:, None]
    powers = np.exp(np.asarray(model.out, float) @ Z)
    return powers / powers.sum(0)


@pytest.mark.parametrize("heads", [0, 1, 3])
def test_forward_is_the_definition(heads: int) -> None:
    model, X = small(3, heads), fractions(np.array([[0, 1], [0, -1], [1, 0]])) / 2
    num = Float64()
    loaded, inputs = num.load((model, X))
    np.testing.assert_allclose(loaded.forward(inputs, num)[0], plain(model, X), atol=1e-12)


def test_forward_of_one_number_by_hand() -> None:
    one = np.ones((1, 1, 1))
    block = Block(one, one, 2 * one, (3 * one,), one[0], 5 * one[0], np.array([1.0]), np.array([7.0]))
    num = Float64(size=1)
    batch = map_arrays(block, lambda array: array[None])
    assert batch.forward(np.array([[[2.0]]]), num) == pytest.approx(5 * (3 * 2 * 2 + 1) + 7)
    assert batch.forward(np.array([[[-2.0]]]), num) == pytest.approx(7)


def test_every_arithmetic_runs_the_same_network() -> None:
    model, X = small(2, 2), fractions(np.array([[1, 0, 2], [0, 1, -1]])) / 4
    want = plain(model, X)
    for num in (Float64(), MultiPrecision(50), Ball(), Fractions()):
        loaded, inputs = num.load((model, X))
        with num.running(loaded):
            got = loaded.forward(inputs, num)
        got = got[0] if num.name == "float64" else got
        middle = [float(str(num.show(value)).split()[0].strip("[")) for value in np.ravel(np.asarray(got))]
        np.testing.assert_allclose(np.reshape(middle, want.shape), want, rtol=1e-9)


def test_softmax_of_large_scores_stays_finite() -> None:
    model = small(2, 1, 1)
    X = fractions(np.array([[300, -300], [200, 100]]))
    for num in (Float64(), MultiPrecision(30), Ball()):
        loaded, inputs = num.load((model, X))
        with num.running(loaded):
            columns = loaded.forward(inputs, num).sum(-2)
            assert np.all(num.decide(_close(columns, num)).verdicts == 1)


def _close(columns: Any, num: Any) -> Any:
    from theorems.statement import at_most

    return at_most(num.absolute(columns - num.number(1)), num.number(1, 10**9), scale=num.number(1))


def test_a_batch_is_its_members() -> None:
    batch = transformer(Maker(np.random.default_rng(1), 5), "gaussian", 3, 2, 2)
    X = np.random.default_rng(2).standard_normal((5, 3, 4))
    together = batch.forward(X, Float64(size=5))
    for i in range(5):
        alone, inputs = map_arrays((member(batch, i), X[i]), lambda array: array[None])
        np.testing.assert_allclose(together[i], alone.forward(inputs, Float64(size=1))[0], atol=1e-12)


def test_tokens_may_be_exchanged_and_logits_shifted() -> None:
    num = Float64(size=1)
    model = map_arrays(transformer(Maker(np.random.default_rng(3), 1), "gaussian", 3, 2, 2), lambda array: array)
    X = np.random.default_rng(4).standard_normal((1, 3, 4))
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(model.forward(X, num)[..., order], model.forward(X[..., order], num), atol=1e-12)
    shifted = Transformer(model.blocks, model.out + np.array([[[1.0, -2.0, 3.0]]]))
    np.testing.assert_allclose(model.forward(X, num), shifted.forward(X, num), atol=1e-12)


def test_signature_decides_equality_of_functions() -> None:
    """Other factors of the same products: one signature, one function; another bias: neither."""
    num = Rational()
    model = small(2, 1, 2)
    block = model.blocks[1]
    G = fractions(np.array([[1, 1], [0, 1]]))
    inverse = fractions(np.array([[1, -1], [0, 1]]))
    turned = dataclasses.replace(block, keys=(G @ block.keys), queries=(inverse.T @ block.queries))
    same = Transformer((model.blocks[0], turned), model.out)
    moved = dataclasses.replace(block, second_bias=block.second_bias + 1)
    other = Transformer((model.blocks[0], moved), model.out)
    one, two, three = num.load((model, same, other))
    assert not mismatch(one, two, num).any()
    assert mismatch(one, three, num).any()
    assert len(signature(one, num)) == 3 * 2 + 1


def test_adaptation_adds_its_adapters() -> None:
    model = small(2, 2, 1)
    step = Adapter(fractions(np.array([[1], [2]])), fractions(np.array([[3, 4]])))
    block = model.blocks[0]
    change = BlockChange([step, step], (), (), (), (step,), (), block.first_bias, block.second_bias)
    adaptation = Adaptation([change], (step,))
    num = Rational()
    frozen, loaded = num.load(model), num.load(step)
    moved = dataclasses.replace(change, keys=[loaded, loaded], first=(loaded,))
    adapted = Adaptation([moved], (loaded,)).adapted(frozen, num)
    assert adaptation.rank == 1
    assert (adapted.blocks[0].keys - frozen.blocks[0].keys == num.load(step.matrix)).all()
    assert (adapted.blocks[0].first - frozen.blocks[0].first == num.load(step.matrix)).all()
    assert (adapted.out - frozen.out == num.load(step.matrix)).all()
    assert (adapted.blocks[0].queries == frozen.blocks[0].queries).all()


# Bad input ------------------------------------------------------------------------------------------------------------


def one_line(error: pytest.ExceptionInfo[Exception], *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_head_counts_that_disagree() -> None:
    model = small()
    block = model.blocks[0]
    with pytest.raises(InputError) as error:
        dataclasses.replace(block, queries=block.queries[:1])
    one_line(error, "W_Q", "1 heads", "2")
    with pytest.raises(InputError) as error:
        Transformer((block, small(2, 1).blocks[0]), model.out)
    one_line(error, "block 2", "1 heads", "2")
    with pytest.raises(InputError) as error:
        dataclasses.replace(block, outputs=())
    one_line(error, "no W_O")


def test_biases_and_matrices_of_wrong_size() -> None:
    model = small()
    block = model.blocks[0]
    with pytest.raises(InputError) as error:
        dataclasses.replace(block, first_bias=block.first_bias[:1])
    one_line(error, "b_1", "length 1", "2 x 2")
    with pytest.raises(InputError) as error:
        dataclasses.replace(block, second=block.second[:1])
    one_line(error, "W_2", "2 x 2")
    with pytest.raises(InputError) as error:
        Transformer(model.blocks, model.out[:1])
    one_line(error, "W_o")


def test_no_tokens_no_blocks_no_rank() -> None:
    model, none = small(), fractions(np.zeros(2))
    with pytest.raises(InputError) as error:
        TransformerCase(model, model, 1, fractions(np.zeros((2, 0))), none)
    one_line(error, "no tokens")
    with pytest.raises(InputError) as error:
        TwinCase(model, model, fractions(np.zeros((3, 1))))
    one_line(error, "2 rows")
    with pytest.raises(InputError) as error:
        TransformerCase(model, model, 3, fractions(np.zeros((2, 1))), none)
    one_line(error, "R = 3", "1..2")
    with pytest.raises(InputError) as error:
        TransformerCase(model, small(2, 1), 1, fractions(np.zeros((2, 1))), none)
    one_line(error, "heads", "2 against 1")
    with pytest.raises(InputError) as error:
        Transformer((), model.out)
    one_line(error, "no blocks")


@pytest.mark.parametrize(("which", "words"), [("frozen", "the frozen model"), ("target", "the target")])
def test_a_singular_second_layer_is_named(which: str, words: str) -> None:
    model = exact(transformer(Maker(np.random.default_rng(0), None, 1), "identity", 2, 1, 2))
    singular = dataclasses.replace(model.blocks[0], second=model.blocks[0].second * 0)
    bad = Transformer((singular, model.blocks[1]), model.out)
    case = TransformerCase(model, model, 1, fractions(np.zeros((2, 1))), fractions(np.zeros(2)))
    num = Rational()
    pair: dict[str, Any] = {which: bad}
    loaded = num.load(dataclasses.replace(case, **pair))
    with num.running(loaded), pytest.raises(Undefined) as error:
        construct(loaded, num, R=2, method="elimination")
    one_line(error, "W_2 of block 1", words)


# Recipes --------------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(transformer_cases(twists=TWISTS[:5], min_dimension=2, max_dimension=3))
def test_recipes_are_deterministic_and_make_what_they_say(recipe: Any) -> None:
    one, two = recipe.exact(1), recipe.exact(1)
    assert all((a == b).all() for a, b in zip(arrays(one), arrays(two), strict=True))
    batch = recipe.batch(3)
    assert all(len(leaf) == 3 for leaf in arrays(batch))
    assert one.frozen.width == recipe.dimension
    assert one.frozen.depth == recipe.depth
    assert one.tokens == recipe.tokens


@pytest.mark.parametrize("twist", TWISTS)
def test_every_twist_has_a_case(twist: str) -> None:
    heads = 2 if twist in ("heads renumbered", "scores shared") else 0
    low = 4 if twist == "other first layer" else 2
    recipe = TransformerRecipe("identity", "at", twist, low, heads, 1, 2, 1)
    assert isinstance(recipe.exact(0), TransformerCase)
    assert isinstance(recipe.batch(2), TransformerCase)
    assert recipe.exact(0).frozen.has_projections == bool(heads)


@settings(max_examples=15, deadline=None)
@given(twin_models(), st.sampled_from([0, 1]))
def test_twins_have_one_shape(recipe: Any, index: int) -> None:
    case = recipe.exact(index)
    assert case.first.width == case.second.width == recipe.dimension
    assert recipe.kind in TWINS


def test_ranks_of_products_and_matrices() -> None:
    generator = np.random.default_rng(0)
    left, right = generator.standard_normal((20, 3)), generator.standard_normal((3, 30))
    assert rank_of_product(left, right) == numerical_rank(left @ right) == 3


@pytest.mark.skipif(not minilm_installed(), reason="the optional model is not installed")
def test_real_heads_have_the_rank_of_their_width() -> None:
    from theorems.strategies.real.heads import narrow_pairs, real_weights

    found = narrow_pairs(real_weights())
    assert len(found) == 5 * 12 * 2
    assert {(pair.rank, pair.gap, pair.threshold, pair.needed) for pair in found} == {(32, 64, 32, 32)}
