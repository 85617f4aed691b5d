"""A few matrices and vectors: recipes of `MatrixCase`."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from numpy.random import Generator

from theorems.case import Array, MatrixCase, fractions
from theorems.domains import ANY, AS_DRAWN, Domain, HasAxes, Is, Rule, Tied, Within
from theorems.properties import (
    ANTISYMMETRIC,
    COLUMNS_SUM_TO_ONE,
    DIAGONAL,
    INTEGERS,
    NON_NEGATIVE,
    NONSINGULAR,
    ORTHOGONAL,
    RANK_ONE,
    SEMIDEFINITE,
    SIGNED_PERMUTATION,
    SYMMETRIC,
    Property,
)
from theorems.strategies.adversarial import NAMED, named_batch
from theorems.strategies.laws import LAWS, NONSINGULAR_LAWS, Floats
from theorems.strategies.rational import RATIONAL_LAWS, identity, integers, made_nonsingular
from theorems.strategies.recipes import Recipe, chosen, entry_size, generator_of, require_choice, require_interval

SHAPES = ("square", "rectangular", "rectangular-chain", "transposed-pair")
STRUCTURES = (
    None, "symmetric", "antisymmetric", "psd", "psd-rank-one", "diagonal", "orthogonal", "nonsingular", "stochastic",
)  # fmt: skip
#: How the second matrix is made of the first, where the shapes allow it; the simplest first.
RELATIONS = (
    "independent", "equal", "opposite", "transposed", "squared", "transposed with one sign changed",
)
#: What is promised of every matrix, by structure, and by law where the laws are chosen.
PROMISED: dict[str, tuple[Property, ...]] = {
    "symmetric": (SYMMETRIC,),
    "antisymmetric": (ANTISYMMETRIC,),
    "psd": (SEMIDEFINITE,),
    "psd-rank-one": (SEMIDEFINITE, RANK_ONE),
    "diagonal": (DIAGONAL,),
    "orthogonal": (ORTHOGONAL,),
    "nonsingular": (NONSINGULAR,),
    "stochastic": (NON_NEGATIVE, COLUMNS_SUM_TO_ONE),
    "permutation": (SIGNED_PERMUTATION,),
    "small integers": (INTEGERS,),
}
#: Laws that promise nothing: every matrix, or nearly, may come of them.
LAWS_OF_ANY = ("gaussian", "ill-conditioned", "near over- and underflow")
#: Relations that are a promise where only such are drawn.
TIES = {"equal": "equal to", "opposite": "opposite of", "transposed": "transpose of"}
#: How a vector is chosen.
VECTOR_LAWS = ("small integers", "unit", "ones", "zero", "gaussian", "along the largest singular value", "scaled")


@dataclass(frozen=True)
class MatrixRecipe:
    """Matrices of given shapes, one law for each, with a structure and a relation between the first two."""

    shapes: tuple[tuple[int, int], ...]
    laws: tuple[str, ...]
    vector_laws: tuple[str, ...] = ()
    structure: str | None = None
    relation: str = "independent"
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        if self.relation != "independent":
            word = f"second one {self.relation}"
        else:
            word = self.laws[0] if len(set(self.laws)) == 1 else "mixed laws"
        return f"{self.structure}, {word}" if self.structure else word

    @property
    def size(self) -> tuple[int, ...]:
        return (max(max(shape) for shape in self.shapes), sum(sum(shape) for shape in self.shapes))

    def batch(self, count: int) -> MatrixCase:
        generator = generator_of(self.seed, 0)
        matrices = [
            _structured(_floats(generator, law, count, *shape), self.structure)
            for law, shape in zip(self.laws, self.shapes, strict=True)
        ]
        self._relate(matrices)
        vectors = [_vector(generator, law, matrices[-1]) for law in self.vector_laws]
        return MatrixCase(tuple(np.ascontiguousarray(A) for A in matrices), tuple(vectors))

    def exact(self, index: int = 0) -> MatrixCase:
        generator = generator_of(self.seed, 1, index)
        size = entry_size(index)
        matrices = [
            _structured(_rationals(generator, law, *shape, size), self.structure)
            for law, shape in zip(self.laws, self.shapes, strict=True)
        ]
        if self.structure == "nonsingular":
            matrices = [made_nonsingular(A) for A in matrices]
        self._relate(matrices)
        vectors = [_exact_vector(generator, law, matrices[-1], size) for law in self.vector_laws]
        return MatrixCase(tuple(matrices), tuple(vectors))

    def _relate(self, matrices: list[Array]) -> None:
        """Replaces the second matrix; written for batches and exact matrices alike."""
        if self.relation == "independent":
            return
        A = matrices[0]
        if self.relation == "equal":
            matrices[1] = A
        elif self.relation == "opposite":
            matrices[1] = -A
        elif self.relation == "transposed":
            matrices[1] = A.mT
        elif self.relation == "squared":  # commutes with it; scaled down so that 1e150 does not overflow
            matrices[1] = A @ A / _scale(A)
        else:
            matrices[1] = A.mT.copy()
            matrices[1][..., 0, 0] *= -1


def _floats(generator: Generator, law: str, count: int, m: int, n: int) -> Floats:
    return LAWS[law](generator, count, m, n) if law in LAWS else named_batch(law, generator, count, m, n)


def _rationals(generator: Generator, law: str, m: int, n: int, size: int) -> Array:
    return RATIONAL_LAWS[law](generator, m, n, size) if law in RATIONAL_LAWS else NAMED[law](max(m, n))[:m, :n]


def _structured(A: Array, structure: str | None) -> Array:
    """A with the structure built in, for a batch or an exact matrix."""
    if structure == "symmetric":
        return (A + A.mT) / 2
    if structure == "antisymmetric":
        return (A - A.mT) / 2
    if structure == "psd":
        gram = A.mT @ (A / _scale(A))
        return (gram + gram.mT) / 2  # the product of floats is not symmetric to the last bit
    if structure == "psd-rank-one":
        v = A[..., :, 0]
        return v[..., :, None] * (v / _scale(A)[..., 0])[..., None, :]
    if structure == "stochastic":
        return _stochastic(A)
    if structure == "diagonal":
        return A * (identity(A.shape[-1]) if A.dtype == object else np.eye(A.shape[-1]))
    return A


def _stochastic(A: Array) -> Array:
    """The columns of |A| divided by their sums; uniform where a column is zero."""
    one: Any = Fraction(1) if A.dtype == object else 1.0
    largest = abs(A).max(-2, keepdims=True)
    shares = np.where(largest == 0, one, abs(A) / np.where(largest == 0, one, largest))
    divided: Array = shares / shares.sum(-2, keepdims=True)
    return divided


def _scale(A: Array) -> Array:
    """A power of two near the largest entry, where that is so extreme that squares leave the range; one elsewhere."""
    if A.dtype == object:
        one: Array = np.array([[Fraction(1)]], dtype=object)
        return one
    largest = np.abs(A).max((-2, -1), keepdims=True, initial=0.0)
    extreme = (largest > 1e60) | (largest < 1e-60)
    return np.asarray(np.where(extreme & (largest > 0), np.exp2(np.frexp(largest)[1].astype(np.float64)), 1.0))


def _vector(generator: Generator, law: str, A: Floats) -> Floats:
    """A vector for each member, of the length that A multiplies."""
    count, _, n = A.shape
    if law == "small integers":
        return np.asarray(generator.integers(-3, 4, (count, n)), dtype=np.float64)
    if law == "unit":
        return np.asarray(np.eye(n)[generator.integers(0, n, count)], dtype=np.float64)
    if law == "ones":
        return np.ones((count, n))
    if law == "zero":
        return np.zeros((count, n))
    x = generator.standard_normal((count, n))
    if law == "scaled":
        return np.asarray(x * 10.0 ** generator.uniform(-150.0, 150.0, (count, 1)))
    if law == "along the largest singular value":
        unit = A / np.maximum(np.abs(A).max((-2, -1), keepdims=True), 1e-300)
        for _ in range(4):  # power iteration
            y = (unit.mT @ (unit @ x[..., None]))[..., 0]
            norm = np.linalg.norm(y, axis=-1, keepdims=True)
            x = np.asarray(np.where(norm > 0, y / np.where(norm > 0, norm, 1.0), x), dtype=np.float64)
    return np.asarray(x, dtype=np.float64)


def _exact_vector(generator: Generator, law: str, A: Array, size: int) -> Array:
    n = A.shape[1]
    if law == "unit":
        return np.asarray(identity(n)[int(generator.integers(0, n))])
    if law == "ones":
        return fractions(np.ones(n, dtype=np.int64))
    if law == "zero":
        return fractions(np.zeros(n, dtype=np.int64))
    x = integers(generator, n, size=size)
    if law == "scaled":
        return np.asarray(x * Fraction(10) ** int(generator.choice([-150, 150])))
    if law == "along the largest singular value":
        y = A.T @ (A @ x)
        return y if (y != 0).any() else x
    return x


def matrices(
    *,
    min_dimension: int = 1,
    max_dimension: int = 4,
    count: int = 1,
    shapes: str = "square",
    vectors: int = 0,
    structure: str | None = None,
    laws: Collection[str] | None = None,
    relations: Collection[str] | None = None,
) -> st.SearchStrategy[Recipe[MatrixCase]]:
    """Recipes of `MatrixCase` with `count` matrices whose dimensions lie between the bounds.

    shapes     "square": all n x n; "rectangular": each (m, n) on its own; "rectangular-chain": (d_0, d_1), (d_1, d_2),
               ... so that the product exists; "transposed-pair": (m, n), (n, m)
    vectors    how many vectors; their length is the number of columns of the last matrix
    structure  of every matrix: "symmetric", "antisymmetric", "psd", "psd-rank-one", "diagonal", "orthogonal",
               "nonsingular" (almost surely in a batch, exactly in an exact case), "stochastic": non-negative entries,
               every column sums to one, as attention weights do
    laws       names to draw from, of `laws.LAWS` and `adversarial.NAMED`; all that fit by default
    relations  names of `RELATIONS`: how the second matrix depends on the first, where their shapes allow it

    Shrinks to small independent matrices of small integers.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(count, count, name="count")
    require_interval(vectors, vectors, name="vectors", least=0)
    require_choice(shapes, SHAPES, name="shapes")
    require_choice(structure, STRUCTURES, name="structure")
    if shapes == "transposed-pair" and count != 2:
        raise InvalidArgument(f"count={count} with shapes='transposed-pair': a pair has two matrices, give count=2")
    if structure is not None and shapes != "square":
        raise InvalidArgument(f"structure={structure!r} with shapes={shapes!r}: only square matrices have it, "
                              "give shapes='square' or leave the structure out")  # fmt: skip
    fitting = {
        "orthogonal": ("permutation", "orthogonal"),
        "nonsingular": NONSINGULAR_LAWS,
    }.get(structure or "", (*LAWS, *NAMED))
    names = chosen(laws, fitting, name="laws")
    allowed = ["independent"]
    if count >= 2 and shapes in ("square", "transposed-pair") and structure is None:
        allowed = [name for name in RELATIONS if shapes == "square" or "transposed" in name or name == "independent"]
    elif count >= 2 and shapes == "square":
        allowed = ["independent", "equal"]
    related = tuple(chosen(relations, allowed, name="relations"))
    domain = _domain(count, shapes, vectors, structure, (min_dimension, max_dimension))
    return _matrices(
        min_dimension, max_dimension, count, shapes, vectors, structure, tuple(names), related, domain,
        laws is not None,
    )  # fmt: skip


