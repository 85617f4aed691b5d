"""Write docs/strategies.md and its pictures: ``python docs/make_strategies_page.py``, with the extra `plots`.

The text comes from the docstrings and from real draws, so that a test can ask whether the page is current without
drawing a picture: `entries` is all it needs.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from theorems import strategies
from theorems.case import SVD, Array, exact, named_leaves, parts
from theorems.report.rendering import render_case
from theorems.strategies.draws import draws
from theorems.strategies.recipes import Recipe

FOLDER = Path(__file__).parent
PAGE, PICTURES = FOLDER / "strategies.md", FOLDER / "pictures"
#: How many recipes are drawn to see the strata, and how many strata are named.
DRAWN, NAMED_STRATA = 200, 12
#: What a picture shows, and its sizes.
PANELS, MEMBERS, DPI, COLOURS = 8, 16, 90, 16

GROUPS = {
    "Matrices, vectors, integers": ("matrices", "matrices_of_spectrum", "vectors", "random_vectors", "counts"),
    "Linear models": (
        "linear_cases", "trained_linear_cases", "real_linear_cases", "minimisers", "truncation_cases",
        "decomposition_pairs", "target_cases", "narrow_cases",
    ),
    "Networks and Transformers": ("networks", "transformer_cases", "narrow_heads"),
    "Almost-sure statements": ("polynomials", "matrix_laws"),
}  # fmt: skip
#: Arguments of the examples: where a strategy needs some, and sizes at which there is something to see.
NEEDED: dict[str, dict[str, Any]] = {"counts": {"names": {"L": (1, 6), "M": (1, lambda known: known["L"])}}}
LARGER: dict[str, dict[str, Any]] = {
    "matrices": {"min_dimension": 6, "max_dimension": 6},
    "matrices_of_spectrum": {"min_dimension": 6, "max_dimension": 6},
    "vectors": {"min_dimension": 6, "max_dimension": 6},
    "random_vectors": {"min_dimension": 2, "max_dimension": 2, "min_points": 3},
    **{name: {"min_dimension": 6, "max_dimension": 6} for name in GROUPS["Linear models"]},
    "networks": {"min_dimension": 6, "max_dimension": 6},
    "transformer_cases": {"min_dimension": 6, "max_dimension": 6},
    "narrow_heads": {"min_width": 2, "min_dimension": 6},
    "matrix_laws": {"min_dimension": 3},
}
TAKES_LINEAR = ("minimisers", "truncation_cases", "decomposition_pairs", "target_cases", "narrow_cases")

HEAD = """# The strategies

