"""The usual slips in a statement of one's own: where each stands, and what to write instead.

Some are found by reading the statement, before any work; others are read off the exception that they end in.
"""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Collection, Iterator
from fractions import Fraction
from types import FunctionType

from theorems.claim import Claim, functions_of
from theorems.digest import tree
from theorems.num import operations
from theorems.taken import Taken, taken

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
    known = taken(function) if inspect.isgeneratorfunction(function) else Taken()
    num = "num" if "num" in names else names[1] if len(names) > 1 and inspect.isgeneratorfunction(function) else ""
    case = names[0] if names and inspect.isgeneratorfunction(function) else "case"
    whole = tree(function)
    first = min(part.lineno for part in (whole, *getattr(whole, "decorator_list", ())))
    for node in ast.walk(whole):
        text = _slip(node, num, case) or _of_arrays(node, num, known)
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


#: Operations of vectors, and what to write for a matrix.
OF_VECTORS = {
    "norm": "spectral_norm or num.frobenius_norm", "one_norm": "induced_one_norm or num.entrywise_one_norm",
    "max_norm": "induced_max_norm or num.entrywise_max_norm", "dot": "trace(A.mT @ B)",
    "norm_squared": "frobenius_norm_squared",
}  # fmt: skip
#: Functions of Python that take the axis of a batch for the entries.
BUILTIN = {"sum": "sum", "max": "largest", "min": "smallest", "sorted": "order_statistic"}
#: Operations whose value is a scalar, which a batch has many of.
SCALARS = ("trace", "determinant", "rank", "spectral_radius", *(name for name in operations() if "norm" in name))


def _of_arrays(node: ast.AST, num: str, known: Taken) -> str:
    """A slip with what a batch has one more axis of: the matrices and vectors of the case by their local names."""
    arrays = {**known.matrices, **known.vectors}
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in arrays:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts):
            index, name = ast.unparse(node.slice).strip("()"), node.value.id
            return f"{name}[{index}] counts axes from the left, where a batch has one more: write {name}[..., {index}]"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, ast.Name) and other.id in arrays and _called(one, num) in SCALARS:
                scalar = ast.unparse(one)
                return f"{scalar} * {other.id} meets the wrong axis of a batch: write {num}.times({scalar}, {other.id})"
    if isinstance(node, ast.Call) and node.args:
        return _call(node, num, known, arrays)
    return ""


def _call(node: ast.Call, num: str, known: Taken, arrays: Collection[str]) -> str:
    first, function = node.args[0], node.func
    name = first.id if isinstance(first, ast.Name) else ""
    if isinstance(function, ast.Name) and len(node.args) == 1:
        if function.id == "len" and name in arrays:
            return f"len({name}) is the size of a batch: write {name}.shape[-1]"
        if function.id in BUILTIN and (name in arrays or _called(first, num) in ("singular_values", "eigenvalues")):
            return f"{function.id} takes the axis of a batch for the entries: write {num}.{BUILTIN[function.id]}"
    if (operation := _called(node, num)) in OF_VECTORS and name in known.matrices and name not in known.vectors:
        return f"{num}.{operation} is of vectors, and {name} is a matrix: write {num}.{OF_VECTORS[operation]}"
    return ""


def _called(node: ast.expr, num: str) -> str:
    """The operation of `num` that a call names."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return ""
    return node.func.attr if num and ast.unparse(node.func.value) == num else ""


def _attribute(node: ast.Attribute, num: str, case: str) -> str:
    inner = ast.unparse(node.value)
    if node.attr == "T" and inner.split(".")[0].split("[")[0] != case:
        return f"{inner}.T would turn a batch around: write {inner}.mT"
    if inner in ("np.random", "numpy.random", "random"):
        return f"{inner}.{node.attr} draws: a statement is a function of its case, so draw in the strategy"
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
    if isinstance(error, ValueError) and "values to unpack" in text:
        return "the case has more or fewer of them: CASES must draw as many (matrices(count=..., vectors=...))"
    if isinstance(error, ValueError) and "read-only" in text:
        return "a statement must not change its case: build another array"
    if isinstance(error, IndexError) and ("out of bounds" in text or "out of range" in text):
        return "a case may be as small as 1 x 1: suppose(n >= 2, ...) first, or give CASES with min_dimension=2"
    if isinstance(error, TypeError) and "is not iterable" in text:
        return "num.indicator answers once for all entries: take them one by one, x[..., k]"
    if isinstance(error, TypeError) and "'float'" in text and "unsupported operand" in text:
        return "a float is no exact number: write num.number(1, 10) for 0.1"
    if isinstance(error, TypeError | AttributeError) and ("ufunc" in text or "callable" in text):
        return "functions of NumPy do not know exact numbers: write the operation of num"
    return ""
