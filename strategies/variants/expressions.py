"""The slips of one expression: what a careful author might have written in its place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: One expression for another: the slip in an author's words, and the expression as text.
Slip = tuple[str, str]

#: Operations of an arithmetic taken for others.
SWAPS = {
    "spectral_norm": (("wrong norm", "frobenius_norm"),),
    "frobenius_norm": (("wrong norm", "spectral_norm"),),
    "frobenius_norm_squared": (("missing square", "frobenius_norm"), ("trace for a norm", "trace")),
    "norm_squared": (("missing square", "norm"),),
    "norm": (("square too many", "norm_squared"),),
    "trace": (("norm for a trace", "frobenius_norm"),),
    "maximum": (("smaller for larger", "minimum"),),
    "minimum": (("larger for smaller", "maximum"),),
    "positive_semidefinite": (("weaker hypothesis", "symmetric"),),
}
#: Operations that are forgotten: their first argument stands alone.
FORGOTTEN = {"relu": "missing ReLU", "absolute": "missing absolute value", "sqrt": "missing root"}
BUILTINS = {"min": ("larger for smaller", "max"), "max": ("smaller for larger", "min")}
#: Names that stand for integers.
INTEGERS = {
    "k", "r", "R", "L", "l", "n", "m", "rank", "depth", "tokens", "heads", "steps", "width", "ranks", "index",
}  # fmt: skip
#: Functions of integers and matrices whose integers are indices or ranks.
INDEXED = {"singular_value", "low_rank", "sigma", "truncated", "energy", "cut", "head", "tail"}
COMPARISONS = {
    ast.LtE: (("strict inequality", "<"),),
    ast.Lt: (("weak inequality for a strict one", "<="),),
    ast.GtE: (("strict inequality", ">"),),
    ast.Gt: (("weak inequality for a strict one", ">="),),
    ast.Eq: (("inequality for an equality", "<="), ("inequality for an equality", ">=")),
}


def slips_of(node: ast.expr, *, supposed: bool) -> Iterator[Slip]:
    """The slips of an expression, whatever comes of them; `supposed` says that it stands in a hypothesis."""
    if isinstance(node, ast.Call):
        yield from _call(node, supposed)
    elif isinstance(node, ast.BinOp):
        yield from _operation(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _comparison(node)
    elif isinstance(node, ast.Attribute) and node.attr == "mT":
        yield "wrong transpose", _text(node.value)
    elif isinstance(node, ast.Attribute) and node.attr == "rank" and not _is_num(node):
        yield "rank one lower", f"{_text(node)} - 1"
    elif isinstance(node, ast.Subscript) and not (isinstance(node.value, ast.Attribute) and node.value.attr == "shape"):
        yield from _subscript(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if isinstance(node.operand, ast.BinOp) and isinstance(node.operand.op, ast.FloorDiv):
            inner = node.operand.left
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                yield "floor for ceiling", f"{_atom(inner.operand)} // {_atom(node.operand.right)}"
        elif not isinstance(node.operand, ast.Constant):
            yield "wrong sign", _text(node.operand)
    elif isinstance(node, ast.BoolOp) and len(node.values) > 1:
        for index in range(len(node.values)):
            rest = [value for place, value in enumerate(node.values) if place != index]
            yield "missing condition", _text(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _atom(node: ast.AST) -> str:
    text = _text(node)
    return text if isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant) else f"({text})"


def _integral(node: ast.expr) -> bool:
    """Whether an expression is an integer, as far as its names tell."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and not isinstance(node.value, bool)
    if isinstance(node, ast.Name | ast.Attribute):
        return (node.id if isinstance(node, ast.Name) else node.attr) in INTEGERS
    if isinstance(node, ast.BinOp):
        return _integral(node.left) and _integral(node.right)
    if isinstance(node, ast.Call):
        name = _called(node)
        return name in ("len", "rank", "smaller", "ceil", "floor") or (name in ("sum", "min", "max") and all(
            _integral(argument) for argument in node.args
        ))
    return False


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_num(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "num"


def _integer(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _with(node: ast.Call, place: int, text: str) -> str:
    parts = [_text(argument) for argument in node.args]
    parts[place] = text
    parts += [f"{word.arg}={_text(word.value)}" for word in node.keywords]
    return f"{_text(node.func)}({', '.join(parts)})"


def _call(node: ast.Call, supposed: bool) -> Iterator[Slip]:
    name, arguments = _called(node), node.args
    if any(isinstance(argument, ast.Starred | ast.GeneratorExp) for argument in arguments):
        return
    if _is_num(node.func):
        yield from _arithmetic(node, name, supposed)
    elif name in BUILTINS and len(arguments) == 2:
        slip, other = BUILTINS[name]
        yield slip, f"{other}({', '.join(map(_text, arguments))})"
    elif name == "range":
        yield "range off by one", _with(node, len(arguments) - 1, f"{_atom(arguments[-1])} - 1")
        if len(arguments) == 2:
            yield "range off by one", _with(node, 0, f"{_atom(arguments[0])} + 1")
    elif name in ("at_most", "less_than", "equal"):
        yield from _relation(node, name, supposed)
    if name in INDEXED:
        for place, argument in enumerate(arguments):
            if _integral(argument):
                word = "index off by one" if name in ("singular_value", "sigma") else "rank one lower"
                if not (isinstance(argument, ast.Constant) and argument.value == 1):
                    yield word, _with(node, place, _less(argument))
                yield word.replace("lower", "higher"), _with(node, place, _more(argument))


def _arithmetic(node: ast.Call, name: str, supposed: bool) -> Iterator[Slip]:
    arguments = node.args
    for slip, other in SWAPS.get(name, ()):
        yield slip, f"num.{other}({', '.join(map(_text, arguments))})"
    if name in FORGOTTEN:
        yield FORGOTTEN[name], _text(arguments[0])
    elif name == "frobenius_norm_squared":
        yield "wrong norm", f"num.spectral_norm({_text(arguments[0])}) ** 2"
    elif name in ("solve", "apply"):
        yield "wrong transpose", _with(node, 0, f"{_atom(arguments[0])}.mT")
    elif name == "outer":
        yield "factors exchanged", f"num.outer({_text(arguments[1])}, {_text(arguments[0])})"
    elif name == "softmax":
        yield "softmax of the rows", f"num.softmax({_atom(arguments[0])}.mT).mT"
    elif name == "rank":
        yield "rank one lower", f"{_text(node)} - 1"
        yield "rank one higher", f"{_text(node)} + 1"
    elif name == "nonsingular" and not supposed:
        yield "stronger property", f"num.symmetric({_text(arguments[0])})"
    elif name == "smaller":
        first, second = map(_atom, arguments)
        yield "larger for smaller", f"{first} + {second} - {_text(node)}"
    elif name == "selector":
        yield "range off by one", _with(node, 1, _more(arguments[1]))
        yield "range off by one", _with(node, 2, _less(arguments[2]))
        yield "range off by one", _with(node, 2, _more(arguments[2]))
    elif name == "identity":
        yield "dropped identity", f"num.zeros({_text(arguments[0])}, {_text(arguments[0])})"
    elif name == "exp":
        yield "wrong sign", f"num.exp(-{_atom(arguments[0])})"
    elif name == "determinant":
        yield "trace for a determinant", f"num.trace({_text(arguments[0])})"
    elif name == "number" and (numbers := [n for n in map(_integer, arguments) if n is not None]):
        p, q = (*numbers, 1)[:2]
        if len(numbers) < len(arguments):
            return
        if q != 1:
            yield "wrong constant", f"num.number({p}, {q + 1})"
        yield "wrong constant", f"num.number({p + 1}, {q})" if q != 1 else f"num.number({p + 1})"
        if q == 1 and p > 1:
            yield "wrong constant", f"num.number({p - 1})"


def _relation(node: ast.Call, name: str, supposed: bool) -> Iterator[Slip]:
    if not supposed:
        return  # the conclusions are changed as they are yielded
    others = ", ".join([*map(_text, node.args), *(f"{word.arg}={_text(word.value)}" for word in node.keywords)])
    if name == "less_than":
        yield "weak inequality for a strict one", f"at_most({others})"
    elif name == "equal":
        yield "inequality for an equality", f"at_most({others})"
    elif name == "at_most":
        yield "hypothesis twice as weak", _with(node, 0, f"{_atom(node.args[0])} / 2")
        yield "reversed hypothesis", _with(node, 0, _text(node.args[1])).replace(
            f", {_text(node.args[1])}", f", {_text(node.args[0])}", 1
        )


def _less(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == 1:
        if isinstance(node.op, ast.Add):
            return _text(node.left)
        if isinstance(node.op, ast.Sub):
            return f"{_atom(node.left)} - 2"
    number = _integer(node)
    return f"{_atom(node)} - 1" if number is None else str(number - 1)


def _more(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == 1:
        if isinstance(node.op, ast.Sub):
            return _text(node.left)
        if isinstance(node.op, ast.Add):
            return f"{_atom(node.left)} + 2"
    number = _integer(node)
    return f"{_atom(node)} + 1" if number is None else str(number + 1)


def _operation(node: ast.BinOp) -> Iterator[Slip]:
    left, right = node.left, node.right
    a, b = _atom(left), _atom(right)
    one = isinstance(right, ast.Constant) and right.value == 1
    match node.op:
        case ast.Add():
            if one:
                yield "index off by one", _text(left)
            else:
                yield "wrong sign", f"{a} - {b}"
                yield "dropped term", _text(left)
                yield "dropped term", _text(right)
        case ast.Sub():
            if one:
                yield "index off by one", _text(left)
            else:
                yield "wrong sign", f"{a} + {b}"
                yield "dropped term", _text(left)
        case ast.Mult():
            if isinstance(left, ast.Constant):
                yield "dropped factor", _text(right)
            elif isinstance(right, ast.Constant):
                yield "dropped factor", _text(left)
            else:
                yield "dropped factor", _text(left)
                yield "dropped factor", _text(right)
        case ast.Div():
            yield "dropped denominator", _text(left)
        case ast.Pow():
            yield "missing square", _text(left)
        case ast.MatMult():
            yield "factors exchanged", f"{b} @ {a}"
        case ast.FloorDiv():
            yield "ceiling for floor", f"-(-{a} // {b})"


def _comparison(node: ast.Compare) -> Iterator[Slip]:
    left, right = node.left, node.comparators[0]
    for slip, symbol in COMPARISONS.get(type(node.ops[0]), ()):
        yield slip, f"{_text(left)} {symbol} {_text(right)}"
    if isinstance(node.ops[0], ast.LtE | ast.Lt | ast.GtE | ast.Gt):
        symbol = {ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">"}[type(node.ops[0])]
        for other in (_less(right), _more(right)):
            yield "threshold off by one", f"{_text(left)} {symbol} {other}"


def _subscript(node: ast.Subscript) -> Iterator[Slip]:
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for place, item in enumerate(items):
        for slip, other in _index(item):
            texts = [other if i == place else _text(one) for i, one in enumerate(items)]
            yield slip, f"{_atom(node.value)}[{', '.join(texts)}]"


def _index(item: ast.expr) -> Iterator[Slip]:
    if isinstance(item, ast.Slice):
        lower = _text(item.lower) if item.lower else ""
        upper = _text(item.upper) if item.upper else ""
        if item.upper is not None and _integral(item.upper):
            yield "range off by one", f"{lower}:{_less(item.upper)}"
            yield "range off by one", f"{lower}:{_more(item.upper)}"
        if item.lower is not None and _integral(item.lower):
            yield "range off by one", f"{_more(item.lower)}:{upper}"
    elif isinstance(item, ast.Constant) and item.value == 0:
        yield "last for first", "-1"
    elif isinstance(item, ast.UnaryOp) and _text(item) == "-1":
        yield "first for last", "0"
    elif isinstance(item, ast.Name) and item.id in INTEGERS:
        yield "index off by one", f"{item.id} + 1"
    elif isinstance(item, ast.BinOp) and _integral(item):
        yield "index off by one", _more(item)