def _domain(count: int, shapes: str, vectors: int, structure: str | None, bounds: tuple[int, int]) -> Domain:
    """The promise of `matrices`, whatever the law."""
    if shapes == "square":
        axes = [("n", "n")] * count
    elif shapes == "transposed-pair":
        axes = [("m", "n"), ("n", "m")]
    elif shapes == "rectangular":
        axes = [(f"m[{i}]", f"n[{i}]") for i in range(count)]
    else:
        axes = [(f"d[{i}]", f"d[{i + 1}]") for i in range(count)]
    rules: list[Rule] = [HasAxes("matrices", (str(count),)), HasAxes("vectors", (str(vectors),))]
    rules += [HasAxes(f"matrices[{i}]", names) for i, names in enumerate(axes)]
    rules += [HasAxes(f"vectors[{i}]", axes[-1][1:]) for i in range(vectors)]
    rules += [Within(name, *bounds) for name in dict.fromkeys(name for names in axes for name in names)]
    rules += [Is("matrices", known.name) for known in PROMISED.get(structure or "", ())]
    return Domain(tuple(rules))


def of_law(law: str, leaf: str) -> Domain:
    """What matrices of one law have in common, where a strategy draws chosen laws only.

    A law that promises something of which no word is known: its matrices as they are drawn.
    """
    if law in LAWS_OF_ANY:
        return ANY
    known = PROMISED.get(law)
    return AS_DRAWN if known is None else Domain(tuple(Is(leaf, one.name) for one in known))


