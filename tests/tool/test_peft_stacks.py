"""Adapters of stacks of experts, multiplied out as PEFT 0.19 and later do (`ParamWrapper.get_delta_weight`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checkpoint_files import random
from theorems.weights.factors import Factors
from theorems.weights.model_layers import BY_MODEL, PARAMETER, Slot, Taken
from theorems.weights.peft_stacks import stacks_of, unlike


def part(seed: int, slot: Slot, rows: int, r: int, alpha: float | None = None) -> Factors:
    n = slot.shape[-1]
    B, A = (random(seed + k, *shape).astype(np.float32) for k, shape in ((0, (rows, r)), (1, (r, n))))
    taken = Taken(PARAMETER, "mlp.experts", BY_MODEL, "", slot)
    return Factors(f"{seed}", (rows, n), B, A, taken, r, float(r) if alpha is None else alpha)


@pytest.mark.parametrize("turned", [False, True])
def test_each_expert_has_its_own_product(turned: bool) -> None:
    slot = Slot("gate_up", 0, (3, 6, 5), turned=turned)
    gates = [part(10 * e, replace(slot, expert=e), 4, 1 + e) for e in (0, 2)]
    ups = [part(10 * e + 5, replace(slot, expert=e, first=4), 2, 2) for e in (0, 1)]
    [stack] = stacks_of([*gates, *ups])
    assert (stack.name, stack.rank, stack.alpha) == ("mlp.experts.gate_up", 3, 3.0)
    A, B = stack.tensors()
    a, b = A.reshape(3, -1, A.shape[1]), B.reshape(len(B), -1, 3)
    made = np.einsum("ore,eri->eio" if turned else "ore,eri->eoi", b, a)
    want = np.zeros((3, 6, 5))
    for factor in (*gates, *ups):
        assert factor.taken.slot
        first = factor.taken.slot.first
        want[factor.taken.slot.expert, first : first + len(factor.B)] += factor.B @ factor.A
    np.testing.assert_allclose(made, want, rtol=1e-6, atol=1e-6)


def test_a_stack_has_one_scaling() -> None:
    slot = Slot("down", 1, (2, 4, 4))
    one, other = part(0, slot, 4, 2, 4.0), part(5, replace(slot, expert=1), 4, 3, 4.0)
    assert set(unlike([one, other])) == {"0", "5"}
    assert not unlike([one, replace(other, alpha=6.0)])
    assert stacks_of([one])[0].alpha == 4.0
