"""Transformers and their adapters, by hand and on small exact models; what is refused."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.rational_matrices import matrix, vector
from theorems.arithmetic import Float64, Rational
from theorems.case import SVD, Array, fractions
from theorems.errors import InputError, Undefined
from theorems.models.linear import Adapter
from theorems.models.transformer import (
    Adaptation,
    Block,
    BlockChange,
    Transformer,
    TransformerCase,
    TwinCase,
    weights_by_name,
)
from theorems.texts.zeng_lee.transformer.construction import (
    ELIMINATION,
    ONE_BY_ONE,
    adapted_pair,
    construct,
    mismatch,
    relative_gap,
    signature,
)
from theorems.texts.zeng_lee.transformer.gaps import Pair, pairs

NUM = Rational()
D = 2


def plain(array: Any) -> Any:
    return [plain(item) for item in array] if isinstance(array, np.ndarray) and array.ndim else Fraction(str(array))


def heads(*rows: Any) -> Array:
    return fractions(np.array(rows, dtype=object))


ONE = [[1, 0], [0, 1]]
#: Invertible matrices with short inverses.
SHEAR, LOWER, SWAP, TWICE = [[1, 1], [0, 1]], [[1, 0], [1, 1]], [[0, 1], [1, 0]], [[2, 0], [0, 1]]


def block(**changed: Any) -> Block:
    """Two heads of width two."""
    given: dict[str, Any] = {
        "keys": heads(SHEAR, SWAP), "queries": heads(LOWER, TWICE), "values": heads(TWICE, SHEAR),
        "outputs": (heads(SWAP, LOWER),), "first": matrix(SHEAR), "second": matrix(LOWER),
        "first_bias": vector([1, 2]), "second_bias": vector([3, -1])} | changed  # fmt: skip
    return Block(**given)


def single(**changed: Any) -> Block:
    """One head, without W_O."""
    given: dict[str, Any] = {
        "keys": heads(SHEAR), "queries": heads(LOWER), "values": heads(TWICE), "outputs": (), "first": matrix(SHEAR),
        "second": matrix(LOWER), "first_bias": vector([1, 2]), "second_bias": vector([3, -1])} | changed  # fmt: skip
    return Block(**given)


ONE_WIDE = Block(heads([[1]]), heads([[1]]), heads([[1]]), (), matrix([[1]]), matrix([[1]]), vector([0]), vector([0]))


def model(*blocks: Block) -> Transformer:
    return Transformer(blocks, matrix(TWICE))


# the forward pass ---------------------------------------------------------------------------------------------------


def test_products_of_a_block() -> None:
    b = block()
    assert b.heads == 2
    # K^T Q = (1 0 / 1 1)(1 0 / 1 1) and (0 1 / 1 0)(2 0 / 0 1)
    assert plain(b.scores) == [[[1, 0], [2, 1]], [[0, 1], [2, 0]]]
    assert plain(b.carried) == [[[0, 1], [2, 0]], [[1, 1], [1, 2]]]
    assert plain(b.transfers) == [[[2, 1], [2, 0]], [[2, 3], [1, 2]]]
    assert plain(single().carried) == [TWICE]
    assert plain(single().transfers) == [[[2, 1], [0, 1]]]


def test_a_forward_pass_by_hand() -> None:
    """Scores zero: every token attends to all alike.  With two tokens (1, 0) and (3, 2) the mean is (2, 1)."""
    num = Float64()
    zero = [[0, 0], [0, 0]]
    b = num.load(block(keys=heads(zero, zero), first_bias=vector([1, -100])))
    X = num.constant([[1, 3], [0, 2]])
    # carried: (0 1 / 2 0)(2, 1) + (1 1 / 1 2)(2, 1) = (1, 4) + (3, 4) = (4, 8)
    assert b.attention(X, num).tolist() == [[[4, 4], [8, 8]]]
    # W_1: (12, 8) + (1, -100), ReLU (13, 0); W_2: (13, 13) + (3, -1)
    assert b.hidden(X, num).tolist() == [[[13, 13], [0, 0]]]
    assert b.forward(X, num).tolist() == [[[16, 16], [12, 12]]]
    whole = Transformer((b,), num.constant([[1, 0], [0, 1]]))
    assert whole.logits(X, num).tolist() == [[[16, 16], [12, 12]]]
    share = 1 / (1 + math.exp(-4))
    assert np.allclose(whole.forward(X, num), [[[share, share], [1 - share, 1 - share]]], rtol=1e-14)
    twice = Transformer((b, b), num.constant([[2, 0], [0, 1]]))
    # tokens (16, 12): (12, 32) + (28, 40) = (40, 72); (113, -28); (113, 0); (116, 112)
    assert twice.logits(X, num).tolist() == [[[232, 232], [112, 112]]]


def test_attention_by_hand() -> None:
    """One number, K = 1, Q = log 3, V = 5: token 1 sees e^0 : e^(log 3) = 1 : 3 of the tokens 0 and 1; token 0 half."""
    num = Float64()
    one = Block(num.constant([[[1]]]), num.constant([[[math.log(3)]]]), num.constant([[[5]]]), (),
                num.constant([[1]]), num.constant([[1]]), num.constant([0]), num.constant([0]))  # fmt: skip
    assert np.allclose(one.attention(num.constant([[0, 1]]), num), [[[2.5, 3.75]]])
    other = dataclasses.replace(one, keys=one.queries, queries=one.keys)
    assert np.allclose(other.attention(num.constant([[0, 2]]), num), [[[5, 10 * 81 / 82]]])


def test_sizes_and_names() -> None:
    two = model(block(), block())
    assert (two.depth, two.width, two.heads, two.has_projections) == (2, 2, 2, True)
    assert (model(single()).heads, model(single()).has_projections) == (1, False)
    names = [name for name, _ in weights_by_name(two)]
    assert names[:4] == [f"{W} of head {h} in block 1" for W in ("W_K", "W_Q") for h in (1, 2)]
    assert names[8:10] == ["W_1 of block 1", "W_2 of block 1"]
    assert (names[10], names[-1], len(names)) == ("W_K of head 1 in block 2", "W_o", 21)
    weights = dict(weights_by_name(two))
    assert plain(weights["W_Q of head 2 in block 1"]) == TWICE
    assert plain(weights["W_O of head 1 in block 2"]) == SWAP
    assert len(weights_by_name(model(single()))) == 6


@pytest.mark.parametrize(
    ("make", "message"),
    [(lambda: block(keys=matrix(SHEAR)), "give one D x D matrix a head"),
     (lambda: block(keys=np.empty((0, 2, 2), dtype=object)), "one head of width one"),
     (lambda: block(keys=np.empty((1, 0, 0), dtype=object)), "one head of width one"),
     (lambda: block(queries=heads(SHEAR)), "W_Q has 1 heads and W_K has 2"),
     (lambda: block(values=matrix(SHEAR)), "W_V has 0 heads"),
     (lambda: block(outputs=(heads(SHEAR),)), "W_O has 1 heads"),
     (lambda: block(values=heads([[1]], [[1]])), "W_V has the shape"),
     (lambda: block(keys=heads([[1, 2]], [[1, 2]])), "W_K has the shape"),
     (lambda: block(first=matrix([[1]])), "W_1 has the shape"),
     (lambda: block(second=vector([1, 1])), "W_2 has the shape"),
     (lambda: block(second=matrix([[1, 2]])), "W_2 has the shape"),
     (lambda: block(first_bias=vector([1])), "b_1 has the length 1"),
     (lambda: block(second_bias=np.array(Fraction(1), dtype=object)), "b_2 has the length 0"),
     (lambda: block(outputs=(heads(SWAP, LOWER),) * 2), "2 stacks of W_O"),
     (lambda: block(outputs=()), "2 heads and no W_O"),
     (lambda: Transformer((), matrix(ONE)), "no blocks"),
     (lambda: model(block(), single(outputs=(heads(SWAP),))), "block 2 has 1 heads and block 1 has 2"),
     (lambda: model(single(), single(outputs=(heads(SWAP),))), "only one of block 2 and block 1 has W_O"),
     (lambda: model(single(), ONE_WIDE), "block 2 has the width 1 and block 1 has 2"),
     (lambda: Transformer((block(),), matrix([[1]])), "W_o has the shape"),
     (lambda: Transformer((block(),), vector([1, 1])), "W_o has the shape"),
     (lambda: case(target=model(single())), "2 against 1 heads"),
     (lambda: case(frozen=model(block(), block())), "2 against 1 blocks"),
     (lambda: case(frozen=model(single()), target=model(single(outputs=(heads(SWAP),)))), "W_O: both do or none"),
     (lambda: case(frozen=model(single()), target=Transformer((ONE_WIDE,), matrix([[1]]))), "2 against 1 of width"),
     (lambda: case(X=matrix([[1]])), "give 2 rows"),
     (lambda: case(X=vector([1, 1])), "give 2 rows"),
     (lambda: case(X=np.empty((2, 0), dtype=object)), "no tokens"),
     (lambda: case(X=np.empty((3, 2, 0))), "no tokens"),
     (lambda: case(rank=0), "R = 0 is outside 1..2"),
     (lambda: case(rank=3), "R = 3 is outside 1..2"),
     (lambda: case(shift=vector([1])), "the shift has the length 1"),
     (lambda: case(shift=np.array(Fraction(1), dtype=object)), "the shift has the length 0"),
     (lambda: TwinCase(model(block()), model(single()), matrix([[1], [1]])), "the first model and the second"),
     (lambda: TwinCase(model(block()), model(block()), matrix([[1]])), "give 2 rows"),
     ],
)  # fmt: skip
def test_what_does_not_fit_together(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()



def case(**changed: Any) -> TransformerCase:
    given: dict[str, Any] = {
        "frozen": model(block()), "target": model(block()), "rank": 1, "X": matrix([[1, 2, 3], [4, 5, 6]]),
        "shift": vector([0, 0])} | changed  # fmt: skip
    return TransformerCase(**given)


def test_cases() -> None:
    assert (case().tokens, case(rank=2).rank, case().errors) == (3, 2, ())
    assert TwinCase(model(block()), model(block()), matrix([[1], [1]])).tokens == 1


# adapted models -----------------------------------------------------------------------------------------------------


def step(a: int, b: int) -> Adapter:
    return NUM.load(Adapter(matrix([[a], [0]]), matrix([[0, b]])))


def test_every_adapter_moves_its_weight() -> None:
    """Each adapter is a multiple of e_1 e_2^T, another one for each weight."""
    frozen = NUM.load(model(block()))
    change = BlockChange(
        keys=[step(1, 1), step(1, 2)], queries=[step(1, 3), step(1, 4)], values=[step(1, 5), step(1, 6)],
        outputs=[step(1, 7), step(1, 8)], first=(step(1, 9),), second=(step(1, 10), step(1, 1)),
        first_bias=NUM.constant([5, 6]), second_bias=NUM.constant([7, 8]))  # fmt: skip
    adaptation = Adaptation([change], (step(3, 4),))
    moved = adaptation.adapted(frozen, NUM)
    (b,), (a,) = frozen.blocks, moved.blocks
    shifts = [a.keys - b.keys, a.queries - b.queries, a.values - b.values, a.outputs[0] - b.outputs[0]]
    assert [plain(s) for s in shifts] == [[[[0, i], [0, 0]], [[0, i + 1], [0, 0]]] for i in (1, 3, 5, 7)]
    assert plain(a.first - b.first) == [[0, 9], [0, 0]]
    assert plain(a.second - b.second) == [[0, 11], [0, 0]]
    assert (plain(a.first_bias), plain(a.second_bias)) == ([5, 6], [7, 8])
    assert plain(moved.out - frozen.out) == [[0, 12], [0, 0]]
    assert adaptation.rank == 1
    none = BlockChange((), (), (), (), (), (), NUM.constant([1, 2]), NUM.constant([3, -1]))
    same = Adaptation([none], ()).adapted(frozen, NUM)
    assert not mismatch(same, frozen, NUM).any()
    assert Adaptation([none], ()).rank == 0
    wide = NUM.load(Adapter(matrix([[1, 0], [0, 1]]), matrix([[1, 0], [0, 1]])))
    for name in ("keys", "queries", "values", "outputs", "first", "second"):
        changed: dict[str, Any] = {name: [wide]}
        assert Adaptation([dataclasses.replace(none, **changed)], (step(1, 1),)).rank == 2
    assert Adaptation([none], (wide,)).rank == 2


def test_signatures_by_hand() -> None:
    """Scores, transfers and b_1 of block 1; the same of block 2, seen through J = (W_2 b_2); W_o J of the last."""
    one = NUM.load(model(single(second=matrix(TWICE)), single()))
    parts = [plain(part) for part in signature(one, NUM)]
    J = np.array([[2, 0, 3], [0, 1, -1]])
    scores, transfers = np.array([[1, 0], [2, 1]]), np.array([[2, 1], [0, 1]])
    last = np.array([[2, 0], [0, 1]]) @ np.array([[1, 0, 3], [1, 1, -1]])
    wanted = [scores, transfers, np.array([1, 2]), J.T @ scores @ J, transfers @ J, np.array([1, 2]), last]
    assert parts == [part.ravel().tolist() for part in wanted]
    assert len(signature(NUM.load(model(block())), NUM)[0]) == 8


def test_mismatches_are_relative_to_the_sizes() -> None:
    assert plain(relative_gap(NUM.constant([1, 5]), NUM.constant([3, -1]), NUM)) == [Fraction(1, 2), Fraction(3, 2)]
    assert plain(relative_gap(NUM.constant([1, -5]), NUM.zeros(2), NUM)) == [1, 5]
    batch = relative_gap(np.array([[1.0, 5.0], [2.0, 2.0]]), np.array([[3.0, -1.0], [0.0, 0.0]]), Float64(size=2))
    assert batch.tolist() == [[0.5, 1.5], [2, 2]]
    one, other = NUM.load((model(single()), model(single(first_bias=vector([1, 5])))))
    # parts of lengths 4, 4, 2, 6: only the bias differs, 3 of 6
    assert plain(mismatch(one, other, NUM)) == [0] * 9 + [Fraction(1, 2)] + [0] * 6
    assert plain(mismatch(other, one, NUM))[9] == 1
    assert not mismatch(one, other, NUM, leave_out=(2,)).any()
    assert len(mismatch(one, other, NUM, leave_out=(2,))) == 14
    assert mismatch(one, other, NUM, leave_out=(1,)).any()


# the construction ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [ONE_BY_ONE, ELIMINATION])
def test_a_pair_is_adapted_as_lemma_9_says(method: str) -> None:
    """lower diag(1, 2), upper diag(2, 1): P = diag(2, 2), the goal diag(5, 3): sigma = (3, 1)."""
    given = (matrix([[1, 0], [0, 2]]), matrix([[2, 0], [0, 1]]), matrix([[5, 0], [0, 3]]),
             SVD(matrix(ONE), vector([3, 1]), matrix(ONE)))  # fmt: skip
    loaded = NUM.load(given)
    pair = Pair("value", 0, 0, *loaded[:3])
    with NUM.running(loaded):
        lower, upper = adapted_pair(pair, 1, method, NUM)
        assert (lower.A.shape, upper.A.shape) == ((1, 2), (1, 2))
        assert plain((pair.upper + upper.matrix) @ (pair.lower + lower.matrix)) == [[5, 0], [0, 3]]
        none = Pair("value", 0, 0, *loaded[:3])
        below, above = adapted_pair(none, 2, method, NUM)
        assert plain((pair.upper + above.matrix) @ (pair.lower + below.matrix)) == [[5, 0], [0, 3]]


def diagonals(*values: int) -> Any:
    return [[values[0], 0], [0, values[1]]]


def far(heads_of_each: int, depth: int) -> TransformerCase:
    """Diagonal models, whose differences have decompositions that exact arithmetic finds by itself."""
    projected = heads_of_each > 1

    def stack(shift: int) -> Array:
        return heads(*(diagonals(1 + h + shift, 2) for h in range(heads_of_each)))

    def made(shift: int) -> Block:
        return Block(stack(shift), stack(0), stack(2 * shift), (stack(shift),) if projected else (),
                     matrix(diagonals(2, 1)), matrix(diagonals(1 + shift, 1)), vector([1, 2 + shift]),
                     vector([3 - shift, 1]))  # fmt: skip

    frozen = Transformer((made(0),) * depth, matrix(diagonals(1, 2)))
    target = Transformer((made(1),) * depth, matrix(diagonals(3, 2)))
    return TransformerCase(frozen, target, 1, matrix([[1, 0], [0, 1]]), vector([0, 0]))


@pytest.mark.parametrize("method", [ONE_BY_ONE, ELIMINATION])
@pytest.mark.parametrize(("count", "depth"), [(1, 1), (1, 2), (2, 1), (2, 2), (1, 3)])
def test_the_construction_reaches_the_target(method: str, count: int, depth: int) -> None:
    given = NUM.load(far(count, depth))
    assert mismatch(given.frozen, given.target, NUM).any()
    made = construct(given, NUM, R=1, method=method)
    assert made.rank == 1
    adapted = made.adapted(given.frozen, NUM)
    assert not mismatch(adapted, given.target, NUM).any()
    found = pairs(given, NUM)
    again = construct(given, NUM, R=1, method=method, found=found).adapted(given.frozen, NUM)
    assert not mismatch(again, given.target, NUM).any()
    for l, change in enumerate(made.blocks):
        assert [len(part) for part in (change.keys, change.queries, change.values)] == [count] * 3
        assert len(change.outputs) == (count if count > 1 else 0)
        assert len(change.first) == (0 if count > 1 else 1)
        assert len(change.second) == (1 if l == depth - 1 else 0)
    assert len(made.out) == 1
    assert (made.blocks[0].first_bias == given.target.blocks[0].first_bias).all()


@pytest.mark.parametrize("depth", [1, 2])
def test_without_the_output_layer(depth: int) -> None:
    """Neither W_2 of the last block nor W_o changes; the bias still goes where W_o takes it to the target's."""
    given = NUM.load(far(2, depth))
    made = construct(given, NUM, R=1, with_output=False)
    assert (made.out, made.blocks[-1].second) == ((), ())
    adapted = made.adapted(given.frozen, NUM)
    assert (adapted.out == given.frozen.out).all()
    assert (adapted.blocks[-1].second == given.frozen.blocks[-1].second).all()
    assert not mismatch(adapted, given.target, NUM, leave_out=(3 * depth,)).any()
    goal = NUM.apply(given.target.out, given.target.blocks[-1].second_bias)
    assert (NUM.apply(adapted.out, adapted.blocks[-1].second_bias) == goal).all()


