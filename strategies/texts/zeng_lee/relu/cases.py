"""The cases of the claims on ReLU networks (Zeng and Lee, Sections 1, 2 and Appendix E)."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st

from theorems.strategies.counts import counts
from theorems.strategies.mixed import beside, mostly
from theorems.strategies.models.relu import networks
from theorems.strategies.texts.zeng_lee.relu.bent import active_networks
from theorems.strategies.texts.zeng_lee.relu.narrow_targets import narrow_networks
from theorems.strategies.texts.zeng_lee.relu.obstructed import (
    diagonal_chains,
    obstructed_networks,
    padded_networks,
    sign_networks,
)
from theorems.strategies.texts.zeng_lee.relu.partial_sums import densities, partial_sums
from theorems.strategies.texts.zeng_lee.relu.proof_networks import (
    chains,
    collapsed_networks,
    contractions,
    half_fits,
    head_starts,
    spare_networks,
)
from theorems.strategies.texts.zeng_lee.relu.uneven import (
    LONGER,
    RANKS,
    layers_of_different_orders,
    uneven_networks,
)
from theorems.strategies.texts.zeng_lee.relu.uniform import uniform_networks


def _wide(**bounds: Any) -> st.SearchStrategy[Any]:
    """One layer or two of width 4 to 6: what holds up to D = 3 may end there."""
    return networks(**{"min_dimension": 4, "max_dimension": 6, "max_target_depth": 2, "max_block": 1, **bounds})


#: Targets of four layers and five.
_tall = networks(max_dimension=2, min_target_depth=4, max_target_depth=5, max_block=1)
_one = mostly(
    networks(max_target_depth=1, max_block=3), _wide(max_target_depth=1, max_block=2), sign_networks(), share=5
)
_one_by_ranks = mostly(
    networks(max_target_depth=1, max_block=3, partition="general", ranks="per-layer", min_rank=0),
    _wide(max_target_depth=1, max_block=2, partition="general", ranks="per-layer", min_rank=0),
    sign_networks(),
    share=5,
)
_deep = mostly(networks(max_target_depth=3, max_block=2), _wide(), _tall, share=5)
_deep_small = networks(max_target_depth=3, max_block=2, max_dimension=2)
_general = mostly(
    networks(max_target_depth=3, max_block=2, partition="general", ranks="per-layer", min_rank=0),
    _wide(partition="general", ranks="per-layer", min_rank=0),
    share=6,
)
_axes = ("axes", "centre and axes")
#: One layer, a target that is active by far, inputs on the axes: where lower bounds for every adapter bite.
_active = networks(
    min_dimension=2, max_target_depth=1, max_block=1, targets=("always active",), supports=_axes, around=("points",)
)
#: The same with rank zero, which Lemma 12 allows.
_unadapted = networks(
    max_target_depth=1, max_block=1, partition="general", ranks="per-layer", min_rank=0, targets=("always active",),
    supports=_axes, around=("points",), frozen=("identity weights", "gaussian"),
)
_isotropic = networks(
    min_dimension=3, max_dimension=4, max_target_depth=1, max_block=1, targets=("always active",), supports=("axes",),
    around=("points",),
)  # fmt: skip
#: Inputs that spread evenly over five axes and more, or nearly all over the axes of the smallest singular values.
_spread = mostly(
    obstructed_networks(max_dimension=6, concentrated=True),
    obstructed_networks(min_dimension=6, max_dimension=6, concentrated=True),
    networks(
        min_dimension=5, max_dimension=6, max_target_depth=1, max_block=1, targets=("always active",),
        supports=("axes",), around=("points",),
    ),
    share=2,
)  # fmt: skip
#: Layers without an adapter, active targets: every bound for all adapters and biases bites.
_unreached = mostly(_unadapted, diagonal_chains(), share=2)
_unreached_wide = networks(
    min_dimension=4, max_dimension=6, max_target_depth=1, max_block=1, partition="general", ranks="per-layer",
    min_rank=0, targets=("always active",), supports=_axes, around=("points",), frozen=("identity weights", "gaussian"),
)  # fmt: skip
_collapsed = st.one_of(
    collapsed_networks(),
    networks(
        min_dimension=2, max_target_depth=1, min_block=2, max_block=2, frozen=("singular weight",),
        targets=("always active",), around=("box", "ball"),
    ),
)  # fmt: skip
_collapsed_by_ranks = st.one_of(
    networks(
        max_dimension=2, max_target_depth=1, min_block=2, max_block=2, partition="general", ranks="per-layer",
        min_rank=0, frozen=("singular weight",), targets=("always active",), around=("box", "ball"),
    ),
    _collapsed,
)
#: Next to the threshold: W-bar has a rank in reach, E has not; or has, up to a faint rest.
_beyond_reach = mostly(
    obstructed_networks(min_dimension=2, max_dimension=3),
    obstructed_networks(min_dimension=2, max_dimension=3, faint=True),
    share=2,
)
#: Targets of every depth that stay active, of a rank in reach and just beyond: silent sets decide.
_silent_one = active_networks(shapes=((1, 1, 1), (1, 2, 1), (1, 3, 1), (1, 1, 2), (1, 2, 2)))
_silent = active_networks()
#: Diagonal errors of more rank than the layers have, on a set about the origin: the wanted function bends there.
_bent_twice = active_networks(shapes=((1, 2, 1), (1, 3, 1)), max_spread=0)
_bent_beyond = active_networks(shapes=((1, 2, 1), (1, 3, 1)), extra=(1,), max_spread=0)
_singular = ("singular partial sum", "zero target", "gaussian", "identity weights", "rank at the threshold")
_threshold = ("rank at the threshold", "rank drop", "identity weights", "ties in sigma", "gaussian")
#: Trained and real models differ from their targets in every direction: ranks that reach them.
_trained = ("pretrained in process", "silero gates", "ill-conditioned weights")
_exact_one = mostly(
    st.one_of(
        networks(max_target_depth=1, max_block=3, frozen=_threshold),
        networks(max_target_depth=1, max_block=3, max_dimension=4, covering=True, frozen=_trained),
    ),
    _collapsed,
    _active,
    _wide(max_target_depth=1, max_block=2, covering=True, frozen=_threshold),
    _beyond_reach,
    _silent_one,
    share=4,
)
_reached_by_ranks = st.one_of(
    networks(
        max_target_depth=1, max_block=3, partition="general", ranks="per-layer", covering=True, frozen=_trained
    ),
    networks(
        max_target_depth=1, max_block=3, partition="general", ranks="per-layer",
        frozen=("rank at the threshold", "rank drop"),
    ),
    networks(
        min_dimension=2, max_target_depth=1, min_block=2, max_block=3, partition="general", ranks="per-layer",
        frozen=("rank drop", "identity weights", "gaussian"),
    ),
)  # fmt: skip
#: A rank in one of two layers, where two are needed.
_shared = diagonal_chains(max_dimension=2, max_depth=2)
#: Ranks of errors beside every sum of some R_l that is not the sum of all.
_uneven_one = uneven_networks(ranks=tuple(ranks for ranks in RANKS if len(ranks) == 1))
_uneven = uneven_networks()
_longer = uneven_networks(ranks=LONGER, errors=("own", "one more", "ceiling"))
#: Small layers before large ones, and large before small; large layers against a small target.
_orders = layers_of_different_orders(min_depth=2)
_uneven_orders = layers_of_different_orders(min_depth=2, uneven=True)
_exact_by_ranks = mostly(
    _reached_by_ranks, _collapsed_by_ranks, _unreached, _beyond_reach, _shared, _silent_one, _uneven_one, share=3
)
_exact_deep = mostly(
    st.one_of(
        networks(max_target_depth=3, frozen=_threshold),
        networks(max_target_depth=2, max_block=3),
        networks(max_target_depth=3, covering=True, frozen=_trained),
    ),
    _active,
    _wide(covering=True, frozen=_threshold),
    networks(
        max_dimension=2, min_target_depth=4, max_target_depth=5, max_block=1, covering=True, frozen=_threshold
    ),
    _beyond_reach,
    _silent,
    _longer,
    share=3,
)
_below = networks(
    min_dimension=2, max_target_depth=2, max_block=2, frozen=("identity weights", "gaussian"),
    around=("box", "ball", "box and ball"),
)  # fmt: skip
_with_interior = networks(
    min_dimension=2, max_target_depth=1, max_block=2, targets=("always active",),
    around=("box", "ball", "box and ball"),
    frozen=("gaussian", "identity weights", "unimodular weights", "permutation weights"),
)  # fmt: skip
_one_layer_short = networks(
    min_dimension=2, max_target_depth=1, max_block=1, targets=("always active",),
    around=("box", "ball", "box and ball"), frozen=("gaussian", "identity weights"),
)  # fmt: skip
#: A single point: a bias alone may do there.
_without_interior = networks(
    min_dimension=2, max_target_depth=1, max_block=2, targets=("always active",), supports=("one point", "on a line"),
    around=("points",), frozen=("gaussian", "identity weights"),
)
_zero_targets = networks(
    max_dimension=2, min_target_depth=2, max_target_depth=3, max_block=1, frozen=("zero target", "identity weights"),
    around=("points",),
)  # fmt: skip
#: One number for each layer, the last one often negative, against an active target.
_narrow = networks(
    max_dimension=1, max_target_depth=1, min_block=2, max_block=2, targets=("always active",), around=("points",),
    frozen=("identity weights", "gaussian", "unimodular weights"),
)
_narrow_by_ranks = networks(
    max_dimension=1, max_target_depth=1, min_block=2, max_block=2, partition="general", ranks="per-layer",
    targets=("always active",), around=("points",), frozen=("identity weights", "gaussian", "unimodular weights"),
)
_printed_sums = networks(
    max_dimension=1, max_target_depth=1, min_block=2, max_block=2, partition="general",
    frozen=("zero target", "gaussian"), around=("points",),
)
_active_errors = networks(
    max_dimension=2, min_target_depth=2, max_target_depth=2, max_block=1, around=("points",),
    frozen=("identity weights", "gaussian"),
)
_bounded = mostly(
    st.one_of(
        networks(max_target_depth=3, max_block=2, partition="general", ranks="per-layer", min_rank=0),
        obstructed_networks(min_dimension=2, min_rank=0), diagonal_chains(),
    ),
    _wide(partition="general", ranks="per-layer", min_rank=0),
    _spread,
    diagonal_chains(amplified=True),
    _uneven_orders,
    _uneven_orders,
    share=2,
)  # fmt: skip
_bounded_uniform = mostly(st.one_of(networks(max_target_depth=3, max_block=2), obstructed_networks()), _wide(), _tall,
                          _spread, _spread, _orders, _orders, _orders, share=2)  # fmt: skip
#: One singular value is left at most.
_narrow_models = st.one_of(
    networks(max_target_depth=1, max_block=2, max_dimension=3, partition="general", ranks="per-layer"),
    networks(max_target_depth=1, min_block=2, max_block=3, min_dimension=2, partition="general", ranks="per-layer"),
    obstructed_networks(min_dimension=2, max_dimension=2),
)
_narrow_models_uniform = st.one_of(
    networks(max_target_depth=1, max_block=1, max_dimension=2),
    networks(max_target_depth=1, min_block=2, max_block=3, min_dimension=2),
    obstructed_networks(min_dimension=2, max_dimension=2),
)
#: Two target layers and more, of which the first one errs.
_exact_above = active_networks(shapes=((2, 1, 1), (3, 1, 1)), errors=("neighbour", "apart"), max_spread=1)
_layers = mostly(
    counts(names={"L": (1, 24), "L-bar": (1, lambda known: known["L"])}),
    counts(names={"L": (25, 200), "L-bar": (1, lambda known: known["L"])}),
)
_two_blocks = networks(min_dimension=2, min_target_depth=2, max_block=1, around=("points",))


Strategy: TypeAlias = st.SearchStrategy[Any]


def _lemma(number: int, plain: Strategy, exact: Strategy) -> dict[str, Strategy]:
    key = f"zeng-lee/lemma-{number}"
    spread = _spread if number == 11 else mostly(_spread, _unreached_wide, _unreached, share=2)
    cases = {
        f"{key}.identity": _active if number == 11 else _unadapted,
        f"{key}.squared-error": _isotropic if number == 11 else _unadapted,
        f"{key}.identity:repaired": plain,
        f"{key}.exactness": exact,
        f"{key}.exactness:without-partial-sums": exact,
        f"{key}.exactness:without-nonsingularity": _collapsed if number == 11 else _collapsed_by_ranks,
        f"{key}.squared-error:repaired": mostly(st.one_of(plain, _isotropic), spread, share=3),
        f"{key}.squared-error:sharpened": mostly(st.one_of(plain, _isotropic), spread, share=3),
        f"{key}.identity:every-depth": _bent_beyond,
        f"{key}.squared-error:every-depth": uniform_networks(),
        f"{key}.squared-error:narrow": mostly(_narrow_models, spread, _isotropic, share=3),
        f"{key}.derivation": networks(
            min_dimension=2, max_target_depth=1, max_block=1, around=("points",),
            frozen=("identity weights", "gaussian"),
        ),
        f"{key}.derivation:repaired": mostly(plain, spread, share=3),
    }  # fmt: skip
    if number == 12:
        cases[f"{key}.squared-error:deeper"] = diagonal_chains()
    if number == 11:
        cases |= {f"{key}.identity:printed-letter": _active, f"{key}.squared-error:printed-letter": _isotropic}
        cases[f"{key}.squared-error:later-minimum"] = _isotropic
        cases[f"{key}.identity:printed-letter-every-depth"] = _bent_twice
        cases[f"{key}.squared-error:printed-letter-every-depth"] = uniform_networks()
    return cases


CASES: dict[str, Strategy] = {
    "zeng-lee/theorem-1": _exact_deep,
    "zeng-lee/theorem-1:any-frozen": _collapsed,
    # equation (14), Lemmas 11 and 12
    "zeng-lee/equation-14": _one,
    "zeng-lee/equation-14.linearisation": _one,
    "zeng-lee/equation-14.linearisation:one-threshold": networks(max_target_depth=1, max_block=3, around=("points",)),
    "zeng-lee/equation-14.bias": _one,
    **_lemma(11, _one, _exact_one),
    **_lemma(12, _one_by_ranks, _exact_by_ranks),
    # Example 1 and Assumption 1
    "zeng-lee/example-1": counts(names={"L": (4, 4), "L-bar": (2, 2)}),
    "zeng-lee/example-1.composition": _deep,
    "zeng-lee/example-1.uniform-partition": _layers,
    "zeng-lee/example-1.every-m-layers": _layers,
    "zeng-lee/assumption-1.well-defined": partial_sums(),
    "zeng-lee/assumption-1.well-defined:gaps": mostly(
        partial_sums(ties=False), partial_sums(), partial_sums(pair=True), share=3
    ),
    "zeng-lee/assumption-1.index-range": beside(
        mostly(_deep, networks(frozen=("gaussian", "singular weight")), share=6), share=6
    ),
    "zeng-lee/assumption-1.lemma-11": networks(
        min_target_depth=2, max_target_depth=2, max_block=1, frozen=("zero target", "gaussian"), around=("points",)
    ),
    "zeng-lee/assumption-1.lemma-11:repaired": st.one_of(
        _deep, networks(min_target_depth=2, frozen=("zero target", "gaussian"))
    ),
    "zeng-lee/assumption-1.nonsingular-target": mostly(
        networks(
            max_target_depth=2, min_block=2, max_block=3,
            frozen=("rank drop", "rank at the threshold", "identity weights"),
        ),
        networks(
            min_dimension=2, min_target_depth=2, max_target_depth=2, min_block=2,
            frozen=("identity weights", "singular partial sum"),
        ),
        half_fits(),
        share=6,
    ),
    "zeng-lee/lemma-13:printed-letter": networks(
        max_target_depth=2, max_block=2, max_dimension=2, frozen=("singular weight", "gaussian"), around=("points",)
    ),
    "zeng-lee/lemma-13": counts(names={"D": (1, 6)}),
    "zeng-lee/lemma-13:fixed-target": networks(
        max_dimension=2, max_target_depth=1, min_block=2, max_block=2, covering=True, around=("points",),
        frozen=("zero target", "gaussian", "identity weights"),
    ),
    "zeng-lee/lemma-13:fixed-nonsingular-target": beside(
        st.one_of(partial_sums(max_dimension=4), partial_sums(ties=False))
    ),
    "zeng-lee/lemma-13.ranks:printed-letter": counts(names={"R": (1, 9), "M": (1, 9)}),
    "zeng-lee/lemma-13.density": densities(),
    "zeng-lee/lemma-13.density:bayes": densities(),
    # Theorem 3
    "zeng-lee/theorem-3": _exact_deep,
    "zeng-lee/theorem-3:without-partial-sums": mostly(
        _exact_deep, networks(frozen=_singular, max_target_depth=2, covering=True), share=3
    ),
    "zeng-lee/theorem-3:unbounded-inputs": networks(
        min_dimension=2, max_dimension=2, max_target_depth=1, min_block=2, max_block=2
    ),
    "zeng-lee/appendix-i.networks": narrow_networks(),
    "zeng-lee/theorem-3.minimal": _below,
    "zeng-lee/theorem-3.minimal:active": st.one_of(spare_networks(), _with_interior),
    "zeng-lee/theorem-3.minimal:depth-divides": active_networks(
        shapes=((2, 1, 1), (2, 2, 1), (3, 1, 1)), errors=("together", "undone", "neighbour"), max_spread=0
    ),
    "zeng-lee/theorem-3.minimal:repaired": mostly(
        mostly(_with_interior, _one_layer_short, _silent_one, share=2), _without_interior, share=8
    ),
    "zeng-lee/theorem-3.sub-models:printed-letter": networks(
        max_dimension=2, max_target_depth=2, max_block=1, around=("points",), frozen=("identity weights", "gaussian")
    ),
    "zeng-lee/theorem-3.sub-models": _deep,
    "zeng-lee/theorem-3.sub-model-depth:printed-letter": _layers,
    "zeng-lee/equation-15:printed-letter": _active,
    "zeng-lee/equation-15": _active,
    "zeng-lee/equation-15:every-depth": _bent_beyond,
    "zeng-lee/equation-15:printed-letter-every-depth": _bent_beyond,
    "zeng-lee/equation-15:repaired": mostly(_deep, sign_networks()),
    "zeng-lee/equation-16:printed-letter": networks(
        min_dimension=2,
        min_target_depth=2,
        max_target_depth=2,
        max_block=1,
        targets=("always active",),
        supports=("axes",),
        around=("points",),
    ),
    "zeng-lee/equation-16": _isotropic,
    "zeng-lee/equation-16:every-depth": uniform_networks(),
    "zeng-lee/equation-16:repaired": mostly(st.one_of(_deep, _isotropic), _spread, _active, share=2),
    "zeng-lee/corollary-4": st.one_of(
        _exact_deep, networks(frozen=("gaussian", "Xavier weights, gaussian target"), min_block=2, max_target_depth=2)
    ),
    "zeng-lee/corollary-4:any-target": st.one_of(_exact_deep, networks(frozen=_singular, max_target_depth=2)),
    "zeng-lee/corollary-4.rank": counts(names={"D": (1, 12), "M": (1, 8)}),
    # Theorem 5 and its proof
    "zeng-lee/theorem-5": obstructed_networks(max_dimension=4),
    "zeng-lee/theorem-5:every-depth": uniform_networks(),
    "zeng-lee/theorem-5:one-target-layer": mostly(_narrow_models_uniform, _spread, obstructed_networks(), share=3),
    "zeng-lee/theorem-5:large-first-layers": mostly(_deep, _bounded_uniform, obstructed_networks(), share=2),
    "zeng-lee/theorem-5:exact-later-layers": mostly(
        active_networks(shapes=((2, 1, 1),), errors=("neighbour",), max_spread=1), _exact_above, _deep,
        _orders, _orders, share=2,
    ),
    "zeng-lee/theorem-5:repaired": _bounded_uniform,
    "zeng-lee/theorem-5:sharpened": _bounded_uniform,
    "zeng-lee/theorem-5.construction": st.one_of(
        chains(kind="growing biases", min_dimension=2, min_depth=3), obstructed_networks(max_dimension=4)
    ),
    "zeng-lee/theorem-5:printed-letter": _narrow,
    "zeng-lee/theorem-5:appendix": _deep,
    "zeng-lee/theorem-5:appendix-construction": obstructed_networks(min_dimension=2, max_dimension=3),
    "zeng-lee/theorem-5:appendix-target-biases": obstructed_networks(min_dimension=2, max_dimension=3),
    "zeng-lee/equation-17": _deep,
    "zeng-lee/equation-18": _deep,
    "zeng-lee/equation-18.identity": _two_blocks,
    "zeng-lee/equation-19.triangle": _deep,
    "zeng-lee/equation-19": networks(
        min_dimension=3, max_target_depth=1, max_block=1, frozen=("zero target", "gaussian"), around=("points",)
    ),
    "zeng-lee/equation-19:spectral": _deep,
    "zeng-lee/equation-20": mostly(_deep, contractions(), share=8),
    "zeng-lee/beta-chain.b-identity": networks(min_dimension=2, max_target_depth=1, max_block=1, around=("points",)),
    "zeng-lee/beta-chain.b-bound": mostly(_deep, contractions(), share=8),
    "zeng-lee/beta-chain.relu:printed-letter": networks(max_target_depth=1, max_block=1, around=("points",)),
    "zeng-lee/beta-chain.relu": _deep,
    "zeng-lee/beta-chain.recursion": _deep,
    "zeng-lee/beta-chain.input-norm": networks(max_target_depth=1, max_block=1, around=("points",)),
    "zeng-lee/beta-chain.input-norm:at-most": networks(max_target_depth=1, max_block=1, around=("points",)),
    "zeng-lee/beta-chain.input-norm:repaired": mostly(_deep, _spread),
    "zeng-lee/beta-chain.last-line": chains(kind="growing biases"),
    "zeng-lee/beta-chain": chains(kind="growing biases"),
    "zeng-lee/beta-chain:repaired": st.one_of(_deep, chains(kind="growing biases")),
    "zeng-lee/equation-21:printed-letter": st.one_of(chains(kind="missed block", min_dimension=2), _zero_targets),
    "zeng-lee/equation-21": mostly(st.one_of(_deep, chains(kind="missed block")), contractions(), share=8),
    "zeng-lee/equation-21.first-block": st.one_of(obstructed_networks(max_dimension=4), _isotropic),
    "zeng-lee/equation-21.first-block:repaired": mostly(_bounded_uniform, contractions(), share=8),
    "zeng-lee/beta-chain.residual-norm:printed-letter": _active_errors,
    "zeng-lee/beta-chain.residual-norm": networks(),
    "zeng-lee/equation-21.last-equality:printed-letter": _active_errors,
    "zeng-lee/equation-21.last-equality": _deep,
    # general partitions
    "zeng-lee/assumption-2:printed-letter": st.one_of(_printed_sums, padded_networks(_printed_sums), _general),
    "zeng-lee/assumption-2": mostly(_deep, networks(min_target_depth=2, frozen=("zero target", "gaussian"))),
    "zeng-lee/lemma-14": counts(names={"D": (1, 6)}),
    "zeng-lee/theorem-15.lower-rank": head_starts(min_dimension=3),
    "zeng-lee/theorem-15.lower-rank:four-thirds": mostly(
        beside(head_starts(max_dimension=6)), head_starts(min_dimension=7, max_dimension=20),
        head_starts(min_dimension=13, max_dimension=13, misfit=True), share=3,
    ),
    "zeng-lee/theorem-15.exactness:printed-letter": _narrow_by_ranks,
    "zeng-lee/theorem-15.exactness": mostly(
        st.one_of(
            _general,
            networks(max_target_depth=2, max_block=3, partition="general", ranks="per-layer", frozen=_threshold),
            networks(max_target_depth=3, partition="general", ranks="per-layer", covering=True, frozen=_trained),
        ),
        _unreached,
        _collapsed_by_ranks,
        st.one_of(_shared, diagonal_chains(max_dimension=3, divided=True)),
        _silent,
        _uneven,
        share=3,
    ),
    "zeng-lee/theorem-15.error-bound:printed-letter": _narrow_by_ranks,
    "zeng-lee/theorem-15.error-bound:all-layers": _general,
    "zeng-lee/theorem-15.error-bound:construction": chains(kind="growing biases", rank=0, min_depth=3),
    "zeng-lee/theorem-15.error-bound:deeper": diagonal_chains(),
    "zeng-lee/theorem-15.error-bound": obstructed_networks(min_dimension=2, max_dimension=4, min_rank=0),
    "zeng-lee/theorem-15.error-bound:every-depth": uniform_networks(),
    "zeng-lee/theorem-15.error-bound:one-block": mostly(
        _narrow_models, _spread, obstructed_networks(min_dimension=2, max_dimension=4, min_rank=0), share=3
    ),
    "zeng-lee/theorem-15.error-bound:repaired": _bounded,
    "zeng-lee/theorem-15.error-bound:sharpened": _bounded,
}
