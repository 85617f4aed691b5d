"""What every arithmetic offers to a statement.

A statement gets `num` and works on arrays with ``@ + - * .mT`` and slices from the right (``A[..., :r]``), so that it
cannot tell one instance from a batch.  Matrices are (..., m, n), vectors (..., n), scalars (...).  An operation that an
arithmetic lacks raises `Unsupported`; a construction that cannot be formed raises `Undefined` (NaN in a batch).
"""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import (
    prod,
)
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    TypeVar,
)

import numpy as np
from numpy.typing import NDArray

from theorems.arithmetic.matrices import MatrixOperations
from theorems.arithmetic.series import Differentiation
from theorems.arithmetic.vectors import VectorOperations
from theorems.case import SVD, Array, known_svds
from theorems.errors import (
    InputError,
    Undecided,
    Undefined,
    Unsupported,
)
from theorems.num import (
    operations,
)
from theorems.statement import Condition, Existence, Order, Relation, Truth

C = TypeVar("C")

YES, NO, UNKNOWN = 1, 0, -1

#: Entries of all arrays that one run of a statement may build, besides those of its case.
MAX_BUILT = 20_000
#: Bits of the finer of the two precisions at which what is irrational is enclosed: 10^-300 of 1 takes a thousand.
FINE = 2048


@dataclass(frozen=True)
class Decision:
    """A condition decided for the n members of a batch (n = 1 outside `Float64`).

    verdicts  (n,) of YES, NO, UNKNOWN
    margins   (n,) by how much the condition holds, relative to its scale; negative where it does not; NaN undefined
    left, right  the two sides as this arithmetic has them, for display; None for a test
    missed    (n,) where something is to exist: the construction exceeds the bound (or cannot be formed), and no
              obstruction bites; None for other conditions
    """

    verdicts: NDArray[np.int8]
    margins: NDArray[np.float64]
    left: Any = None
    right: Any = None
    missed: NDArray[np.bool_] | None = None


