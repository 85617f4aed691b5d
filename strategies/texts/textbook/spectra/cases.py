"""The cases of the claims on spectra, energy, truncation and generalisation (textbook, 11.2.1, 11.2.2 and 11.2.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from theorems.strategies.counts import Bound, counts
from theorems.strategies.matrices import matrices
from theorems.strategies.mixed import beside, mostly
from theorems.strategies.models.mapped import decomposition_pairs
from theorems.strategies.texts.textbook.spectra.material import FLAT_TAIL, NINETEEN, PLATEAU, SPECTRUM_NAMES
from theorems.strategies.texts.textbook.spectra.measured_cases import (
    attention_spectra,
    measured_changes,
    measured_spectra,
    training_runs,
    transformer_lengths,
)
from theorems.strategies.texts.textbook.spectra.power_laws import power_laws
from theorems.strategies.texts.textbook.spectra.recipes import DIRECTIONS, FULL_RANK, NOT_ZERO, built

_AXES = ("axes",)
#: Numbers of values of a power law where the tail of its sum hardly counts.
_LARGE = (200, 250, 400, 1000, 2500)
#: No zero, and values that differ by more than the entropy can tell apart in floats.
_UNEVEN = tuple(name for name in FULL_RANK if name not in ("clustered", "tiny gap at the cut", "all equal"))

#: Squares that floats can tell from zero beside the largest one.
_WITHIN_REACH = tuple(name for name in NOT_ZERO if name not in ("tiny tail", "one dominant", "geometric"))


def _least(known: Mapping[str, int]) -> int:
    return min(known["m"], known["n"])


#: Larger matrices, once in eight draws: a statement may hold of every small one.
_LARGER = ({"m": (6, 9), "n": (6, 9)}, {"m": (10, 12), "n": (10, 12)}, {"m": (13, 21), "n": (13, 21)})
#: Kinds of noise, and of a signal that has too many values.
_NOISES = (*("aligned", "extreme", "generic") * 2, "more signal")
_ONE_BY_ONE = {"m": (1, 1), "n": (1, 1)}


def _matrix(low: int = 1, high: int = 5) -> dict[str, tuple[Bound, Bound]]:
    return {"m": (low, high), "n": (low, high)}


def _spectrum(spectra: tuple[str, ...] = SPECTRUM_NAMES, *, low: int = 1, high: int = 5, rank: int = 0) -> Any:
    rarely = [*_LARGER, *[_ONE_BY_ONE] * (low > 1)]
    return built(
        "spectrum", options=(spectra, DIRECTIONS), sizes={**_matrix(low, high), "k": (rank, _least)}, rarely=rarely
    )


def _threshold(competitors: tuple[str, ...] = ("truncation",), spectra: tuple[str, ...] = NOT_ZERO) -> Any:
    return built(
        "threshold",
        options=(spectra, DIRECTIONS, ("usual", "any", "attained", "at an end"), competitors),
        sizes={**_matrix(), "q": (0, _least)},
        rarely=_LARGER,
    )


def _noisy(
    levels: tuple[str, ...],
    thresholds: tuple[str, ...] = ("middle",),
    kinds: tuple[str, ...] = _NOISES,
    *,
    low: int = 1,
    spare: int = 0,
) -> Any:
    return built(
        "noisy",
        options=(levels, kinds, thresholds, DIRECTIONS),
        sizes={**_matrix(low, 4), "r0": (1, lambda known: _least(known) - spare)},
        rarely=[_matrix(5, 7)],
    )


def _descent(
    starts: tuple[str, ...] = ("any start", "diagonal start", "rank-one start"),
    inputs: tuple[str, ...] = ("permutation", "small integers", "gaussian"),
    spectra: tuple[str, ...] = ("distinct", "all equal", "tied", "power law"),
    *,
    steps: tuple[str, ...] = ("any step",),
    low: int = 1,
    samples: tuple[Bound, Bound] = (1, 4),
    rarely: Sequence[Mapping[str, tuple[Bound, Bound]]] = (_matrix(4, 4),),
) -> Any:
    sizes = {**_matrix(low, 3), "p": samples}
    return built("descent", options=(starts, inputs, spectra, DIRECTIONS, steps), sizes=sizes, rarely=rarely)


def _layers(*, high: int = 3, depth: int = 3) -> Any:
    return built(
        "layers",
        options=(FULL_RANK, ("axes", "crossed axes", "any directions"), ("any input", "last direction")),
        sizes={"D": (1, high), "L": (1, depth), "k": (0, lambda known: known["D"])},
        rarely=[{"D": (4, 6)}],
    )


def _perturbed(laws: tuple[str, ...] = ("small integers", "gaussian", "orthogonal", "triangular")) -> Any:
    return built(
        "perturbed",
        options=(laws, ("gaussian", "the weight itself", "small integers"), ("large", "small")),
        sizes={"D": (1, 3), "L": (1, 3)},
        rarely=[{"D": (4, 6)}, {"L": (4, 5)}],
    )


def _sample(
    scale: str,
    *,
    relations: tuple[str, ...] = ("independent", "multiples of one"),
    low: int = 1,
    high: int = 3,
    count: int = 3,
    spare: int = 0,
) -> Any:
    return built(
        "sample",
        options=(("small integers", "gaussian", "permutation"), (scale,), relations, ("small weight", "large weight")),
        sizes={**_matrix(low, high), "N": (1, count), "r": (1, lambda known: _least(known) - spare)},
        rarely=[_matrix(4, 5)],
    )


def _vector_sample() -> Any:
    return built(
        "sample",
        options=(("permutation", "small integers", "gaussian"), ("unit",), ("independent",), ("small weight",)),
        sizes={"m": (1, 3), "n": (1, 3), "N": (1, lambda known: max(1, 4 // known["m"])), "r": (1, _least)},
    )


def _task(inputs: tuple[str, ...] = ("last direction", "small integers", "gaussian")) -> Any:
    return built(
        "task", options=(NOT_ZERO, DIRECTIONS, inputs, ("cheap", "dear")), sizes={**_matrix(1, 4), "p": (1, 3)},
        rarely=[_matrix(5, 7)],
    )


def _choice() -> Any:
    kinds = ("any", "diminishing", "gains equal to costs", "some gains nothing", "any costs", "costs fall")
    return built("choice", options=(kinds,), sizes={"R": (1, 6)}, rarely=[{"R": (7, 12)}])


_pairs = ("independent",)
_index = counts(names={"r": (1, 12), "k": (1, lambda known: known["r"])})
_attention_laws = ("small integers", "gaussian", "uniform")
_any_k = _spectrum(rank=1)
_moderate = ("tiny noise", "small noise", "medium noise", "half the signal")
_critical = (*_moderate, "a little more than half")
_signal = ("tiny noise", "small noise", "medium noise", "large noise")
_thresholds = ("middle", "above the noise", "at the noise", "just below the noise")

#: Claims that are false without one of their hypotheses, which their strategies would otherwise build in.
_LOOSENED = (
    "corollary-11.4.sentence:repaired", "corollary-11.4:sharpened", "definition-11.16.concentration",
    "definition-11.16.full-rank:repaired", "definition-11.16.truncation:energy", "definition-11.17",
    "definition-11.17:invariances", "lemma-11.17.power-law:repaired", "lemma-11.18.compression:loss",
    "lemma-11.18.largest-error:repaired", "lemma-11.19.effective-rank:repaired", "lemma-11.20.first-value",
    "lemma-11.21.staircase:repaired", "lemma-11.21.tail:repaired", "table-11.2.2.fast",
    "table-11.2.2.medium", "table-11.2.2.none", "table-11.2.2.slow-advice:repaired",
    "table-11.2.2.slow:repaired", "theorem-11.11:sharpened", "theorem-11.12.noise", "theorem-11.12:repaired",
    "theorem-11.19:repaired", "theorem-11.19:vector-valued-repaired", "theorem-11.20",
    "theorem-11.20.optimal:repaired",
)  # fmt: skip

_CASES: dict[str, st.SearchStrategy[Any]] = {
    # Definition 11.16
    "textbook/definition-11.16.energy:every-matrix": _spectrum(),
    "textbook/definition-11.16.energy": _spectrum(),
    "textbook/definition-11.16.energy:invariances": _spectrum(),
    "textbook/definition-11.16.truncation:unique": decomposition_pairs(),
    "textbook/definition-11.16.truncation:energy": mostly(
        decomposition_pairs(), decomposition_pairs(min_dimension=4, max_dimension=5, strata=("ties in sigma",)), share=6
    ),
    "textbook/definition-11.16.effective-rank": mostly(
        _spectrum(),
        built("spectrum", options=((FLAT_TAIL,), _AXES), sizes={"m": (13, 21), "n": (13, 21), "k": (1, 1)}),
        share=8,
    ),
    "textbook/definition-11.16.effective-rank:sharpened": _spectrum(),
    "textbook/definition-11.16.full-rank:every-matrix": _spectrum(),
    "textbook/definition-11.16.full-rank:repaired": _spectrum(_UNEVEN, low=2),
    "textbook/definition-11.16.full-rank:far-below": _spectrum(FULL_RANK),
    "textbook/definition-11.16.concentration:one-k": built(
        "pair", options=(NOT_ZERO, NOT_ZERO, _pairs), sizes={"n": (1, 5), "k": (1, lambda known: known["n"])}
    ),
    "textbook/definition-11.16.concentration": built(
        "pair",
        options=(NOT_ZERO, NOT_ZERO, ("majorised", "majorised", "independent")),
        sizes={"n": (1, 5), "k": (1, lambda known: known["n"])},
        rarely=[{"n": (6, 12)}],
    ),
    # the rules of thumb, on real weights and on controls
    "textbook/lemma-11.17": measured_spectra(),
    "textbook/table-11.2.1": measured_spectra() | attention_spectra(),
    "textbook/table-11.2.1.embedding:rank": matrices(shapes="rectangular"),
    "textbook/table-11.2.1.embedding": mostly(
        matrices(shapes="rectangular", min_dimension=2), matrices(shapes="rectangular", max_dimension=7), share=6
    ),
    "textbook/table-11.2.1.heads:stacked": matrices(min_dimension=2),
    "textbook/table-11.2.1.heads": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (1, 6), "d": (1, 4)},
        rarely=[{"n": (7, 10), "d": (5, 9)}],
    ),
    "textbook/lemma-11.20.range": measured_spectra(),
    "textbook/theorem-11.10:tendency": training_runs(),
    "textbook/definition-11.17.fraction": measured_spectra(),
    # Lemma 11.17 on power laws
    "textbook/lemma-11.17.power-law:every-size": power_laws((1, 130), 1, 3),
    "textbook/lemma-11.17.power-law:repaired": mostly(
        power_laws((101, 160), 1, 3, large=_LARGE), power_laws((96, 112), 1, 3), share=6
    ),
    # Theorem 11.9
    "textbook/theorem-11.9": built(
        "manifold",
        options=(("all equal", "distinct", "clustered"), DIRECTIONS, ("small integers",)),
        sizes={"N": (2, 5), "d": (10, 11), "p": (1, 2)},
    ),
    "textbook/theorem-11.9.rank": built(
        "manifold",
        options=(("all equal", "distinct"), DIRECTIONS, ("small integers",)),
        sizes={"N": (10, 11), "d": (lambda known: known["N"], lambda known: known["N"]), "p": (1, 1)},
    ),
    "textbook/theorem-11.9.rank:any-weight": built(
        "manifold",
        options=(("rank one", "zero", "rank drop"), DIRECTIONS, ("small integers", "gaussian")),
        sizes={"N": (1, 4), "d": (1, 4), "p": (1, 4)},
    ),
    "textbook/theorem-11.9:repaired": built(
        "manifold",
        options=(("rank one", "distinct", "rank drop", "zero"), DIRECTIONS, ("small integers", "gaussian", "uniform")),
        sizes={"N": (1, 5), "d": (1, 5), "p": (1, 4)},
        rarely=[{"N": (6, 8), "d": (6, 8), "p": (5, 8)}],
    ),
    # Lemma 11.18
    "textbook/lemma-11.18.gradient": _descent(),
    "textbook/lemma-11.18.largest-error": _descent(),
    "textbook/lemma-11.18.largest-error:repaired": _descent(
        inputs=("whitened",) * 4 + ("small integers",),
        samples=(lambda known: known["n"], lambda known: known["n"]),
        rarely=[_matrix(4, 4), {"p": (lambda known: known["n"] + 1, lambda known: known["n"] + 2)}],
    ),
    "textbook/lemma-11.18.steady-state": _descent(low=2, samples=(lambda known: known["n"], 4)),
    "textbook/lemma-11.18.steady-state:repaired": _descent(samples=(lambda known: known["n"], 4)),
    "textbook/lemma-11.18.compression:every-run": _descent(),
    "textbook/lemma-11.18.compression:loss": _descent(
        steps=("any step", "any step", "largest step", "step too large")
    ),
    "textbook/theorem-11.10": _descent(),
    "textbook/theorem-11.10:repaired": built(
        "pair", options=(NOT_ZERO, NOT_ZERO, ("majorised", "majorised", "independent")),
        sizes={"n": (1, 5), "k": (1, lambda known: known["n"])}, rarely=[{"n": (6, 12)}],
    ),
    "textbook/theorem-11.10.start": measured_spectra(),
    "textbook/definition-11.16.full-rank": measured_spectra(),
    # Lemma 11.19
    "textbook/lemma-11.19": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (1, 4), "d": (1, 3)}
    ),
    "textbook/lemma-11.19:columns": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (1, 4), "d": (1, 3)}
    ),
    "textbook/lemma-11.19:logits": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (1, 6), "d": (1, 4)},
        rarely=[{"n": (7, 10), "d": (5, 10)}],
    ),
    "textbook/lemma-11.19.tokens": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (2, 4), "d": (1, 3)}
    ),
    "textbook/lemma-11.19.full-rank": counts(names={"n": (1, 8)}),
    "textbook/lemma-11.19.effective-rank": built(
        "attention", options=(_attention_laws, ("equal", "independent")), sizes={"n": (10, 12), "d": (1, 1)}
    ),
    "textbook/lemma-11.19.effective-rank:repaired": built(
        "attention", options=(_attention_laws, ("small", "small", "signs")), sizes={"n": (1, 4), "d": (1, 3)},
        rarely=[{"n": (3, 9), "d": (1, 1)}, {"n": (8, 9), "d": (1, 1)}],
    ),
    "textbook/lemma-11.19.lengths": transformer_lengths(),
    # Lemma 11.20 and Table 11.2.2
    "textbook/lemma-11.20": built(
        "fit", options=(("gaussian", "small integers", "uniform"),), sizes={"n": (2, 8)}, rarely=[{"n": (9, 40)}]
    ),
    "textbook/lemma-11.20.first-value": power_laws((1, 150), 1, 3, large=_LARGE),
    "textbook/table-11.2.2.fast": mostly(
        power_laws((1, 20), 2, 8, above_low=True, large=_LARGE), power_laws((21, 120), 2, 8, above_low=True)
    ),
    "textbook/table-11.2.2.medium:every-size": power_laws((1, 20), 1, 2, above_low=True),
    "textbook/table-11.2.2.medium": mostly(
        st.one_of(power_laws((6, 120), 1, 2, large=_LARGE), power_laws((1, 2), 1, 2)), power_laws((3, 5), 1, 2), share=6
    ),
    "textbook/table-11.2.2.slow": power_laws((2, 60), 1, 1),
    "textbook/table-11.2.2.slow:repaired": mostly(
        power_laws((4, 60), 0, Fraction(1, 2), large=_LARGE), power_laws((2, 4), 0, Fraction(1, 2)), share=6
    ),
    "textbook/table-11.2.2.slow-advice": power_laws((1, 60), 1, 1),
    "textbook/table-11.2.2.slow-advice:repaired": power_laws((1, 200), 1, 1, large=(*_LARGE, 6000)),
    "textbook/table-11.2.2.none": st.one_of(
        counts(names={"n": (1, 60), "k": (0, lambda known: 4 * known["n"] // 5)}),
        counts(names={"n": (61, 999), "k": (-1, lambda known: (4 * known["n"] - 1) // 5)}),
    ),
    "textbook/table-11.2.2.fast-advice:every-size": power_laws((1, 20), 2, 8, above_low=True),
    "textbook/table-11.2.2.fast-advice": mostly(
        power_laws((21, 120), 2, 8, large=_LARGE), power_laws((16, 24), 2, 3), share=6
    ),
    "textbook/table-11.2.2.medium-advice:every-size": power_laws((1, 20), 1, 2, above_low=True),
    "textbook/table-11.2.2.medium-advice": mostly(
        power_laws((61, 160), 1, 2, large=_LARGE), power_laws((56, 75), 1, 1), share=6
    ),
    "textbook/table-11.2.2.consistency:overlap": power_laws((2, 40), Fraction(11, 10), Fraction(11, 10)),
    # Theorem 11.11, Corollary 11.4, Definition 11.17
    "textbook/theorem-11.11": _any_k,
    "textbook/theorem-11.11.index:listed": _index,
    "textbook/theorem-11.11:sharpened": _spectrum(NOT_ZERO),
    "textbook/corollary-11.4": _any_k,
    "textbook/corollary-11.4.informative:always": _spectrum((PLATEAU, *NOT_ZERO), rank=1, high=6),
    "textbook/corollary-11.4:sharpened": _spectrum(NOT_ZERO),
    "textbook/corollary-11.4.sentence": built(
        "spectrum", options=((FLAT_TAIL, "distinct", "power law"), DIRECTIONS),
        sizes={"m": (1, 9), "n": (1, 9), "k": (1, 1)},
    ),
    "textbook/corollary-11.4.sentence:repaired": st.one_of(
        built("spectrum", options=((FLAT_TAIL, "one dominant", "tiny tail"), DIRECTIONS),
              sizes={"m": (1, 6), "n": (1, 6), "k": (1, _least)}),
        built("spectrum", options=(("one dominant", "rank one"), DIRECTIONS), sizes={**_matrix(), "k": (1, 1)}),
        built("spectrum", options=(("one dominant", "geometric"), DIRECTIONS), sizes={**_matrix(), "k": (1, 1)}),
        # (19, 1, ..., 1), of nineteen ones: both sides of both inequalities are equal
        built("spectrum", options=((FLAT_TAIL,), _AXES), sizes={"m": (18, 21), "n": (20, 21), "k": (1, 1)}),
    ),
    "textbook/definition-11.17": _threshold(),
    "textbook/definition-11.17:tau-one": _threshold(spectra=_WITHIN_REACH),
    "textbook/definition-11.17:invariances": _threshold(),
    "textbook/definition-11.17.agreement:no-larger": built(
        "spectrum", options=((FLAT_TAIL, *FULL_RANK), _AXES), sizes={"m": (1, 9), "n": (1, 9), "k": (1, 1)}
    ),
    "textbook/definition-11.17.agreement:reversed": _spectrum(NOT_ZERO),
    "textbook/definition-11.17.agreement:related": mostly(
        _spectrum(NOT_ZERO),
        built("spectrum", options=((NINETEEN,), DIRECTIONS), sizes={"m": (4, 5), "n": (4, 5), "k": (1, 4)}),
        built("spectrum", options=(("all equal", FLAT_TAIL), _AXES), sizes={"m": (15, 20), "n": (15, 20), "k": (1, 1)}),
        share=8,
    ),
    # Lemma 11.21 and Theorem 11.12
    "textbook/lemma-11.21.values": _noisy(_signal),
    "textbook/lemma-11.21.tail": _noisy(_signal, low=2, spare=1),
    "textbook/lemma-11.21.tail:repaired": _noisy(_signal),
    "textbook/lemma-11.21.staircase": _noisy(_signal, low=2, spare=1),
    "textbook/lemma-11.21.staircase:repaired": _noisy(_critical, low=2, spare=1),
    "textbook/theorem-11.12": _noisy(("tiny noise", "small noise"), ("middle", "above the noise")),
    "textbook/theorem-11.12.rank": _noisy(("tiny noise", "small noise"), ("middle", "below the weakest value")),
    "textbook/theorem-11.12.noise": _noisy(_moderate, _thresholds),
    "textbook/theorem-11.12:repaired": _noisy(
        _moderate, ("middle", "middle", "middle", *_thresholds), (*_NOISES, "turned")
    ),
    "textbook/definition-11.19.redundancy": measured_changes(),
    # Definition 11.22, Theorem 11.18, Lemma 11.30
    "textbook/definition-11.22:every-matrix": _spectrum(),
    "textbook/definition-11.22": _spectrum(NOT_ZERO),
    "textbook/definition-11.22.at-most-one:any-approximation": _threshold(("truncation", "reversed", "random")),
    "textbook/definition-11.22.order:as-norms": _spectrum(NOT_ZERO),
    "textbook/definition-11.22.order:reversed": _spectrum(NOT_ZERO),
    "textbook/definition-11.22.order:compared": _spectrum(NOT_ZERO),
    "textbook/theorem-11.18": _spectrum(),
    "textbook/theorem-11.18.index:listed": _index,
    "textbook/lemma-11.30": _layers(),
    "textbook/lemma-11.30:map": built(
        "layers",
        options=(("geometric", "one dominant", "power law"), ("crossed axes", "any directions"), ("any input",)),
        sizes={"D": (1, 3), "L": (1, 3), "k": (0, lambda known: known["D"])},
    ),
    "textbook/lemma-11.30:repaired": _perturbed(),
    "textbook/lemma-11.30:relu": _perturbed(),
    "textbook/lemma-11.30:first-order": _perturbed(),
    "textbook/lemma-11.30:first-order-below": _perturbed(),
    "textbook/lemma-11.30:sharpened": _layers(),
    "textbook/lemma-11.30.closed-form": _layers(),
    # Theorem 11.19 and Corollary 11.7
    "textbook/theorem-11.19": _sample("unit"),
    "textbook/theorem-11.19:norm-bounded": _sample("any scale"),
    "textbook/theorem-11.19:repaired": _sample("unit"),
    "textbook/theorem-11.19:spectral-inputs": mostly(_sample("unit"), _sample("any scale"), share=3),
    "textbook/theorem-11.19:sharpened": _sample("any scale"),
    "textbook/theorem-11.19:vector-valued": _vector_sample(),
    "textbook/theorem-11.19:vector-valued-repaired": _vector_sample(),
    "textbook/corollary-11.7": _sample(
        "any scale", low=2, spare=1, relations=("multiples of one rank-one matrix", "multiples of one", "independent")
    ),
    "textbook/corollary-11.7:ratio": _sample(
        "any scale", low=2, spare=1, relations=("multiples of one rank-one matrix", "multiples of one", "independent")
    ),
    "textbook/corollary-11.7:repaired": _sample("any scale"),
    "textbook/corollary-11.7.samples": counts(
        names={"m": (2, 12), "n": (2, 12), "r": (1, lambda known: _least(known) - 1), "N": (1, 40)}
    ),
    "textbook/corollary-11.7.samples:every-sample": built(
        "sample",
        options=(("permutation", "small integers"), ("any scale",), ("blind to the weight",), ("small weight",)),
        sizes={
            "m": (2, 2), "n": (2, 3), "N": (lambda known: known["n"] + 1, lambda known: 2 * known["n"] - 1), "r": (1, 1)
        },
    ),
    # Lemma 11.31, Definition 11.23, Lemma 11.32, Theorem 11.20
    "textbook/lemma-11.31": _task(),
    "textbook/lemma-11.31:natural-terms": _task(),
    "textbook/lemma-11.31:repaired": _task(),
    "textbook/definition-11.23:unique": _choice(),
    "textbook/definition-11.23:least": _choice(),
    "textbook/definition-11.23.exists": _choice(),
    "textbook/lemma-11.32": _task(),
    "textbook/lemma-11.32.reason": _task(),
    "textbook/lemma-11.32:strict": _spectrum(FULL_RANK),
    "textbook/lemma-11.32:repaired": _spectrum(NOT_ZERO),
    "textbook/theorem-11.20": _threshold(spectra=(*NOT_ZERO, "zero")),
    "textbook/theorem-11.20.optimal": _task(),
    "textbook/theorem-11.20.optimal:repaired": built(
        "threshold",
        options=(("distinct", "all equal", "tied", "power law"), DIRECTIONS, ("usual",), ("truncation", "random")),
        sizes={**_matrix(), "q": (0, lambda known: (_least(known) - 1) // 2)},
    ),
}  # fmt: skip

CASES = {
    key: beside(strategy, share=8) if key.removeprefix("textbook/") in _LOOSENED else strategy
    for key, strategy in _CASES.items()
}
