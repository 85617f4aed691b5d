"""The cases of the claims on Transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from strategies.counts import counts
from strategies.narrow_heads import narrow_heads
from strategies.transformer_twins import twin_models
from strategies.transformers import transformer_cases

_MANY = (1, 2)
_meant = ("none", "below", "at")
_single = st.one_of(
    transformer_cases(heads=(0,), gaps=_meant, max_depth=1), transformer_cases(heads=(0,), gaps=_meant, max_dimension=3)
)
_several = st.one_of(
    transformer_cases(heads=_MANY, gaps=_meant, max_depth=1),
    transformer_cases(heads=(1,), gaps=_meant, min_depth=2, max_dimension=3),
    transformer_cases(heads=(2,), gaps=_meant, min_depth=2, max_dimension=2),
)
_simple_laws = ("identity", "diagonal")


def _below_half(known: Mapping[str, int]) -> int:
    """The largest R below D / 2."""
    return (known["D"] - 1) // 2


_forward_laws = ("identity", "diagonal", "permutation", "orthogonal", "gaussian")

CASES: dict[str, st.SearchStrategy[Any]] = {
    # Section 1
    "zeng-lee/theorem-2": transformer_cases(heads=_MANY, gaps=("at",), min_dimension=2, max_dimension=3),
    "zeng-lee/theorem-2:as-formalised": _several,
    "zeng-lee/theorem-2:attention-only": transformer_cases(
        heads=_MANY, gaps=_meant, twists=("same output",), max_dimension=3
    ),
    # Section 3
    "zeng-lee/theorem-6": st.one_of(
        transformer_cases(
            heads=(1,), min_dimension=2, max_dimension=3, max_depth=1, min_tokens=2, max_rank=1, gaps=("at",)
        ),
        transformer_cases(heads=_MANY, max_rank=2, max_dimension=3),
    ),
    "zeng-lee/theorem-6:repaired": st.one_of(
        _several, transformer_cases(heads=(3,), max_depth=3, max_dimension=2)
    ),
    "zeng-lee/theorem-6:without-partial-sums": st.one_of(
        _several, transformer_cases(heads=_MANY, twists=("singular sum",))
    ),
    "zeng-lee/theorem-6.forward": transformer_cases(heads=_MANY, law_names=_forward_laws, max_dimension=3),
    "zeng-lee/theorem-6.threshold": st.one_of(
        transformer_cases(heads=(2, 3), min_dimension=3, max_dimension=4, max_rank=1, twists=("heads renumbered",)),
        transformer_cases(heads=_MANY, min_dimension=3, max_rank=1, gaps=("above", "full")),
    ),
    "zeng-lee/theorem-6.threshold:single-token": transformer_cases(
        heads=_MANY, max_tokens=1, max_dimension=3, gaps=("below", "at", "above")
    ),
    "zeng-lee/theorem-6:from-two-on": transformer_cases(
        heads=(1,), min_dimension=3, max_depth=1, min_tokens=2, max_rank=2, gaps=("at",)
    ),
    "zeng-lee/theorem-6:restated": transformer_cases(
        heads=(2, 3), min_dimension=2, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1, gaps=("at",)
    ),
    "zeng-lee/theorem-6:free-output": transformer_cases(
        heads=_MANY, gaps=("none", "below", "at"), max_dimension=3, twists=("", "singular sum")
    ),
    "zeng-lee/theorem-6.threshold:up-to-order": transformer_cases(
        heads=(2, 3), min_dimension=3, max_depth=1, max_rank=1, twists=("scores shared",)
    ),
    "zeng-lee/theorem-6.threshold:scores": st.one_of(
        transformer_cases(heads=_MANY, min_dimension=3, max_depth=1, min_tokens=3, max_rank=1, gaps=("full",)),
        transformer_cases(heads=(3,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
                          gaps=("full",)),
    ),
    "zeng-lee/theorem-6:narrow-heads": narrow_heads(moves=("rows", "columns", "both")),
    "zeng-lee/theorem-6:narrow-heads-replaced": narrow_heads(full=True),
    # Appendix F.1
    "zeng-lee/assumption-3": transformer_cases(
        heads=(0,), min_dimension=2, max_dimension=3, max_depth=3, law_names=_simple_laws, twists=("", "misprint")
    ),
    "zeng-lee/assumption-3:repaired": transformer_cases(heads=(0,), gaps=("at", "above", "full", "below")),
    "zeng-lee/lemma-16": counts(names={"D": (1, 5), "L": (1, 3)}),
    "zeng-lee/theorem-17": st.one_of(
        transformer_cases(
            heads=(0,), min_dimension=4, max_dimension=5, max_depth=1, max_rank=1,
            law_names=("identity", "unimodular"), twists=("other first layer",),
        ),
        transformer_cases(heads=(0,), gaps=("none", "at"), max_depth=2, law_names=("identity", "orthogonal")),
    ),
    "zeng-lee/theorem-17:repaired": _single,
    "zeng-lee/theorem-17:without-partial-sums": st.one_of(
        _single, transformer_cases(heads=(0,), twists=("singular sum",))
    ),
    "zeng-lee/theorem-17:sharpened": transformer_cases(heads=(0,), twists=("shifted output",)),
    "zeng-lee/theorem-17.forward": transformer_cases(heads=(0,), law_names=_forward_laws, max_dimension=3),
    "zeng-lee/theorem-17.threshold": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_depth=1, max_rank=1, gaps=("none", "at"),
        twists=("shifted output",),
    ),
    "zeng-lee/theorem-17:one-block": transformer_cases(
        heads=(0,), max_dimension=3, max_depth=1, gaps=("none", "below", "at"), twists=("scores only",)
    ),
    "zeng-lee/theorem-17:frozen-second-layers": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_depth=1, max_rank=1, gaps=("at",)
    ),
    "zeng-lee/theorem-17:three-wide": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=3, min_depth=2, max_depth=2, max_rank=1,
        law_names=("identity",), twists=("other first layer",),
    ),
    "zeng-lee/theorem-17.threshold:up-to-shifts": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_rank=1, twists=("units turned",)
    ),
    "zeng-lee/theorem-17.threshold:scores": transformer_cases(
        heads=(0, 1), min_dimension=3, max_depth=1, min_tokens=2, max_rank=1, gaps=("above", "full")
    ),
    "zeng-lee/equation-22": transformer_cases(),
    "zeng-lee/output-layer": transformer_cases(),
    "zeng-lee/output-layer.invertible": transformer_cases(),
    "zeng-lee/output-layer.invertible:by-lemma-9": transformer_cases(
        min_dimension=2, max_dimension=3, heads=(0, 1), max_depth=1, gaps=("at",), twists=("singular target", "")
    ),
    "zeng-lee/corollary-18": transformer_cases(heads=(0,), gaps=("full", "at", "below"), half=True),
    "zeng-lee/corollary-18.threshold": counts(names={"D": (3, 7), "R": (1, _below_half)}),
    "zeng-lee/corollary-18.gap": counts(names={"D": (1, 6), "L": (1, 3)}),
    # Appendix F.2
    "zeng-lee/assumption-4": transformer_cases(
        heads=_MANY, min_dimension=2, max_dimension=3, max_depth=3, law_names=_simple_laws, twists=("", "misprint")
    ),
    "zeng-lee/assumption-4:repaired": transformer_cases(
        heads=_MANY, max_dimension=3, gaps=("at", "above", "full", "below")
    ),
    "zeng-lee/lemma-19": counts(names={"D": (1, 4), "H": (1, 3), "L": (1, 2)}),
    "zeng-lee/equation-23": twin_models(kinds=("same", "other factors", "heads renumbered", "single token")),
    "zeng-lee/equation-23:sufficient": twin_models(kinds=("same", "other factors")),
    "zeng-lee/equation-23:single-head": twin_models(
        heads=(0, 1), min_tokens=2, kinds=("other scores", "other values", "other bias")
    ),
    "zeng-lee/equation-23:up-to-order": twin_models(
        heads=(2, 3), min_tokens=2, max_dimension=2, kinds=("values shared", "heads renumbered")
    ),
    "zeng-lee/equation-23:distinct-scores": twin_models(
        heads=(2,), min_tokens=2, max_dimension=2, kinds=("signs changed", "heads renumbered")
    ),
    "zeng-lee/equation-25": transformer_cases(gaps=("at", "above", "full")),
    "zeng-lee/equation-25:necessary": twin_models(
        max_depth=2, max_dimension=2, kinds=("same", "other factors", "heads renumbered", "single token")
    ),
    "zeng-lee/corollary-20": transformer_cases(heads=_MANY, gaps=("full", "at", "below"), half=True, max_dimension=3),
    "zeng-lee/corollary-20.threshold": counts(names={"D": (3, 6), "R": (1, _below_half), "H": (1, 3)}),
    "zeng-lee/corollary-20.gap": counts(names={"D": (1, 6), "H": (1, 3), "L": (1, 2)}),
}
