"""The cases of the claims on training dynamics and LoRA (the textbook section, 11.2.3 and 11.2.4)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from theorems.strategies.counts import counts
from theorems.strategies.mixed import beside, mostly
from theorems.strategies.texts.textbook.lora.recipes import FITS, fits, lora_cases, magnitude_cases, quantisations
from theorems.strategies.texts.textbook.training.curvature import estimates, minima, sgd_runs, two_layer_cases
from theorems.strategies.texts.textbook.training.dynamics import (
    NOISES,
    REGRESSIONS,
    minibatches,
    noises,
    penalties,
    regressions,
    reparametrisations,
)

_any = regressions()
_evolving = mostly(regressions(max_steps=1), regressions(min_n=2, min_m=2, max_steps=1, only=("white data",)), share=6)
_modes = regressions(
    min_n=2,
    only=tuple(
        law
        for law in REGRESSIONS
        if law not in ("divergent steps", "singular data", "critical step", "white data, large steps")
    ),
)
_convergent = regressions(only=tuple(law for law in REGRESSIONS if law != "singular data"))
_wide = regressions(min_n=2, min_m=1, only=("diagonal", "any directions", "large steps", "white data"))
_small_steps = tuple(
    law
    for law in REGRESSIONS
    if law not in ("divergent steps", "singular data", "critical step") and "large steps" not in law
)
_settled = (*(law for law in _small_steps if law != "ill-conditioned data"), "large steps")
_sizes = counts(names={"m": (1, 64), "n": (1, 64), "r": (1, lambda known: min(known["m"], known["n"]))})
_proper = counts(names={"m": (2, 12), "n": (2, 12), "r": (1, lambda known: min(known["m"], known["n"]) - 1)})
_any_sizes = counts(names={"m": (1, 4096), "n": (1, 4096), "r": (1, lambda known: min(known["m"], known["n"]))})
_small_ranks = counts(names={"m": (10, 128), "n": (10, 128), "r": (1, lambda known: min(known["m"], known["n"]) // 10)})
_half_ranks = counts(names={"m": (3, 64), "n": (3, 64), "r": (1, lambda known: min(known["m"], known["n"]) // 2)})
_every_rank = counts(names={"m": (1, 8), "n": (1, 8), "r": (1, lambda known: min(known["m"], known["n"]))})
_large_half_ranks = counts(
    names={"m": (65, 4096), "n": (65, 4096), "r": (1, lambda known: (min(known["m"], known["n"]) - 1) // 2)}
)
_long = counts(
    names={
        "m": (1, 12),
        "n": (lambda known: 10 * known["m"], lambda known: 40 * known["m"]),
        "r": (1, lambda known: known["m"]),
    }
)
_nearly_long = counts(
    names={
        "m": (1, 12),
        "n": (lambda known: 9 * known["m"], lambda known: 11 * known["m"]),
        "r": (1, lambda known: known["m"]),
    }
)
_example = counts(names={"m": (4096, 4096), "n": (4096, 4096), "r": (32, 32)})
_lora = lora_cases()
_fits = fits()
_full = lora_cases(only=("any factors", "orthonormal factors", "large gauge", "low-rank gradient"))
_orthonormal = mostly(fits(only=("orthonormal factors",)), fits(only=("unit factors",)), share=8)
_diagonal = tuple(law for law in NOISES if law not in ("any directions", "white noise", "equal diagonal"))
_square = lora_cases(square=True)

#: Claims that are false without one of their hypotheses, which their strategies would otherwise build in.
_LOOSENED = (
    "corollary-11.5.rank", "corollary-11.5:repaired", "corollary-11.5:white-data",
    "corollary-11.6.only-approximately", "definition-11.20.dimension:repaired", "definition-11.21.rank",
    "definition-11.21:repaired", "lemma-11.23.hessian:repaired", "lemma-11.24.low-rank:repaired",
    "lemma-11.24:sharpened", "lemma-11.25:repaired",
    "lemma-11.27.at-initialisation", "lemma-11.28:optimum",
    "lemma-11.28:standard-start", "lemma-11.29.rank:repaired", "lemma-11.29.subgradient:repaired",
    "table-11.2.3.qlora:repaired", "theorem-11.13.convergence:repaired", "theorem-11.13.order:repaired",
    "theorem-11.14.accumulation:equal-curvature", "theorem-11.14.accumulation:finite-time",
    "theorem-11.14:one-step", "theorem-11.15.flat-minima:repaired", "theorem-11.15:repaired",
    "theorem-11.16.stationary:repaired", "theorem-11.16:rotations", "theorem-11.17",
)  # fmt: skip

_CASES: dict[str, st.SearchStrategy[Any]] = {
    # Lemma 11.22
    "textbook/lemma-11.22.shapes:printed-letter": counts(names={"n": (1, 6), "d": (1, 6), "m": (1, 6)}),
    "textbook/lemma-11.22.shapes": _any,
    "textbook/lemma-11.22.solution-space": reparametrisations(),
    "textbook/lemma-11.22.solution-space:repaired": reparametrisations(),
    "textbook/lemma-11.22": _any,
    "textbook/lemma-11.22.invariant": regressions(max_n=2, max_steps=2),
    "textbook/lemma-11.22.invariant:repaired": _any,
    # Theorem 11.13
    "textbook/theorem-11.13": regressions(only=tuple(law for law in REGRESSIONS if law != "singular data")),
    "textbook/theorem-11.13.convergence": regressions(),
    "textbook/theorem-11.13.convergence:repaired": _convergent,
    "textbook/theorem-11.13.order": _wide,
    "textbook/theorem-11.13.order:repaired": _modes,
    "textbook/theorem-11.13.weight-directions": regressions(min_n=2, min_m=2, max_steps=2, only=_small_steps),
    # Corollary 11.5
    "textbook/corollary-11.5": regressions(min_n=2, min_m=2, only=_small_steps),
    "textbook/corollary-11.5:zero-start": regressions(min_n=2, min_m=2, only=_small_steps),
    "textbook/corollary-11.5:repaired": st.one_of(
        regressions(only=("aligned target",)),
        regressions(only=("aligned target", "aligned ties")),
        regressions(only=("aligned target", "aligned ties", "target along weak modes", "aligned, large steps")),
    ),
    "textbook/corollary-11.5:white-data": st.one_of(
        regressions(only=("white data", "white data, large steps")),
        regressions(only=("white data", "singular data", "aligned ties")),
    ),
    "textbook/corollary-11.5.rank": st.one_of(
        regressions(only=_settled), regressions(only=("critical step", "diagonal", "white data"), rest=True)
    ),
    # Lemma 11.23
    "textbook/lemma-11.23": minibatches(whole=True),
    "textbook/lemma-11.23.fisher:sharpened": minibatches(whole=True),
    "textbook/lemma-11.23.hessian:proportional": minibatches(),
    "textbook/lemma-11.23.hessian:weak": minibatches(),
    "textbook/lemma-11.23.hessian:repaired": st.one_of(
        minibatches(only=("residuals of one size", "fitted", "symmetric"), max_N=4),
        minibatches(only=("residuals of one size", "fitted", "symmetric", "any samples"), max_N=4),
    ),
    "textbook/lemma-11.23.anisotropic": minibatches(min_n=2, only=("any samples", "symmetric", "scaled samples")),
    # Theorem 11.14
    "textbook/theorem-11.14": minibatches(max_N=3),
    "textbook/theorem-11.14:stationary-law": noises(only=(*_diagonal, "white noise")),
    "textbook/theorem-11.14:frozen-noise": minibatches(max_N=3),
    "textbook/theorem-11.14:one-step": minibatches(max_steps=1),
    "textbook/theorem-11.14.accumulation": noises(min_n=2),
    "textbook/theorem-11.14.accumulation:repaired": noises(only=(*_diagonal, "white noise")),
    "textbook/theorem-11.14.accumulation:equal-curvature": st.one_of(
        noises(only=("equal curvature", "equal steep curvature")),
        noises(only=("equal steep curvature", "steep curvature", "unstable", "equal diagonal")),
    ),
    "textbook/theorem-11.14.accumulation:finite-time": noises(),
    "textbook/theorem-11.14.unevenness": noises(min_n=2),
    # Lemma 11.24
    "textbook/lemma-11.24.shapes": counts(names={"m": (1, 6), "n": (1, 6)}),
    "textbook/lemma-11.24": minibatches(max_N=3),
    "textbook/lemma-11.24:repaired": minibatches(max_N=3),
    "textbook/lemma-11.24:sharpened": minibatches(max_steps=1),
    "textbook/lemma-11.24.low-rank": penalties(),
    "textbook/lemma-11.24.low-rank:repaired": penalties(),
    # Definition 11.18, Theorem 11.15, Lemma 11.25
    "textbook/definition-11.18": regressions(only=_small_steps),
    "textbook/definition-11.18.function:one-sharpness": two_layer_cases(),
    "textbook/theorem-11.15": two_layer_cases(min_h=2),
    "textbook/theorem-11.15:repaired": mostly(
        two_layer_cases(only=("balanced",)), two_layer_cases(only=("balanced units",)), share=6
    ),
    "textbook/theorem-11.15.flat-minima": minima(only=("scaled", "idle units")),
    "textbook/theorem-11.15.flat-minima:repaired": mostly(
        minima(square=True), minima(only=("scaled a little",)), share=8
    ),
    "textbook/lemma-11.25": estimates(min_dimension=2),
    "textbook/lemma-11.25:low-rank-truth": estimates(min_dimension=2, only=("low-rank truth", "strong error")),
    "textbook/lemma-11.25:repaired": estimates(only=("low-rank truth", "strong error", "strong error at a tie")),
    # Definition 11.19, Lemma 11.26
    "textbook/definition-11.19": _lora,
    "textbook/definition-11.19.rank": _lora,
    "textbook/lemma-11.26.counts": _lora,
    "textbook/lemma-11.26": _small_ranks,
    "textbook/lemma-11.26:repaired": st.one_of(_sizes, _any_sizes),
    "textbook/lemma-11.26:long-weights": st.one_of(_long, _nearly_long),
    "textbook/lemma-11.26.example": mostly(_example, _sizes),
    "textbook/lemma-11.26.example:approximation": _example,
    "textbook/lemma-11.26.saving:below-min": _proper,
    "textbook/lemma-11.26.saving": st.one_of(_half_ranks, _large_half_ranks, _every_rank),
    # Definition 11.20
    "textbook/definition-11.20.dimension": _lora,
    "textbook/definition-11.20.dimension:repaired": lora_cases(
        only=("any factors", "orthonormal factors", "large gauge")
    ),
    "textbook/definition-11.20.dimension:sharpened": _lora,
    "textbook/definition-11.20": lora_cases(only=("both zero", "B = 0", "rank drop")),
    # Theorem 11.17, Corollary 11.6
    "textbook/theorem-11.17": st.one_of(fits(only=("low rank",)), fits(only=("low rank", "any factors"))),
    "textbook/corollary-11.6": _fits,
    "textbook/corollary-11.6.only-approximately": st.one_of(
        fits(min_dimension=2, max_rank=1, only=tuple(law for law in FITS if law != "low rank")),
        fits(only=("exact fit", "best factors", "any factors")),
    ),
    # Theorem 11.16
    "textbook/theorem-11.16.chain-rule": regressions(min_n=1, max_steps=1),
    "textbook/theorem-11.16": _lora,
    "textbook/theorem-11.16:repaired": _lora,
    "textbook/theorem-11.16:rotations": mostly(
        lora_cases(only=("orthonormal factors",)), lora_cases(only=("oblique gauge",)), share=8
    ),
    "textbook/theorem-11.16:full-gradient": _lora,
    "textbook/theorem-11.16.stationary:every-point": lora_cases(only=("both zero",)),
    "textbook/theorem-11.16.stationary:repaired": lora_cases(only=("stationary gradient",)),
    # Lemma 11.27
    "textbook/lemma-11.27": _lora,
    "textbook/lemma-11.27:repaired": mostly(
        _full, lora_cases(max_dimension=5, only=("low-rank gradient",)), share=6
    ),
    "textbook/lemma-11.27:preconditioned": _full,
    "textbook/lemma-11.27.directions": _full,
    "textbook/lemma-11.27.directions:finite-step": _full,
    "textbook/lemma-11.27.directions:repaired": _full,
    "textbook/lemma-11.27.at-initialisation": lora_cases(only=("B = 0",)),
    # Lemma 11.28
    "textbook/lemma-11.28.shapes": counts(names={"m": (1, 6), "n": (1, 6), "r": (1, 6)}),
    "textbook/lemma-11.28.eigenvalues": _square,
    "textbook/lemma-11.28.singular-values": _square,
    "textbook/lemma-11.28.singular-values:repaired": _lora,
    "textbook/lemma-11.28": fits(only=("moderate start", "small standard start")),
    "textbook/lemma-11.28:standard-start": fits(only=("small standard start", "standard start"), max_steps=4),
    "textbook/lemma-11.28:repaired": _fits,
    "textbook/lemma-11.28:optimum": fits(only=("best factors",)),
    # Table 11.2.3
    "textbook/table-11.2.3.adalora": _fits,
    "textbook/table-11.2.3.qlora:same-reach": quantisations(),
    "textbook/table-11.2.3.qlora:repaired": quantisations(),
    "textbook/table-11.2.3.dora:low-rank-change": magnitude_cases(
        min_dimension=2, max_rank=1, only=("scaled columns",)
    ),
    "textbook/table-11.2.3.dora": magnitude_cases(),
    # Definition 11.21, Lemma 11.29
    "textbook/definition-11.21": fits(min_rank=2, only=("ordered scales",)),
    "textbook/definition-11.21:repaired": _orthonormal,
    "textbook/definition-11.21.rank": _orthonormal,
    "textbook/lemma-11.29": _fits,
    "textbook/lemma-11.29:repaired": fits(only=("orthonormal factors",)),
    "textbook/lemma-11.29.rank": fits(only=("low rank",)),
    "textbook/lemma-11.29.rank:repaired": _fits,
    "textbook/lemma-11.29.subgradient": fits(only=("small scales",), max_steps=8),
    "textbook/lemma-11.29.subgradient:repaired": fits(only=("small scales",), max_steps=12, rest=True),
    # Lemma 11.18 on singular values, and Corollary 11.7 on overfitting
    "textbook/lemma-11.18.evolution": _evolving,
    "textbook/lemma-11.18.evolution:sharpened": _evolving,
    "textbook/lemma-11.18.evolution:ties": regressions(min_n=2, min_m=2, max_steps=1),
    "textbook/corollary-11.7.overfitting": regressions(max_steps=1),
    "textbook/corollary-11.7.overfitting:one-output": minibatches(min_n=2, max_n=2, min_N=2, max_N=2),
    # Tendencies, measured, and what has no formal reading
    "textbook/theorem-11.13.weight-directions:tendency": regressions(
        min_n=2, min_m=2, max_steps=2, only=("any directions",)
    ),
    "textbook/corollary-11.5:tendency": regressions(min_n=2, min_m=2, only=("any directions",)),
    "textbook/theorem-11.14.accumulation:tendency": noises(min_n=2, only=("any directions",)),
    "textbook/theorem-11.15:tendency": two_layer_cases(min_h=2, only=("any weights",)),
    "textbook/lemma-11.25:tendency": estimates(min_dimension=2, only=("small error",)),
    "textbook/lemma-11.25.sgd": sgd_runs(),
    "textbook/lemma-11.25.sgd:flatness": sgd_runs(),
    "textbook/lemma-11.28:tendency": fits(only=("moderate start",)),
    "textbook/table-11.2.3.suits": _fits,
}

CASES = {
    key: beside(strategy, share=8) if key.removeprefix("textbook/") in _LOOSENED else strategy
    for key, strategy in _CASES.items()
}