`strategies` is a library of [Hypothesis](https://hypothesis.readthedocs.io) strategies for matrices and models, of use
on its own:

```python test_my_matrices.py
from hypothesis import given

from theorems.strategies import matrices


@given(matrices(count=2, max_dimension=3))
def test_the_trace_commutes(recipe):
    A, B = recipe.batch(500).matrices  # (500, n, n) each, float64
    left, right = (A @ B).trace(axis1=-2, axis2=-1), (B @ A).trace(axis1=-2, axis2=-1)
    scale = (abs(A) * abs(B).mT).sum((-2, -1))
    assert (abs(left - right) <= 1e-14 * scale + 1e-300).all()

    A, B = recipe.exact().matrices  # (n, n), fractions.Fraction
    assert (A @ B).trace() == (B @ A).trace()
```

What is drawn is a **recipe**: sizes, laws by name, a seed.  It costs microseconds, shrinks well, and then makes a
whole stack of float64 cases (`recipe.batch(count)`) or one exact case of fractions (`recipe.exact(index)`; 0 is the
simplest).
`recipe.stratum` names the kind of instance, `recipe.size` what a search makes smaller first.  All arguments are
keyword-only; an impossible one raises `InvalidArgument`, with the value, the reason and the remedy.

## For tests of your own

No claim and no judge are needed: in any Hypothesis test, `recipe.arrays()` gives the arrays of one
case as plain float64 arrays, and what fails shrinks by Hypothesis itself.  The usual wishes:

| a matrix that is | write |
|---|---|
| a covariance | `matrices(structure="psd")` |
| a correlation | `matrices(structure="correlation")` |
| a rotation | `matrices(structure="rotation")`, with reflections `"orthogonal"` |
| positive definite, of condition number 1000 | `matrices_of_spectrum(condition=1000, symmetric=True)` |
| of rank 2 | `matrices_of_spectrum(rank=2)`, m x n with `square=False` |
| of eigenvalues 3, 2, -1 | `matrices_of_spectrum(spectrum=(3, 2, -1), symmetric=True)` |
| one of two of a shape | `matrices(count=2, shapes="same")` |
| the first of a commuting pair | `matrices(count=2, relations=("commuting",))` |
| a stochastic one beside any | `matrices(count=2, structure=("stochastic", None))` |
| the smaller of two in the Loewner order | `matrices(count=2, structure="psd", relations=("above",))` |

```python test_my_solver.py
import numpy as np
from hypothesis import given

from theorems.strategies import matrices, matrices_of_spectrum


@given(matrices_of_spectrum(condition=1000, symmetric=True, max_dimension=6))
def test_cholesky_succeeds(recipe):
    (A,) = recipe.arrays()
    L = np.linalg.cholesky(A)
    assert np.allclose(L @ L.T, A)


@given(matrices(structure="rotation", vectors=1))
def test_a_rotation_keeps_lengths(recipe):
    Q, x = recipe.arrays()
    x = x / max(abs(x).max(), 1e-300)
    assert np.isclose(np.linalg.norm(Q @ x), np.linalg.norm(x))
```

## About this page

This page is written by `python docs/make_strategies_page.py`.  The simplest draw is what Hypothesis shrinks to.  A
picture shows recipes of up to eight strata: a member of a batch as a heat map (blue negative, red positive, each on its
own scale), or of sixteen members the singular values of the error, sigma_k / sigma_1 against k, with lines at 1, 1e-4,
..., 1e-16.
"""


@dataclass(frozen=True)
class Entry:
    """What the page says of one strategy, pictures and strata apart.

    promise   the docstring's first sentence;  shrinks  the sentence that says what it shrinks to
    simplest  the exact case of the simplest draw, as the commands print it
    """

    name: str
    signature: str
    promise: str
    details: str
    shrinks: str
    simplest: str


def entries() -> list[Entry]:
    """The entries of the page, in its order."""
    return [entry(name) for names in GROUPS.values() for name in names]


def entry(name: str) -> Entry:
    """The entry of one public strategy."""
    function: Callable[..., st.SearchStrategy[Recipe[Any]]] = getattr(strategies, name)
    text = inspect.getdoc(function) or ""
    paragraph, _, rest = text.partition("\n\n")
    last = next((part for part in text.split("\n\n") if "hrinks" in part), "")
    sentences = re.split(r"(?<=[.;])\s+", " ".join(last.split()))
    shrinks = next((sentence for sentence in sentences if "hrinks" in sentence), "")
    case = exact(simplest(function(**NEEDED.get(name, {}))).exact())
    return Entry(name, signature(name, function), " ".join(paragraph.split()), rest, shrinks, render_case(case))


def signature(name: str, function: Callable[..., Any]) -> str:
    """The keyword arguments with their defaults, without annotations."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    words = [p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in parameters]
    more = ["**the arguments of linear_cases"] if name in TAKES_LINEAR else []
    lines, line = [], f"{name}("
    for word in [*words, *more]:
        if len(line) + len(word) > 100:
            lines.append(line.rstrip())
            line = "    "
        line += f"{word}, "
    return "\n".join([*lines, line.removesuffix(", ") + ")"])


def simplest(strategy: st.SearchStrategy[Recipe[Any]]) -> Recipe[Any]:
    """What the strategy shrinks to."""
    quiet = settings(
        database=None, deadline=None, derandomize=True, max_examples=50, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    found: Recipe[Any] = find(strategy, lambda recipe: True, settings=quiet)
    return found


def reached(name: str) -> list[str]:
    """The strata of many draws, the most frequent first."""
    strategy = getattr(strategies, name)(**NEEDED.get(name, {}))
    source = draws(strategy, seed=0, key="page")
    counts = Counter(next(source).stratum for _ in range(DRAWN))
    return sorted(counts, key=lambda stratum: (-counts[stratum], stratum))


def section(entry: Entry, strata: list[str]) -> str:
    """The section of the page on one strategy."""
    more = f", and {len(strata) - NAMED_STRATA} more" if len(strata) > NAMED_STRATA else ""
    parts = [f"### `{entry.name}`", entry.promise, f"```text\n{entry.signature}\n```"]
    if entry.details:
        parts.append(f"```text\n{entry.details}\n```")
    parts += [
        f"The simplest draw ({entry.shrinks[:1].lower()}{entry.shrinks[1:].rstrip('.')}):",
        f"```text\n{entry.simplest}\n```",
        f"Strata among {DRAWN} draws: {'; '.join(strata[:NAMED_STRATA])}{more}.",
        f"![a draw of {entry.name} from each of several strata](pictures/{entry.name}.png)",
    ]
    return "\n\n".join(parts)


def page() -> str:
    """The whole page."""
    known = {entry.name: entry for entry in entries()}
    blocks = [HEAD]
    for title, names in GROUPS.items():
        blocks += [f"## {title}\n", *(section(known[name], reached(name)) + "\n" for name in names)]
    return "\n".join(blocks)


# pictures -----------------------------------------------------------------------------------------------------------


def picture(name: str, path: Path) -> None:
    """Draw a member of a batch of each of several strata."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt
    from PIL import Image

    strategy = getattr(strategies, name)(**NEEDED.get(name, {}) | LARGER.get(name, {}))
    source = draws(strategy, seed=1, key=name)
    chosen: dict[str, Recipe[Any]] = {}
    for _ in range(DRAWN):
        recipe = next(source)
        chosen.setdefault(recipe.stratum, recipe)
        if len(chosen) == PANELS:
            break
    figure, axes = plt.subplots(1, PANELS, figsize=(PANELS * 1.1, 1.6), layout="constrained")
    for axis in axes:
        axis.set_axis_off()
    for axis, (stratum, recipe) in zip(axes, chosen.items(), strict=False):
        lines = textwrap.wrap(stratum, 18)
        axis.set_title("\n".join([*[""] * (3 - len(lines)), *lines[:3]]), fontsize=6)
        _panel(axis, recipe)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    plt.close(figure)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _panel(axis: Any, recipe: Recipe[Any]) -> None:
    case = recipe.batch(MEMBERS)
    known = [part for part in parts(case) if isinstance(part, SVD)]
    if known:
        axis.set_axis_on()
        for s in known[0].s[:MEMBERS]:
            first = float(s[:1].max(initial=0.0)) or 1.0
            axis.plot(np.arange(1, s.size + 1), np.log10(np.maximum(s / first, 1e-17)), lw=0.5, color="0.3")
        axis.set(ylim=(-16.5, 0.8), yticks=range(-16, 1, 4), xticks=[], yticklabels=[])
        axis.grid(axis="y", lw=0.3)
        return
    leaves = [(word, leaf) for word, leaf in named_leaves(case) if isinstance(leaf, np.ndarray)]
    grids: list[Array] = [leaf[0] for _, leaf in leaves if leaf.ndim == 3]
    if not leaves:
        axis.text(0.5, 0.5, render_case(case).replace(" = ", "\n"), ha="center", va="center", fontsize=6)
    elif grids:
        _heat(axis, grids[0])
    else:
        _heat(axis, np.atleast_2d(leaves[0][1][0]))


def _heat(axis: Any, grid: Array) -> None:
    values = np.asarray(grid, dtype=np.float64)
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    axis.imshow(values / largest, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")


def main() -> None:
    """Write the page, and the pictures."""
    PICTURES.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    for names in GROUPS.values():
        for name in names:
            picture(name, PICTURES / f"{name}.png")
            print(name, file=sys.stderr)


if __name__ == "__main__":
    main()
