"""The claims on Transformers: what they convict when a constant is broken, their obstructions, Theorem 6 exactly."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator

from theorems import catalogue
from theorems.arithmetic import Ball, Float64, MultiPrecision, Rational
from theorems.case import exact
from theorems.catalogue import CLAIMS
from theorems.claim import Claim, Outcome, Verdict
from theorems.judge import witness
from theorems.judge.driver import check
from theorems.models.transformer import Block, Transformer, TransformerCase
from theorems.statement import at_most, conclude, suppose
from theorems.strategies.models.transformer import TransformerRecipe, transformer_cases
from theorems.strategies.models.transformer_twins import TwinRecipe
from theorems.strategies.search.hunt import hunt
from theorems.texts.zeng_lee.transformer.construction import ELIMINATION, ONE_BY_ONE, construct, mismatch
from theorems.texts.zeng_lee.transformer.exactness import forward, theorem_6
from theorems.texts.zeng_lee.transformer.gaps import gaps_as_meant, pairs
from theorems.texts.zeng_lee.transformer.obstructions import Minors, never_zero, values_out_of_reach
from theorems.texts.zeng_lee.transformer.proof import tokens_that_tell

OURS = [claim for claim in CLAIMS if "transformer" in claim.statement.__module__]


def generator(seed: int) -> Generator:
    return np.random.default_rng(seed)


def live_case(heads: int, D: int, depth: int, *, R: int = 1, law: str = "unimodular", gap: str = "at") -> Any:
    return TransformerRecipe(law, gap, "", D, heads, depth, 2, R, seed=5).exact(0)


@pytest.mark.parametrize("heads", [0, 2])
@pytest.mark.parametrize("method", [ONE_BY_ONE, ELIMINATION])
def test_the_adapted_network_runs_forward_to_the_target(heads: int, method: str) -> None:
    """Not by signatures: both networks run at 50 digits on an input that the construction never saw."""
    case = live_case(heads, 3, 2)
    num = MultiPrecision(50)
    loaded = num.load(case)
    with num.running(loaded):
        adaptation = construct(loaded, num, R=2, method=method)
        adapted = adaptation.adapted(loaded.frozen, num)
        gap = np.abs(np.asarray(adapted.forward(loaded.X, num) - loaded.target.forward(loaded.X, num))).max()
    assert adaptation.rank <= 2
    assert gap < 1e-35


@pytest.mark.parametrize(("D", "L"), [(4, 2), (6, 2)])
def test_theorem_6_is_exact(D: int, L: int) -> None:
    case = live_case(2, D, L, R=2)
    assert check(theorem_6, case, Rational()).outcome is Outcome.HOLDS


def test_forward_claim_is_certified_by_balls() -> None:
    assert check(forward, live_case(1, 2, 1, law="identity"), Ball()).outcome is Outcome.HOLDS


def test_adapters_stand_only_where_the_theorems_put_them() -> None:
    for heads in (0, 2):
        num = Rational()
        case = num.load(live_case(heads, 2, 2))
        with num.running(case):
            adapted = construct(case, num, R=1).adapted(case.frozen, num)
        first, last = adapted.blocks[0], adapted.blocks[-1]
        assert (first.second == case.frozen.blocks[0].second).all()  # W_2 below the last block
        assert (last.second != case.frozen.blocks[-1].second).any()
        same = all((a.first == b.first).all() for a, b in zip(adapted.blocks, case.frozen.blocks, strict=True))
        assert same == bool(heads)  # W_1 is adapted in the single-head model only


def test_gaps_have_the_ranks_of_the_aligned_errors() -> None:
    """The gaps of the theorems and the errors that the proofs align differ by regular factors only."""
    num = Rational()
    for heads, gap in itertools.product((0, 2), ("none", "below", "at", "full")):
        case = num.load(TransformerRecipe("unimodular", gap, "", 4, heads, 2, 1, 1, seed=3).exact(1))
        ranks = sorted(num.rank(pair.error) for pair in pairs(case, num))
        assert ranks == sorted(num.rank(G) for G in gaps_as_meant(case, num))


def test_never_vanishing_minors_never_vanish() -> None:
    """Where the certificate speaks, numpy's determinants have one sign on many random S > 0."""
    spoken = silent = 0
    for seed in range(30):
        g = generator(seed)
        U = g.integers(-2, 3, (4, 4)).astype(float)
        order = tuple(int(i) for i in g.permutation(4))
        minors = Minors(U[None], Float64(size=1))
        for I, J in itertools.product(itertools.combinations(range(4), 3), repeat=2):
            S = 10.0 ** g.uniform(-3, 3, (400, 4))
            values = np.linalg.det((S[:, :, None] * U[list(order)] - np.eye(4))[:, list(I)][:, :, list(J)])
            if np.all(never_zero(minors, order, I, J)):
                spoken += 1
                assert np.all(values > 0) or np.all(values < 0) or np.abs(values).min() < 1e-9
                assert (values > 1e-9).sum() * (values < -1e-9).sum() == 0
            else:
                silent += 1
    assert spoken > 20
    assert silent > 20


