"""The cases of the claims on Transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from theorems.strategies.counts import counts
from theorems.strategies.mixed import mostly
from theorems.strategies.models.narrow_heads import narrow_heads
from theorems.strategies.models.transformer import transformer_cases
from theorems.strategies.models.transformer_twins import twin_models
from theorems.strategies.texts.zeng_lee.transformer.bent import cells, two_blocks
from theorems.strategies.texts.zeng_lee.transformer.compensated import compensated
from theorems.strategies.texts.zeng_lee.transformer.single_gaps import single_gaps
from theorems.strategies.texts.zeng_lee.transformer.singular import singular_weights

_MANY = (1, 2)
_meant = ("none", "below", "at")
_Cases = st.SearchStrategy[Any]


def _beside(own: Sequence[_Cases], others: Sequence[_Cases], *, share: int = 5) -> _Cases:
    """One case in `share` misses a hypothesis, by little: where a weaker one would let it in.  The others meet them."""
    return mostly(st.one_of(*own), *others, share=share)


# Three blocks, for what passes from one to a third; three heads, for what holds for two
_single = (
    transformer_cases(heads=(0,), gaps=_meant, max_depth=1),
    transformer_cases(heads=(0,), gaps=_meant, max_dimension=3),
    transformer_cases(heads=(0,), gaps=_meant, min_depth=3, max_depth=3, max_dimension=2),
    cells(heads=(0,)),  # gaps at the threshold that add up, and above it
)
_three = (
    transformer_cases(heads=(3,), gaps=_meant, max_dimension=2),
    transformer_cases(heads=(1,), gaps=_meant, min_depth=3, max_depth=3, max_dimension=2),
)
_several = (
    transformer_cases(heads=_MANY, gaps=_meant, max_depth=1),
    transformer_cases(heads=(1,), gaps=_meant, min_depth=2, max_dimension=3),
    transformer_cases(heads=(2,), gaps=_meant, min_depth=2, max_dimension=2),
    *_three,
    cells(heads=(1,)),
)
# Beside the threshold: gaps above 2 R, of any pair, of the scores or of the values alone
_other_values = {
    heads: transformer_cases(
        heads=(heads,), min_dimension=5, max_dimension=5, max_depth=1, max_rank=1,
        law_names=("identity", "permutation", *(("unimodular",) if heads == 0 else ())), twists=("other first layer",),
    )
    for heads in (0, 1)
}  # fmt: skip
#: One gap above, every other one zero: a hypothesis that leaves that gap out lets them in.  Wide ones have obstructions
_single_gaps = (single_gaps(), single_gaps(depths=(1, 2), max_rank=1), compensated(), singular_weights(max_rank=2))
_several_gaps = (
    single_gaps(heads=(1, 2)),
    single_gaps(heads=(1,), depths=(1, 2), max_rank=1),
    single_gaps(heads=(2,), depths=(1,), max_rank=1),
    compensated(heads=(1, 2)),
    singular_weights(heads=(1, 2), max_rank=2),
)
_single_above = (
    transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=2, max_rank=1, gaps=("above", "full"),
        twists=("", "scores differ"),
    ),
    _other_values[0],
    two_blocks(scores=(False, True)),
    *_single_gaps,
)  # fmt: skip
_several_above = (
    transformer_cases(
        heads=_MANY, min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1, gaps=("above", "full"),
        twists=("", "scores differ"),
    ),
    transformer_cases(
        heads=(2,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
        twists=("last scores differ",),
    ),
    _other_values[1],
    cells(heads=(2,), max_depth=1),
    *_several_gaps,
)  # fmt: skip
_simple_laws = ("identity", "diagonal")


def _below_half(known: Mapping[str, int]) -> int:
    """The largest R below D / 2."""
    return (known["D"] - 1) // 2


def _half(known: Mapping[str, int]) -> int:
    return max(known["D"] // 2, 1)


def _half_up(known: Mapping[str, int]) -> int:
    return (known["D"] + 1) // 2


# Weights with integer inverses: balls then decide that two networks agree
_exact_laws = ("identity", "permutation", "unimodular")
_forward_laws = ("identity", "diagonal", "permutation", "orthogonal", "gaussian")

CASES: dict[str, st.SearchStrategy[Any]] = {
    # Section 1
    "zeng-lee/theorem-2:attention-alone": transformer_cases(
        heads=_MANY, gaps=("at",), min_dimension=2, max_dimension=3
    ),
    "zeng-lee/theorem-2": _beside(_several, _several_above, share=2),
    "zeng-lee/theorem-2:attention-only": _beside(
        (
            transformer_cases(heads=_MANY, gaps=_meant, twists=("same output",), max_dimension=3),
            transformer_cases(heads=(3,), gaps=_meant, twists=("same output",), max_dimension=2),
            transformer_cases(heads=(1,), gaps=_meant, twists=("same output",), min_depth=3, max_depth=3,
                              max_dimension=2),
        ),
        (
            transformer_cases(heads=(1,), gaps=("at", "below"), min_dimension=2, max_dimension=3, max_depth=1,
                              twists=("other out", "other second")),
            transformer_cases(heads=_MANY, gaps=("full",), twists=("same output",), min_dimension=3, max_dimension=3,
                              max_depth=1, min_tokens=3, max_rank=1),
            _other_values[1],
            *_several_gaps,
        ),
        share=4,
    ),
    # Section 3
    "zeng-lee/theorem-6:printed-letter": st.one_of(
        transformer_cases(
            heads=(1,), min_dimension=2, max_dimension=3, max_depth=1, min_tokens=2, max_rank=1, gaps=("at",)
        ),
        transformer_cases(heads=_MANY, max_rank=2, max_dimension=3),
    ),
    "zeng-lee/theorem-6": _beside(_several, _several_above, share=2),
    "zeng-lee/theorem-6:without-partial-sums": _beside(
        (*_several, transformer_cases(heads=_MANY, twists=("singular sum",))),
        _several_above, share=2
    ),
    "zeng-lee/theorem-6.forward": _beside(
        (
            transformer_cases(heads=_MANY, law_names=_forward_laws, max_dimension=3),
            transformer_cases(heads=(3,), law_names=_forward_laws, max_dimension=2),
            transformer_cases(heads=(1,), law_names=_forward_laws, min_depth=3, max_depth=3, max_dimension=2),
        ),
        (
            transformer_cases(heads=(1,), law_names=_exact_laws, min_dimension=3, max_dimension=3, max_depth=1,
                              max_rank=1, gaps=("above",)),
        ),
    ),
    "zeng-lee/theorem-6.threshold:necessary": st.one_of(
        transformer_cases(heads=(2, 3), min_dimension=3, max_dimension=4, max_rank=1, twists=("heads renumbered",)),
        transformer_cases(heads=_MANY, min_dimension=3, max_rank=1, gaps=("above", "full")),
    ),
    "zeng-lee/theorem-6.threshold:single-token": _beside(
        (
            cells(heads=(1,), max_depth=1),
            transformer_cases(heads=_MANY, max_tokens=1, max_dimension=3, gaps=("below", "at", "above")),
            transformer_cases(heads=(3,), max_tokens=1, max_dimension=2, gaps=("below", "at", "full")),
            transformer_cases(heads=(1,), max_tokens=1, min_depth=3, max_depth=3, max_dimension=2, gaps=("at", "full")),
        ),
        (
            transformer_cases(heads=(1,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=2, max_tokens=2,
                              max_rank=1, twists=("scores differ",)),
            _other_values[1],
            transformer_cases(heads=(2,), max_tokens=1, min_dimension=3, max_dimension=3, max_depth=1, max_rank=1,
                              twists=("one value differs",)),
            single_gaps(heads=(1, 2), kinds=("value", "output"), tokens=(1,)),
            single_gaps(heads=(1, 2), kinds=("value", "output"), depths=(1, 2), tokens=(1,), max_rank=1),
        ),
        share=3,
    ),
    "zeng-lee/theorem-6:from-two-on": transformer_cases(
        heads=(1,), min_dimension=3, max_depth=1, min_tokens=2, max_rank=2, gaps=("at",)
    ),
    "zeng-lee/theorem-6:restated": transformer_cases(
        heads=(2, 3), min_dimension=2, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1, gaps=("at",)
    ),
    "zeng-lee/theorem-6:free-output": _beside(
        (
            transformer_cases(heads=_MANY, gaps=_meant, max_dimension=3, twists=("", "singular sum")),
            transformer_cases(heads=_MANY, gaps=_meant, max_dimension=3, twists=("", "singular sum")),
            *_three,
        ),
        _several_above,
        share=2,
    ),
    "zeng-lee/theorem-6.threshold:up-to-order": transformer_cases(
        heads=(2, 3), min_dimension=3, max_depth=1, max_rank=1, twists=("scores shared",)
    ),
    "zeng-lee/theorem-6.threshold:scores": _beside(
        (
            transformer_cases(heads=_MANY, min_dimension=3, max_depth=1, min_tokens=3, max_rank=1, gaps=("full",)),
            transformer_cases(heads=(3,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
                              gaps=("full",)),
            transformer_cases(heads=(1,), min_dimension=5, max_dimension=5, max_depth=1, min_tokens=3, min_rank=2,
                              max_rank=2, gaps=("full",)),
        ),
        (
            transformer_cases(heads=(1,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
                              twists=("rows copied",)),
            transformer_cases(heads=(1,), min_dimension=4, max_dimension=5, max_depth=1, min_tokens=3, max_rank=2,
                              twists=("rows copied",)),
            transformer_cases(heads=(3,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
                              law_names=("unimodular", "gaussian", "orthogonal"), twists=("heads exchanged",)),
            transformer_cases(heads=(1, 2), min_dimension=3, max_dimension=4, max_depth=1, min_tokens=3, max_rank=1,
                              law_names=("unimodular", "gaussian"), twists=("one row more copied",)),
            transformer_cases(heads=(2,), min_dimension=3, max_dimension=3, max_depth=1, min_tokens=3, max_rank=1,
                              law_names=("unimodular", "gaussian", "orthogonal"), twists=("last head replaced",)),
        ),
        share=3,
    ),
    "zeng-lee/theorem-6:narrow-heads": narrow_heads(moves=("rows", "columns", "both")),
    "zeng-lee/theorem-6:narrow-heads-replaced": _beside((narrow_heads(full=True),), (narrow_heads(),)),
    # Appendix F.1
    "zeng-lee/assumption-3:printed-letter": transformer_cases(
        heads=(0,), min_dimension=2, max_dimension=3, max_depth=3, law_names=_simple_laws, twists=("", "misprint")
    ),
    "zeng-lee/assumption-3": st.one_of(
        transformer_cases(heads=(0,), gaps=("at", "above", "full", "below")),
        transformer_cases(heads=(0,), gaps=("at", "full"), min_depth=3, max_depth=3, max_dimension=2),
        transformer_cases(heads=(0,), gaps=("full",), min_dimension=4, max_depth=1, min_rank=2, max_rank=2),
    ),
    "zeng-lee/lemma-16": counts(names={"D": (1, 7), "L": (1, 3)}),
    "zeng-lee/theorem-17:printed-letter": st.one_of(
        transformer_cases(
            heads=(0,), min_dimension=4, max_dimension=5, max_depth=1, max_rank=1,
            law_names=("identity", "unimodular"), twists=("other first layer",),
        ),
        transformer_cases(heads=(0,), gaps=("none", "at"), max_depth=2, law_names=("identity", "orthogonal")),
        two_blocks(),
    ),
    "zeng-lee/theorem-17": _beside(_single, _single_above, share=2),
    "zeng-lee/theorem-17:without-partial-sums": _beside(
        (*_single, transformer_cases(heads=(0,), twists=("singular sum",))),
        _single_above, share=2
    ),
    "zeng-lee/theorem-17:sharpened": _beside(
        (
            transformer_cases(heads=(0,), twists=("shifted output",)),
            transformer_cases(heads=(0,), twists=("shifted output",), min_depth=3, max_depth=3, max_dimension=2),
        ),
        (
            transformer_cases(heads=(0,), twists=("shifted output",), min_dimension=3, max_dimension=3, max_depth=1,
                              min_tokens=2, max_rank=1, gaps=("above",)),
            _other_values[0],
            *_single_gaps,
        ),
        share=3,
    ),
    "zeng-lee/theorem-17.forward": _beside(
        (
            transformer_cases(heads=(0,), law_names=_forward_laws, max_dimension=3),
            transformer_cases(heads=(0,), law_names=_forward_laws, min_depth=3, max_depth=3, max_dimension=2),
        ),
        _single_above[:1],
    ),
    "zeng-lee/theorem-17.threshold:necessary": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_depth=1, max_rank=1, gaps=("none", "at"),
        twists=("shifted output",),
    ),
    "zeng-lee/theorem-17:one-block": _beside(
        (
            transformer_cases(heads=(0,), max_dimension=3, max_depth=1, gaps=_meant, twists=("scores only",)),
            transformer_cases(heads=(0,), max_dimension=3, max_depth=1, gaps=_meant, twists=("scores only",)),
            transformer_cases(heads=(0,), min_dimension=5, max_dimension=5, max_depth=1, min_rank=2, max_rank=2,
                              gaps=_meant, twists=("scores only",)),
        ),
        (
            _single_above[0],
            transformer_cases(heads=(0,), min_dimension=4, max_dimension=4, max_depth=1, max_rank=1,
                              law_names=("permutation", "unimodular"), twists=("other first layer",)),
            two_blocks(),
        ),
    ),
    "zeng-lee/theorem-17:frozen-second-layers": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_depth=1, max_rank=1, gaps=("at",)
    ),
    "zeng-lee/theorem-17:three-wide": st.one_of(
        two_blocks(),
        transformer_cases(
            heads=(0,), min_dimension=3, max_dimension=3, min_depth=2, max_depth=2, max_rank=1,
            law_names=("identity",), twists=("other first layer",),
        ),
    ),
    "zeng-lee/theorem-17.threshold:up-to-shifts": transformer_cases(
        heads=(0,), min_dimension=3, max_dimension=4, max_rank=1, twists=("units turned",)
    ),
    "zeng-lee/theorem-17.threshold:scores": _beside(
        (
            transformer_cases(
                heads=(0, 1), min_dimension=3, max_depth=1, min_tokens=2, max_rank=1, gaps=("above", "full")
            ),
            transformer_cases(heads=(0, 1), min_dimension=5, max_dimension=5, max_depth=1, min_tokens=2, min_rank=2,
                              max_rank=2, gaps=("full",)),
        ),
        (
            transformer_cases(heads=(0, 1), min_dimension=3, max_dimension=5, max_depth=1, min_tokens=2, max_rank=2,
                              gaps=("at", "below")),
        ),
    ),
    "zeng-lee/equation-22": st.one_of(
        transformer_cases(twists=("", "singular second")),
        transformer_cases(min_depth=3, max_depth=3, max_dimension=2),
    ),
    "zeng-lee/output-layer": _beside(
        (transformer_cases(),),
        (transformer_cases(heads=(0, 1), min_dimension=3, max_depth=1, max_rank=1, gaps=("full",)),),
    ),
    "zeng-lee/output-layer.invertible": _beside(
        (transformer_cases(),),
        (
            transformer_cases(heads=(0, 1), max_depth=1, min_dimension=2, max_dimension=3, gaps=("at",),
                              twists=("singular target", "singular out")),
            transformer_cases(heads=(0, 1), max_depth=1, min_dimension=3, max_dimension=3, max_rank=1, gaps=("full",),
                              law_names=("unimodular", "gaussian"), twists=("singular cut",)),
        ),
    ),
    "zeng-lee/output-layer.invertible:by-lemma-9": transformer_cases(
        min_dimension=2, max_dimension=3, heads=(0, 1), max_depth=1, gaps=("at",), twists=("singular target", "")
    ),
    "zeng-lee/corollary-18": _beside(
        (
            transformer_cases(heads=(0,), gaps=("full", "at", "below"), half=True),
            transformer_cases(heads=(0,), gaps=("full",), half=True, min_depth=3, max_depth=3, max_dimension=2),
        ),
        (_single_above[0], *_single_gaps),
    ),
    "zeng-lee/corollary-18.threshold": _beside(
        (counts(names={"D": (3, 8), "R": (1, _below_half)}),), (counts(names={"D": (2, 8), "R": (_half, _half_up)}),)
    ),
    "zeng-lee/corollary-18.gap": counts(names={"D": (1, 16), "L": (1, 4)}),
    # Appendix F.2
    "zeng-lee/assumption-4:printed-letter": transformer_cases(
        heads=_MANY, min_dimension=2, max_dimension=3, max_depth=3, law_names=_simple_laws, twists=("", "misprint")
    ),
    "zeng-lee/assumption-4": st.one_of(
        transformer_cases(heads=_MANY, max_dimension=3, gaps=("at", "above", "full", "below")),
        transformer_cases(heads=(3,), max_depth=3, max_dimension=2, gaps=("at", "above", "full", "below")),
        transformer_cases(heads=(1,), gaps=("full",), min_dimension=4, max_depth=1, min_rank=2, max_rank=2),
    ),
    "zeng-lee/lemma-19": counts(names={"D": (1, 6), "H": (1, 3), "L": (1, 2)}),
    "zeng-lee/equation-23": twin_models(kinds=("same", "other factors", "heads renumbered", "single token")),
    "zeng-lee/equation-23:sufficient": _beside(
        (
            twin_models(
                heads=(0, 1, 2, 3),
                kinds=("same", "other factors", "other factors of values", "other second layer"),
            ),
        ),
        (
            twin_models(heads=(0, 1), kinds=("other bias", "bias of one unit")),
            twin_models(heads=(0, 1), kinds=("other first layer", "scores transposed", "other scores")),
            twin_models(
                heads=(2, 3),
                kinds=(
                    "scores of one head", "values of one head", "scores moved between heads",
                    "values moved between heads",
                ),
            ),
        ),
        share=3,
    ),
    "zeng-lee/equation-23:single-head": _beside(
        (
            twin_models(heads=(0, 1), min_tokens=2, kinds=("other scores", "other values", "other bias")),
            twin_models(heads=(0, 1), min_tokens=2, max_tokens=2, kinds=("one score",), law_names=_exact_laws),
        ),
        (
            twin_models(heads=(0, 1), max_tokens=1, kinds=("other scores",), law_names=_exact_laws),
            twin_models(heads=(2,), min_tokens=2, kinds=("heads renumbered",)),
            twin_models(heads=(0, 1), min_tokens=2, max_tokens=2, kinds=("no scores",), law_names=_exact_laws),
        ),
        share=3,
    ),
    "zeng-lee/equation-23:up-to-order": twin_models(
        heads=(2, 3), min_tokens=2, max_dimension=2, kinds=("values shared", "heads renumbered")
    ),
    "zeng-lee/equation-23:distinct-scores": twin_models(
        heads=(2,), min_tokens=2, max_dimension=2, kinds=("signs changed", "heads renumbered")
    ),
    "zeng-lee/equation-25": st.one_of(
        transformer_cases(gaps=("at", "above", "full")),
        transformer_cases(gaps=("at", "above", "full"), heads=(0, 1, 3), max_depth=3, max_dimension=2),
    ),
    "zeng-lee/equation-25:necessary": twin_models(
        max_depth=2, max_dimension=2, kinds=("same", "other factors", "heads renumbered", "single token")
    ),
    "zeng-lee/corollary-20": _beside(
        (
            transformer_cases(heads=_MANY, gaps=("full", "at", "below"), half=True, max_dimension=3),
            transformer_cases(heads=(3,), gaps=("full",), half=True, max_dimension=2),
            transformer_cases(heads=(1,), gaps=("full",), half=True, min_depth=3, max_depth=3, max_dimension=2),
        ),
        _several_above,
    ),
    "zeng-lee/corollary-20.threshold": _beside(
        (counts(names={"D": (3, 7), "R": (1, _below_half), "H": (1, 3)}),),
        (counts(names={"D": (2, 6), "R": (_half, _half_up), "H": (1, 3)}),),
    ),
    "zeng-lee/corollary-20.gap": counts(names={"D": (1, 12), "H": (1, 3), "L": (1, 3)}),
}
