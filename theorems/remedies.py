"""The usual slips in a statement of one's own: where each stands, and what to write instead.

Some are found by reading the statement, before any work; others are read off the exception that they end in.
"""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Iterator
from fractions import Fraction
from types import FunctionType

from theorems.claim import Claim, functions_of
from theorems.digest import tree
from theorems.num import operations

#: What to write for functions of NumPy that do not know exact numbers.
INSTEAD = {
    "inv": "inverse", "pinv": "pseudo_inverse", "det": "determinant", "slogdet": "log_determinant",
    "matrix_rank": "rank", "eigvalsh": "eigenvalues", "eigh": "eigenvalues", "eigvals": "characteristic_polynomial",
    "eig": "characteristic_polynomial", "svdvals": "singular_values", "matrix_power": "power", "expm": "exponential",
    "sqrtm": "square_root", "norm": "norm (of a vector), num.spectral_norm or num.frobenius_norm (of a matrix)",
    "eye": "identity", "array": "constant", "diag": "diagonal", "abs": "absolute", "kron": "kronecker",
    "max": "largest", "min": "smallest", "prod": "product", "matmul": "apply (of a vector), or A @ B",
}  # fmt: skip
#: Functions of NumPy that fail, or answer in floats, on exact numbers.
FLOATS = (
    "sqrt", "exp", "log", "tanh", "maximum", "minimum", "where", "zeros", "ones", "eye", "array", "trace", "kron",
    "outer", "dot", "abs", "max", "min", "prod", "mean", "sum", "diag", "matmul",
)  # fmt: skip


def slips(claim: Claim, path: str) -> Iterator[str]:
    """The slips in the statement, and in the functions of its module that it names, in the order of the file.

    Each reads "FILE:LINE: what it is, and what to write instead".
    """
    module = claim.statement.__module__
    for function in functions_of(claim.statement):
        if function.__module__ != module:
            continue
        first = inspect.getsourcelines(function)[1]
        for line, text in sorted(_slips_in(function)):
            yield f"{path}:{first + line}: {text}"


def _slips_in(function: FunctionType) -> Iterator[tuple[int, str]]:
    names = inspect.getfullargspec(function).args
    num = "num" if "num" in names else names[1] if len(names) > 1 and inspect.isgeneratorfunction(function) else ""
    case = names[0] if names and inspect.isgeneratorfunction(function) else "case"
    whole = tree(function)
    first = min(part.lineno for part in (whole, *getattr(whole, "decorator_list", ())))
    for node in ast.walk(whole):
        text = _slip(node, num, case)
        if text:
            yield getattr(node, "lineno", first) - first, text


def _slip(node: ast.AST, num: str, case: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        exact = Fraction(str(node.value))
        return (
            f"{node.value!r} is a float, and no exact number: write {num or 'num'}.number({exact.numerator}, "
            f"{exact.denominator})"
        )
    if isinstance(node, ast.Attribute):
        return _attribute(node, num, case)
    if num and isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert) and _compares(node.test, num):
        return (
            f"a branch on {ast.unparse(node.test)}, which differs from case to case of a batch: write {num}.where or "
            f"{num}.indicator(less_than(...)), or suppose(less_than(...), ...)"
        )
    return ""


def _attribute(node: ast.Attribute, num: str, case: str) -> str:
    inner = ast.unparse(node.value)
    if node.attr == "T" and inner.split(".")[0].split("[")[0] != case:
        return f"{inner}.T would turn a batch around: write {inner}.mT"
    if inner in ("np.linalg", "numpy.linalg", "scipy.linalg", "linalg"):
        known = INSTEAD.get(node.attr, node.attr)
        known = known if known.split(" ")[0] in operations() else "the operation of num that it needs"
        word = known if known.startswith("the ") else f"{num or 'num'}.{known}"
        return f"{inner}.{node.attr} works on floats alone: write {word}"
    if inner in ("np", "numpy", "math") and node.attr in FLOATS:
        known = INSTEAD.get(node.attr, node.attr)
        known = known if known.split(" ")[0] in operations() else "constant"
        return f"{inner}.{node.attr} does not know exact numbers or batches: write {num or 'num'}.{known}"
    if num and inner == num and node.attr not in (*operations(), "size", "name", "word", "decide", "show"):
        near = difflib.get_close_matches(node.attr, operations(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "theorems.Num lists the operations"
        return f"num has no operation {node.attr!r}: {hint}"
    return ""


def _compares(test: ast.expr, num: str) -> bool:
    """Whether a comparison has what an operation of `num` returns on one of its sides."""
    return any(
        isinstance(part, ast.Call) and ast.unparse(part.func).startswith(f"{num}.")
        for compare in ast.walk(test) if isinstance(compare, ast.Compare)
        for side in (compare.left, *compare.comparators)
        for part in ast.walk(side)
    )  # fmt: skip


def remedy(error: BaseException) -> str:
    """What to write instead, for an exception that a usual slip ends in; nothing for another one."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and "truth value of an array" in text:
        return "a branch differs from case to case of a batch: write num.where, num.indicator or suppose(...)"
    if isinstance(error, ValueError) and ("broadcast" in text or "mismatch in its core dimension" in text):
        return (
            "in a batch a scalar times an array is num.times(scalar, A), added to its entries it is "
            "num.plus(scalar, A), and a transpose is A.mT"
        )
    if isinstance(error, IndexError) and ("out of bounds" in text or "out of range" in text):
        return "a case may be as small as 1 x 1: suppose(n >= 2, ...) first, or give CASES with min_dimension=2"
    if isinstance(error, TypeError) and "is not iterable" in text:
        return "num.indicator answers once for all entries: take them one by one, x[..., k]"
    if isinstance(error, TypeError) and "'float'" in text and "unsupported operand" in text:
        return "a float is no exact number: write num.number(1, 10) for 0.1"
    if isinstance(error, TypeError | AttributeError) and ("ufunc" in text or "callable" in text):
        return "functions of NumPy do not know exact numbers: write the operation of num"
    return ""