def one_head(first: Any) -> TransformerCase:
    D = len(first)
    unit, none = np.eye(D), np.zeros(D)

    def model(W: Any) -> Transformer:
        block = Block(unit[None], unit[None], unit[None], (), W, unit, none, none)
        return Transformer((block,), unit)

    return exact(TransformerCase(model(unit), model(np.asarray(first, float)), 1, np.zeros((D, 1)), none))


@pytest.mark.parametrize(("D", "bites"), [(2, False), (3, False), (4, False), (5, True)])
def test_minus_one_for_the_first_layer_is_out_of_reach_from_five_on(D: int, bites: bool) -> None:
    """-S Pi - I loses one rank for each even cycle of Pi with product one: at D = 5 rank 3 is left."""
    num = Rational()
    case = num.load(one_head(-np.eye(D)))
    assert (values_out_of_reach(case, 1, num) == 1) == bites


def test_the_telling_tokens_are_active() -> None:
    num = Rational()
    block = num.load(live_case(0, 3, 1)).target.blocks[0]
    for X in tokens_that_tell(block, 1, num)[:4]:
        before = block.transfers[0] @ X + block.first_bias[:, None]
        assert all(value > 0 for value in before.ravel())


# A broken encoding is convicted ---------------------------------------------------------------------------------------


def _broken(change: Any) -> Any:
    def statement(case: Any, num: Any) -> Iterator[Any]:
        yield suppose(num.nonsingular(case.frozen.out), "W_o is non-singular")
        for pair in pairs(case, num):
            for W in (pair.lower, pair.upper, pair.product):
                yield suppose(num.nonsingular(W), "the pairs are non-singular")
        adapted = construct(case, num, R=case.rank, method=ELIMINATION).adapted(case.frozen, num)
        yield conclude(at_most(mismatch(change(adapted, case), case.target, num), num.number(0), scale=num.number(1)))

    return statement


def _other_bias(adapted: Transformer, case: TransformerCase) -> Transformer:
    last = dataclasses.replace(adapted.blocks[-1], second_bias=case.target.blocks[-1].second_bias)
    return Transformer((*adapted.blocks[:-1], last), adapted.out)


def _keys_not_turned(adapted: Transformer, case: TransformerCase) -> Transformer:
    block = adapted.blocks[-1]
    moved = dataclasses.replace(block, keys=case.frozen.blocks[-1].keys + (block.keys - case.frozen.blocks[-1].keys).mT)
    return Transformer((*adapted.blocks[:-1], moved), adapted.out)


def _frozen_output(adapted: Transformer, case: TransformerCase) -> Transformer:
    return Transformer(adapted.blocks, case.frozen.out)


@pytest.mark.parametrize("change", [_other_bias, _keys_not_turned, _frozen_output])
def test_a_broken_construction_is_convicted(change: Any) -> None:
    claim = Claim(key="broken", statement=_broken(change))
    strategy = transformer_cases(heads=(1,), min_dimension=2, max_dimension=2, max_depth=1, gaps=("at",))
    result = hunt(claim, strategy, seed=0, recipes=12, largest_batch=32, shrink=False)
    assert result.outcome == "refuted"


def test_the_unbroken_construction_is_not() -> None:
    claim = Claim(key="unbroken", statement=_broken(lambda adapted, case: adapted))
    strategy = transformer_cases(heads=(1,), min_dimension=2, max_dimension=2, max_depth=1, gaps=("at",))
    result = hunt(claim, strategy, seed=0, recipes=12, largest_batch=32, shrink=False)
    assert result.outcome == "survived"


# Witnesses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [c for c in OURS if c.verdict is Verdict.REFUTED], ids=lambda claim: claim.key)
def test_witnesses_replay(claim: Claim) -> None:
    stored = witness.read(catalogue.stored()[claim.key], CLAIMS)
    for arithmetic in ("rational", "fractions"):
        assert witness.replay(stored, claim, arithmetic).result == "refutes"


def test_single_token_twin_is_caught_by_its_scores() -> None:
    claim = next(c for c in OURS if c.key == "zeng-lee/equation-23")
    case = TwinRecipe("identity", "single token", 1, 0, 1, 1, seed=1).exact(2)
    report = check(claim, case, Rational())
    assert report.violation is not None
    assert "What_K" in report.violation.conclusion