@st.composite
def _matrices(
    draw: st.DrawFn,
    low: int,
    high: int,
    count: int,
    shapes: str,
    vectors: int,
    structure: str | None,
    laws: tuple[str, ...],
    relations: tuple[str, ...],
    domain: Domain,
    of_chosen_laws: bool,
) -> Recipe[MatrixCase]:
    dimension = st.integers(low, high)
    if shapes == "square":
        n = draw(dimension)
        sizes = [(n, n)] * count
    elif shapes == "transposed-pair":
        m, n = draw(dimension), draw(dimension)
        sizes = [(m, n), (n, m)]
    elif shapes == "rectangular":
        sizes = [(draw(dimension), draw(dimension)) for _ in range(count)]
    else:
        chain = [draw(dimension) for _ in range(count + 1)]
        sizes = list(itertools.pairwise(chain))
    relation = draw(st.sampled_from(relations))
    law = draw(st.sampled_from(laws))
    # half of the time all matrices have one law, so that its stratum is met in its pure form
    mixed = count > 1 and draw(st.booleans()) and relation == "independent"
    names = (law, *(draw(st.sampled_from(laws)) if mixed else law for _ in range(count - 1)))
    if of_chosen_laws:
        for i, name in enumerate(names if structure is None else ()):
            domain += of_law(name, f"matrices[{i}]")
        domain = domain if structure is None or all(name in LAWS_OF_ANY for name in names) else domain + AS_DRAWN
    if "independent" not in relations:
        known = TIES.get(relation)
        domain += AS_DRAWN if known is None else Domain((Tied("matrices[1]", known, "matrices[0]"),))
    return MatrixRecipe(
        shapes=tuple(sizes),
        laws=names,
        domain=domain,
        vector_laws=tuple(draw(st.sampled_from(VECTOR_LAWS)) for _ in range(vectors)),
        structure=structure,
        relation=relation,
        seed=draw(st.integers(0, 2**32 - 1)),
    )
