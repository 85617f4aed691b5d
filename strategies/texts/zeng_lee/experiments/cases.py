"""The cases of the claims of Zeng and Lee's Appendix G."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from theorems.strategies.counts import counts
from theorems.strategies.mixed import mostly
from theorems.strategies.models.linear import EDGES, STRATA, linear_cases
from theorems.strategies.models.mapped import lost_layers, minimisers
from theorems.strategies.models.pretrained import trained_linear_cases
from theorems.strategies.models.transformer import transformer_cases
from theorems.strategies.texts.zeng_lee.experiments.conjectures import descents, parted_targets, rescaled_targets
from theorems.strategies.texts.zeng_lee.experiments.curves import measured_curves, measured_pairs
from theorems.strategies.texts.zeng_lee.transformer.cases import CASES as TRANSFORMERS

_regular = tuple(name for name in STRATA if name not in EDGES)
_lost = lost_layers(min_dimension=2, max_dimension=3, min_depth=2, strata=("identity weights", "gaussian"))
_linear = mostly(
    st.one_of(linear_cases(strata=_regular), trained_linear_cases()),
    linear_cases(min_dimension=5, max_dimension=8, strata=_regular), _lost, share=5,
)  # fmt: skip
_width = counts(names={"D": (1, 64)})
_linear_curves = measured_curves(figure="linear")
_one_layer = measured_curves(figure="fnn", target_depth=1)
_two_layers = measured_curves(figure="fnn", target_depth=2)
_transformers = measured_curves(figure="tfn")

CASES: dict[str, st.SearchStrategy[Any]] = {
    # G.1
    "zeng-lee/appendix-g.1.initialisation": _width,
    "zeng-lee/appendix-g.1.initialisation:repaired": _width,
    "zeng-lee/appendix-g.1.threshold": mostly(
        st.one_of(
            linear_cases(min_dimension=2, min_depth=2, min_rank=2, strata=_regular),
            trained_linear_cases(min_dimension=2, min_depth=2, min_rank=2),
        ),
        linear_cases(min_dimension=3, max_dimension=3, min_depth=2, max_depth=2),  # R L = D - 1 among them
        _lost,
    ),
    "zeng-lee/appendix-g.1.threshold:gradient": _linear_curves,
    "zeng-lee/appendix-g.1.optimality": _linear,
    "zeng-lee/appendix-g.1.optimality:spectral": minimisers(min_dimension=2),
    "zeng-lee/appendix-g.1.alignment": _linear_curves,
    "zeng-lee/appendix-g.1.pretraining": measured_pairs(figure="linear"),
    "zeng-lee/appendix-g.1.pretraining:every-descent": descents(),
    "zeng-lee/appendix-g.1.pretraining:error-left": _linear,
    # G.2
    "zeng-lee/appendix-g.2.pretraining": measured_pairs(figure="fnn"),
    "zeng-lee/appendix-g.2.pretraining:largest-error": measured_pairs(figure="fnn"),
    "zeng-lee/appendix-g.2.one-layer": _one_layer,
    "zeng-lee/appendix-g.2.two-layers": _two_layers,
    "zeng-lee/appendix-g.2.conjecture.intermediate": rescaled_targets(),
    "zeng-lee/appendix-g.2.conjecture.partition": parted_targets(),
    # G.3
    "zeng-lee/appendix-g.3.pretraining": measured_pairs(figure="tfn"),
    "zeng-lee/appendix-g.3.small-ranks": _transformers,
    "zeng-lee/appendix-g.3.large-ranks": _transformers,
    "zeng-lee/appendix-g.3.flat": _transformers,
    "zeng-lee/appendix-g.3.threshold": TRANSFORMERS["zeng-lee/corollary-20"],
    "zeng-lee/appendix-g.3.difficult-to-optimise": transformer_cases(max_dimension=2, max_depth=1),
}  # fmt: skip
