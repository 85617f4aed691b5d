"""A few matrices and vectors: recipes of `MatrixCase`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from numpy.random import Generator

from theorems.case import Array, MatrixCase, fractions
from theorems.domains import ANY, AS_DRAWN, Domain, HasAxes, Is, Rule, Tied, Within
from theorems.properties import INTEGERS, SIGNED_PERMUTATION, Property
from theorems.strategies.adversarial import NAMED, named_batch
from theorems.strategies.finite import listed
from theorems.strategies.laws import LAWS, Floats
from theorems.strategies.rational import RATIONAL_LAWS, identity, integers, made_nonsingular
from theorems.strategies.recipes import (
    PlainArrays,
    Recipe,
    chosen,
    entry_size,
    generator_of,
    require_choice,
    require_interval,
)
from theorems.strategies.structures import POLYNOMIALS, PROMISED, STRUCTURES, commuting, fitting, scale_of, structured

SHAPES = ("square", "rectangular", "same", "rectangular-chain", "transposed-pair")
#: How the second matrix is made of the first, where the shapes allow it; the simplest first.
RELATIONS = (
    "independent", "equal", "opposite", "transposed", "squared", "transposed with one sign changed",
)
#: A relation that is drawn where it is asked for: the second is a polynomial in the first.
COMMUTING = "commuting"
#: Two more that are drawn where they are asked for: in the Loewner order the second, or the first, is the larger one.
ORDERED = {"above": (1, 0), "below": (0, 1)}
#: The structures that a sum with a semidefinite matrix keeps.
SUMS = ("symmetric", "psd")
#: What is promised of every matrix of a law, where the laws are chosen.
LAWS_PROMISE: dict[str, tuple[Property, ...]] = {
    **PROMISED, "permutation": (SIGNED_PERMUTATION,), "small integers": (INTEGERS,),
}  # fmt: skip
#: Laws that promise nothing: every matrix, or nearly, may come of them.
LAWS_OF_ANY = ("gaussian", "ill-conditioned", "near over- and underflow")
#: The laws of matrices and of vectors whose entries reach 10^150.
EXTREME, SCALED = "near over- and underflow", "scaled"
#: Relations that are a promise where only such are drawn.
TIES = {"equal": "equal to", "opposite": "opposite of", "transposed": "transpose of"}
#: The relations that rectangular shapes allow.
RELATED = {
    "transposed-pair": ("independent", "transposed", "transposed with one sign changed"),
    "same": ("independent", "equal", "opposite"),
}
#: How a vector is chosen.
VECTOR_LAWS = ("small integers", "unit", "ones", "zero", "gaussian", "along the largest singular value", "scaled")


#: The structure of all matrices, or one for each.
Structure: TypeAlias = str | tuple[str | None, ...] | None


@dataclass(frozen=True)
class MatrixRecipe(PlainArrays):
    """Matrices of given shapes, one law for each, with a structure and a relation between the first two."""

    shapes: tuple[tuple[int, int], ...]
    laws: tuple[str, ...]
    vector_laws: tuple[str, ...] = ()
    structure: Structure = None
    relation: str = "independent"
    seed: int = 0
    domain: Domain = field(default=ANY, repr=False, compare=False)

    @property
    def stratum(self) -> str:
        if self.relation != "independent":
            word = f"second one {self.relation}"
        else:
            word = self.laws[0] if len(set(self.laws)) == 1 else "mixed laws"
        each = self.structure if isinstance(self.structure, tuple) else (self.structure,) if self.structure else ()
        return f"{' and '.join(one or 'any' for one in each)}, {word}" if each else word

    @property
    def structures(self) -> tuple[str | None, ...]:
        """The structure of each matrix."""
        return self.structure if isinstance(self.structure, tuple) else (self.structure,) * len(self.shapes)

    @property
    def size(self) -> tuple[int, ...]:
        return (max(max(shape) for shape in self.shapes), sum(sum(shape) for shape in self.shapes))

    def batch(self, count: int) -> MatrixCase:
        generator = generator_of(self.seed, 0)
        matrices = [
            structured(_floats(generator, law, count, *shape), structure)
            for law, shape, structure in zip(self.laws, self.shapes, self.structures, strict=True)
        ]
        self._relate(matrices)
        vectors = [_vector(generator, law, matrices[-1]) for law in self.vector_laws]
        return MatrixCase(tuple(np.ascontiguousarray(A) for A in matrices), tuple(vectors))

    def exact(self, index: int = 0) -> MatrixCase:
        generator = generator_of(self.seed, 1, index)
        size = entry_size(index)
        matrices = [
            structured(_rationals(generator, law, *shape, size), structure)
            for law, shape, structure in zip(self.laws, self.shapes, self.structures, strict=True)
        ]
        matrices = [
            made_nonsingular(A) if structure == "nonsingular" else A
            for A, structure in zip(matrices, self.structures, strict=True)
        ]
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
            matrices[1] = A @ A / scale_of(A)
        elif self.relation == COMMUTING:
            matrices[1] = commuting(A, matrices[1])
        elif self.relation in ORDERED:
            larger, smaller = ORDERED[self.relation]
            matrices[larger] = matrices[smaller] + structured(matrices[larger], "psd")
        else:
            matrices[1] = A.mT.copy()
            matrices[1][..., 0, 0] *= -1


def _floats(generator: Generator, law: str, count: int, m: int, n: int) -> Floats:
    return LAWS[law](generator, count, m, n) if law in LAWS else named_batch(law, generator, count, m, n)


def _rationals(generator: Generator, law: str, m: int, n: int, size: int) -> Array:
    return RATIONAL_LAWS[law](generator, m, n, size) if law in RATIONAL_LAWS else NAMED[law](max(m, n))[:m, :n]


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
    structure: Structure = None,
    laws: Collection[str] | None = None,
    relations: Collection[str] | None = None,
    moderate: bool = False,
) -> st.SearchStrategy[Recipe[MatrixCase]]:
    """Recipes of `MatrixCase` with `count` matrices whose dimensions lie between the bounds.

    shapes     "square": all n x n; "rectangular": each (m, n) on its own; "same": all of one shape (m, n);
               "rectangular-chain": (d_0, d_1), (d_1, d_2), ... so that the product exists; "transposed-pair": (m, n),
               (n, m)
    vectors    how many vectors; their length is the number of columns of the last matrix
    structure  of every matrix, or a tuple with one for each (``("psd", None)``): a name of `structures.BUILDERS`,
               such as "symmetric", "psd", "orthogonal", "nonsingular" (almost surely in a batch, exactly in an exact
               case), "stochastic" (every column sums to one, as attention weights do), "toeplitz", "correlation"
    laws       names to draw from, of `laws.LAWS` and `adversarial.NAMED`; all that fit by default
    relations  names of `RELATIONS`: how the second matrix depends on the first, where their shapes allow it; or
               ("commuting",): it is a polynomial in the first; of symmetric or semidefinite ones ("above",): it is the
               larger one in the Loewner order, and ("below",): the smaller one

    moderate   no law whose entries reach 10^150, of which nobody can form the exponential

    Up to 20,000 cases of permutations are tried one and all, which decides the claim.
    Shrinks to small independent matrices of small integers.
    """
    require_interval(min_dimension, max_dimension, name="dimension")
    require_interval(count, count, name="count")
    require_interval(vectors, vectors, name="vectors", least=0)
    require_choice(shapes, SHAPES, name="shapes")
    each = structure if isinstance(structure, tuple) else (structure,) * count
    for one in each:
        require_choice(one, STRUCTURES, name="structure")
    if len(each) != count:
        raise InvalidArgument(f"structure={structure!r} with count={count}: give one for each matrix")
    if shapes == "transposed-pair" and count != 2:
        raise InvalidArgument(f"count={count} with shapes='transposed-pair': a pair has two matrices, give count=2")
    if any(each) and shapes != "square":
        raise InvalidArgument(f"structure={structure!r} with shapes={shapes!r}: only square matrices have it, "
                              "give shapes='square' or leave the structure out")  # fmt: skip
    fitting_each = [fitting(one) for one in each]
    if moderate:
        fitting_each = [tuple(name for name in fit if name != EXTREME) for fit in fitting_each]
    names = chosen(laws, dict.fromkeys(name for fit in fitting_each for name in fit), name="laws")
    own = tuple(tuple(name for name in names if name in fit) for fit in fitting_each)
    for one, left in zip(each, own, strict=True):
        if not left:
            raise InvalidArgument(f"laws={laws!r} with structure={one!r}: none has it, leave the laws out")
    allowed = ["independent"]
    if count >= 2 and structure is None:
        allowed = [name for name in RELATIONS if shapes == "square" or name in RELATED.get(shapes, allowed)]
    elif count >= 2 and isinstance(structure, str):
        allowed = ["independent", "equal"]
    if relations is not None and COMMUTING in relations and count >= 2 and shapes == "square":
        allowed += [COMMUTING] if not isinstance(structure, tuple) and structure in POLYNOMIALS else []
    if relations is not None and count >= 2 and structure in SUMS:
        allowed += ORDERED
    related = tuple(chosen(relations, allowed, name="relations"))
    domain = _domain(count, shapes, vectors, structure, (min_dimension, max_dimension))
    strategy = _matrices(
        min_dimension, max_dimension, count, shapes, vectors, structure, own, related, domain,
        laws is not None, tuple(law for law in VECTOR_LAWS if vectors and not (moderate and law == SCALED)),
    )  # fmt: skip
    if set(each) == {"permutation"} and not vectors and "independent" in related:
        return listed(strategy, lambda: _permutations(min_dimension, max_dimension, count), domain)
    return strategy


def _permutations(low: int, high: int, count: int) -> Iterator[MatrixCase]:
    """All cases of permutation matrices, the smaller ones first."""
    for n in range(low, high + 1):
        every = (identity(n)[list(order)] for order in itertools.permutations(range(n)))
        yield from (MatrixCase(chosen) for chosen in itertools.product(every, repeat=count))


def _domain(count: int, shapes: str, vectors: int, structure: Structure, bounds: tuple[int, int]) -> Domain:
    """The promise of `matrices`, whatever the law."""
    if shapes == "square":
        axes = [("n", "n")] * count
    elif shapes == "transposed-pair":
        axes = [("m", "n"), ("n", "m")]
    elif shapes == "same":
        axes = [("m", "n")] * count
    elif shapes == "rectangular":
        axes = [(f"m[{i}]", f"n[{i}]") for i in range(count)]
    else:
        axes = [(f"d[{i}]", f"d[{i + 1}]") for i in range(count)]
    rules: list[Rule] = [HasAxes("matrices", (str(count),)), HasAxes("vectors", (str(vectors),))]
    rules += [HasAxes(f"matrices[{i}]", names) for i, names in enumerate(axes)]
    rules += [HasAxes(f"vectors[{i}]", axes[-1][1:]) for i in range(vectors)]
    rules += [Within(name, *bounds) for name in dict.fromkeys(name for names in axes for name in names)]
    if isinstance(structure, tuple):
        rules += [Is(f"matrices[{i}]", p.name) for i, one in enumerate(structure) for p in PROMISED.get(one or "", ())]
    else:
        rules += [Is("matrices", known.name) for known in PROMISED.get(structure or "", ())]
    return Domain(tuple(rules))


def of_law(law: str, leaf: str) -> Domain:
    """What matrices of one law have in common, where a strategy draws chosen laws only.

    A law that promises something of which no word is known: its matrices as they are drawn.
    """
    if law in LAWS_OF_ANY:
        return ANY
    known = LAWS_PROMISE.get(law)
    return AS_DRAWN if known is None else Domain(tuple(Is(leaf, one.name) for one in known))


@st.composite
def _matrices(
    draw: st.DrawFn,
    low: int,
    high: int,
    count: int,
    shapes: str,
    vectors: int,
    structure: Structure,
    laws: tuple[tuple[str, ...], ...],
    relations: tuple[str, ...],
    domain: Domain,
    of_chosen_laws: bool,
    vector_laws: tuple[str, ...],
) -> Recipe[MatrixCase]:
    dimension = st.integers(low, high)
    if shapes == "square":
        n = draw(dimension)
        sizes = [(n, n)] * count
    elif shapes == "transposed-pair":
        m, n = draw(dimension), draw(dimension)
        sizes = [(m, n), (n, m)]
    elif shapes == "same":
        sizes = [(draw(dimension), draw(dimension))] * count
    elif shapes == "rectangular":
        sizes = [(draw(dimension), draw(dimension)) for _ in range(count)]
    else:
        chain = [draw(dimension) for _ in range(count + 1)]
        sizes = list(itertools.pairwise(chain))
    relation = draw(st.sampled_from(relations))
    law = draw(st.sampled_from(laws[0]))
    # half of the time all matrices have one law, so that its stratum is met in its pure form
    mixed = count > 1 and draw(st.booleans()) and relation == "independent"
    names = (law, *(draw(st.sampled_from(own)) if mixed or law not in own else law for own in laws[1:]))
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
        vector_laws=tuple(draw(st.sampled_from(vector_laws)) for _ in range(vectors)),
        structure=structure,
        relation=relation,
        seed=draw(st.integers(0, 2**32 - 1)),
    )