class Arithmetic(VectorOperations, MatrixOperations, Differentiation, ABC):
    """The operations a statement may use.  `size` is the number of members of the batch."""

    name: ClassVar[str]
    word: str  # what it may honestly say of a case that it has checked
    size: int = 1

    def __init__(self) -> None:
        self._known: tuple[SVD, ...] = ()
        self._room: int | None = None

    if not TYPE_CHECKING:  # a type checker is to see what there is

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            near = difflib.get_close_matches(name, operations(), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "theorems.Num lists the operations"
            raise AttributeError(f"num has no operation {name!r}: {hint}")

    def finer(self) -> Arithmetic | None:
        """This arithmetic at a precision that decides more; None where there is none."""
        return None

    @abstractmethod
    def load(self, case: C) -> C:
        """The case with its arrays in this arithmetic."""

    @contextmanager
    def running(self, case: object) -> Iterator[None]:
        """The context in which a statement runs on `case`, a loaded case."""
        before, self._known, self._room = (self._known, self._room), known_svds(case), MAX_BUILT
        try:
            yield
        finally:
            self._known, self._room = before

    def room(self, *shape: int) -> None:
        """Make sure, before a statement builds an array of that shape, that it is none that fills the memory.

        A case is the data of a stranger, and its integers are sizes.  Raises `InputError` when all that one run of a
        statement builds has more than `MAX_BUILT` entries.
        """
        if self._room is None:  # nobody's statement
            return
        self._room -= prod(max(n, 0) for n in shape) + 1
        if self._room < 0:
            raise InputError(
                f"sizes of the case ask for an array of {' x '.join(map(str, shape))}, and the statement may build "
                f"{MAX_BUILT} entries in all: give smaller ones"
            )

    # numbers and arrays -----------------------------------------------------------------------------------------

    @abstractmethod
    def number(self, p: int, q: int = 1) -> Any:
        """The rational number p / q."""

    @abstractmethod
    def identity(self, n: int) -> Array:
        """The n x n identity."""

    @abstractmethod
    def zeros(self, *shape: int) -> Array:
        """An array of zeros."""

    @abstractmethod
    def diagonal(self, s: Array) -> Array:
        """The square matrix with the vector s on its diagonal."""

    @abstractmethod
    def constant(self, values: Any) -> Array:
        """An array of rational constants from a nested list of integers and Fractions."""

    @abstractmethod
    def selector(self, n: int, first: Any, last: Any) -> Array:
        """I_{first:last,n}: the diagonal matrix with ones at the positions first..last (1-based, both included).

        Positions outside 1..n are ignored; the range is empty where first > last.
        """

    @abstractmethod
    def times(self, scalar: Any, array: Array) -> Array:
        """A scalar (one for each member) times an array."""

    @abstractmethod
    def plus(self, scalar: Any, array: Array) -> Array:
        """A scalar (one for each member) added to every entry of an array."""

    @abstractmethod
    def concatenate(self, blocks: Sequence[Array], axis: int) -> Array:
        """The arrays side by side along `axis`, counted from the right (-1: columns, -2: rows of a matrix)."""

    def block(self, rows: Sequence[Sequence[Array]]) -> Array:
        """A matrix from blocks."""
        return self.concatenate([self.concatenate(row, -1) for row in rows], -2)

    # scalars ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def sqrt(self, x: Any) -> Any:
        """The square root of a non-negative scalar."""

    @abstractmethod
    def exp(self, x: Any) -> Any:
        """The exponential, entry by entry."""

    @abstractmethod
    def log(self, x: Any) -> Any:
        """The natural logarithm, entry by entry."""

    @abstractmethod
    def absolute(self, x: Any) -> Any:
        """The absolute value, entry by entry."""

    def smaller(self, m: Any, n: Any) -> Any:
        """The smaller of two integers (ranks, indices)."""
        return np.minimum(m, n) if isinstance(m, np.ndarray) or isinstance(n, np.ndarray) else min(m, n)

    @abstractmethod
    def zero(self, x: Any) -> Any:
        """Whether an entry is zero, entry by entry (in floats: below 1e-12 of the largest entry)."""

    @abstractmethod
    def where(self, answers: Any, x: Any, y: Any) -> Any:
        """x where the answer of a test is yes and y elsewhere, for scalars (one answer for each member)."""

    def indicator(self, condition: Condition) -> Any:
        """1 where a condition holds and 0 elsewhere: an integer, or one for each member; NaN sides give 0.

        For counting and for choices by comparison: comparing entries with ``<`` would take "undecided" for "no".
        Raises `Unsupported` where it is undecided.
        """
        decision = self.decide(condition)
        if len(decision.verdicts) > 1:
            return (decision.verdicts == YES).astype(np.int64)
        if decision.verdicts[0] == UNKNOWN and not np.isnan(decision.margins[0]):
            raise Undecided("a choice or a count that depends on an undecided comparison")
        return int(decision.verdicts[0] == YES)

    @abstractmethod
    def maximum(self, x: Any, y: Any) -> Any:
        """The larger of two scalars, or entry by entry."""

    def minimum(self, x: Any, y: Any) -> Any:
        """The smaller of two scalars, or entry by entry."""
        return -self.maximum(-x, -y)

    # matrices ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def nonsingular(self, A: Array) -> Any:
        """Whether a square matrix is non-singular (in floats: 1-norm condition number below 1e13)."""

    def singular(self, A: Array) -> Any:
        """Whether a square matrix is singular (the opposite of `nonsingular`)."""
        answer = self.nonsingular(A)
        return None if answer is None else np.logical_not(answer)

    @abstractmethod
    def solve(self, A: Array, B: Array) -> Array:
        """A^{-1} B for a square A and a matrix B."""

    def inverse(self, A: Array) -> Array:
        """A^{-1}."""
        return self.solve(A, self.identity(A.shape[-1]))

    @abstractmethod
    def determinant(self, A: Array) -> Any:
        """det A."""

    @abstractmethod
    def rank(self, A: Array) -> Any:
        """The rank (in floats: singular values above 1e-11 max(m, n) sigma_1)."""

    @abstractmethod
    def svd(self, A: Array) -> SVD:
        """The SVD A = U diag(s) V^T, thin, s in descending order.

        Exact arithmetics find A among the decompositions that the case carries, verify it, and raise `Unsupported` when
        there is none.
        """

    @abstractmethod
    def singular_value(self, A: Array, k: Any) -> Any:
        """sigma_k(A), the k-th largest singular value, k >= 1; zero for k > min(m, n).

        In a batch, k may differ between members.
        """

    def spectral_norm(self, A: Array) -> Any:
        """||A||_2 = sigma_1(A)."""
        return self.singular_value(A, 1)

    @abstractmethod
    def positive_semidefinite(self, A: Array) -> Any:
        """Whether A is symmetric and x^T A x >= 0 for all x."""

    @abstractmethod
    def symmetric(self, A: Array) -> Any:
        """Whether A = A^T."""

    @abstractmethod
    def trace(self, A: Array) -> Any:
        """tr A, the sum of the diagonal."""

    @abstractmethod
    def norm_squared(self, x: Array) -> Any:
        """The sum of the squares of a vector's entries."""

    def norm(self, x: Array) -> Any:
        """||x||_2 of a vector."""
        return self.sqrt(self.norm_squared(x))

    @abstractmethod
    def frobenius_norm_squared(self, A: Array) -> Any:
        """||A||_F^2, the sum of the squares of the entries."""

    def frobenius_norm(self, A: Array) -> Any:
        """||A||_F."""
        return self.sqrt(self.frobenius_norm_squared(A))

    def low_rank(self, A: Array, r: int) -> Array:
        """LR_r(A) = sum_{i <= r} sigma_i u_i v_i^T from `svd(A)`; A itself for r >= min(m, n)."""
        if r >= min(A.shape[-2:]):
            return A
        d = self.svd(A)
        return SVD(d.U[..., :r], d.s[..., :r], d.V[..., :r]).matrix

    # vectors, networks, random inputs -----------------------------------------------------------------------------

    @abstractmethod
    def apply(self, A: Array, x: Array) -> Array:
        """A x for a matrix (..., m, n) and a vector (..., n)."""

    @abstractmethod
    def outer(self, x: Array, y: Array) -> Array:
        """x y^T of two vectors."""

    @abstractmethod
    def dot(self, x: Array, y: Array) -> Any:
        """x^T y of two vectors."""

    @abstractmethod
    def relu(self, x: Array) -> Array:
        """max(x, 0), entry by entry."""

    @abstractmethod
    def softmax(self, X: Array) -> Array:
        """exp(X) with each column divided by its sum."""

    @abstractmethod
    def expectation(self, values: Array, weights: Array) -> Any:
        """sum_k weights_k values_k for values (..., K) or (..., K, m, ...) and weights (..., K)."""

    # decisions --------------------------------------------------------------------------------------------------

    def decide(self, condition: Condition) -> Decision:
        """Decide a condition, in the sense of this arithmetic."""
        if isinstance(condition, Truth):
            return self._truth(condition.value)
        if isinstance(condition, Relation):
            return self._relation(condition)
        if isinstance(condition, Order):
            return self._order(condition)
        return self._existence(condition)

    def _order(self, order: Order) -> Decision:
        """Only symmetric differences are ordered; where symmetry cannot be told, their quadratic form has the word."""
        symmetric = self.symmetric(order.right - order.left)
        if symmetric is not None and not symmetric:
            return decided(NO, -1.0)
        return self._relation(self.as_relation(order))

    def as_relation(self, order: Order) -> Relation:
        """0 <= the smallest eigenvalue of the symmetric part of the difference."""
        scale = order.scale
        if scale is None:
            scale = self.maximum(self.entrywise_max_norm(order.left), self.entrywise_max_norm(order.right))
        difference = self.symmetric_part(order.right - order.left)
        return Relation("at most", self.number(0), self.smallest_eigenvalue(difference), scale)

    def _truth(self, value: Any) -> Decision:
        verdict = UNKNOWN if value is None else YES if value else NO
        return decided(verdict, {YES: 1.0, NO: -1.0, UNKNOWN: 0.0}[verdict])

    @abstractmethod
    def _relation(self, relation: Relation) -> Decision: ...

    def _existence(self, condition: Existence) -> Decision:
        """One instance: the construction first, then each obstruction."""
        missed = False
        try:
            made = self._relation(Relation("at most", condition.attained(), condition.bound, condition.scale))
        except Undefined:
            made, missed = decided(UNKNOWN, 0.0), True
        except Unsupported:
            made = decided(UNKNOWN, 0.0)
        if made.verdicts[0] == YES:
            return made
        for lower_bound in condition.lower_bounds:
            try:
                value = lower_bound() if callable(lower_bound) else lower_bound
                bites = self._relation(Relation("at most", value, condition.bound, condition.scale))
            except (Undefined, Unsupported):
                continue  # this obstruction settles nothing; another may
            if bites.verdicts[0] == NO:
                return bites
        missed = missed or made.verdicts[0] == NO
        margins = np.minimum(made.margins, 0.0)
        return Decision(np.array([UNKNOWN], np.int8), margins, made.left, made.right, np.array([missed]))

    # display ----------------------------------------------------------------------------------------------------

    def show(self, value: Any) -> str:
        """A value of this arithmetic for a reader: a scalar in a few characters, a small array entry by entry."""
        if not isinstance(value, np.ndarray):
            return self.show_scalar(value)
        if value.ndim == 0:
            return self.show_scalar(value.item())
        if value.size > 36:
            return f"an array of shape {' x '.join(map(str, value.shape))}"
        return "[" + ", ".join(self.show(item) for item in value) + "]"

    def show_scalar(self, value: Any) -> str:
        """A scalar of this arithmetic in a few characters."""
        return str(value)


def decided(verdict: int, margin: float, left: Any = None, right: Any = None) -> Decision:
    """The decision for one instance."""
    return Decision(np.array([verdict], np.int8), np.array([margin]), left, right)