def test_biases_by_hand() -> None:
    """W_2 = I, Wbar_2 = diag(2, 1), bbar_2 = (2, 1): bhat_2 = (1, 1) below; (W_o + Delta)^{-1} (6, 2) in the last."""
    given = NUM.load(far(1, 2))
    made = construct(given, NUM, R=1)
    assert plain(made.blocks[0].second_bias) == [1, 1]
    out = given.frozen.out + made.out[0].matrix
    assert (NUM.apply(out, made.blocks[1].second_bias) == NUM.constant([6, 2])).all()
    singular = far(1, 2)
    broken = dataclasses.replace(singular.target.blocks[0], second=matrix(diagonals(0, 1)))
    target = Transformer((broken, singular.target.blocks[1]), singular.target.out)
    with pytest.raises(Undefined, match="W_2 of block 1 of the target"):
        construct(NUM.load(dataclasses.replace(singular, target=target)), NUM, R=1, method=ELIMINATION)


def test_too_small_a_rank_misses_the_target() -> None:
    given = far(1, 1)
    target = dataclasses.replace(
        given.target.blocks[0], keys=heads(diagonals(9, 5)), values=heads(diagonals(7, 5)))  # fmt: skip
    one = NUM.load(dataclasses.replace(given, target=Transformer((target,), given.target.out)))
    for method in (ONE_BY_ONE, ELIMINATION):
        assert not mismatch(construct(one, NUM, R=1, method=method).adapted(one.frozen, NUM), one.target, NUM).any()
        none = construct(one, NUM, R=0, method=method)
        assert none.rank == 0
        assert mismatch(none.adapted(one.frozen, NUM), one.target, NUM).any()


def test_values_cannot_be_changed() -> None:
    kinds: list[Any] = [Block, Transformer, BlockChange, Adaptation, TransformerCase, TwinCase]
    for kind in kinds:
        assert dataclasses.fields(kind)
        assert kind.__dataclass_params__.frozen
