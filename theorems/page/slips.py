"""False variants for people: the slip in words, then what stands for what, set as mathematics, then its place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from theorems.page.mathml import inline
from theorems.page.trees import Atom, Fence, Node, Quotient, Root, Row, Scripts

#: "operator: before -> after in module.function[ (no. 2)][, of the construction]"
_SLIP = re.compile(
    r"(?P<operator>[^:]+): (?P<before>.+) -> (?P<after>.+?)(?P<where> \(no\. \d+\))? in (?P<place>[\w.]+)(?P<tail>.*)"
)
_NORMS = {"spectral_norm": "2", "frobenius_norm": "F", "norm": "2"}
_RELATIONS = {"at_most": "≤", "less_than": "<", "equal": "="}
_SIGNS = {
    ast.Add: "+", ast.Sub: "−", ast.Mult: "·", ast.FloorDiv: "÷", ast.Gt: ">", ast.GtE: "≥", ast.Lt: "<", ast.LtE: "≤",
    ast.Eq: "=", ast.NotEq: "≠", ast.Mod: "mod", ast.In: "∈",
}  # fmt: skip
_FUNCTIONS = {"trace": "tr", "rank": "rank", "relu": "ReLU", "log": "log", "exp": "exp", "determinant": "det",
              "max": "max", "min": "min", "len": "len", "softmax": "softmax", "maximum": "max", "minimum": "min",
              "smaller": "min", "larger": "max"}  # fmt: skip
_LONGEST = 90  # characters of code that is set as a formula; what is longer stays code


def slip_html(name: str) -> str:
    """A variant by its name (`Variant.name`)."""
    match = _SLIP.fullmatch(name)
    if match is None:
        operator, colon, words = name.partition(": ")
        return f"{escape(operator)}{colon}{escape(words)}"
    before, after = code_html(match["before"]), code_html(match["after"])
    module, _, function = match["place"].rpartition(".")
    words = escape(function.replace("_", " ").strip())
    place = f'<span class="at">{escape(module.rpartition(".")[2].replace("_", " "))}<sub>{words}</sub></span>'
    where = escape((match["where"] or "") + match["tail"])
    return f"{escape(match['operator'])}: {after} for {before}, in {place}{where}"


def worst(variants: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The variants that survived some seed, then those that took the most instances."""
    return sorted(variants, key=lambda one: (one["killed"], -(one["instances"] or 0)))[:most]


def code_html(text: str) -> str:
    """An expression of Python as mathematics, where it can be read as such; as code otherwise."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError):
        return f"<code>{escape(text)}</code>"
    if len(text) > _LONGEST:
        return f"<code>{escape(text)}</code>"
    return inline(_node(tree))


def _node(tree: ast.expr) -> Node:
    match tree:
        case ast.Constant(value):
            return Atom("number" if isinstance(value, int) else "word", "…" if value is Ellipsis else str(value))
        case ast.Name(name):
            return _name(name)
        case ast.Attribute(value, ("mT" | "T")):
            return Scripts(_tight(value), None, Atom("transpose", "⊤"))
        case ast.Attribute(ast.Name("case" | "num" | "d"), name):
            return _name(name)
        case ast.Attribute(_, _):
            return Atom("word", ast.unparse(tree).removeprefix("case."))
        case ast.UnaryOp(ast.USub(), operand):
            return Row("sum", (Atom("prefix", "−"), _tight(operand)))
        case ast.BinOp(left, ast.MatMult(), right):
            return Row("product", (_tight(left), _tight(right)))
        case ast.BinOp(left, ast.Div(), right):
            return Quotient(_tight(left), _tight(right))
        case ast.BinOp(left, ast.Pow(), right):
            return Scripts(_tight(left), None, _node(right))
        case ast.BinOp(left, operation, right) if type(operation) in _SIGNS:
            tight = isinstance(operation, ast.Mult | ast.FloorDiv | ast.Mod)
            above = _tight(left) if tight else _node(left)
            below = _tight(right) if tight or isinstance(operation, ast.Sub) else _node(right)
            return Row("sum", (above, Atom("operator", _SIGNS[type(operation)]), below))
        case ast.Compare(left, [operation], [right]) if type(operation) in _SIGNS:
            return Row("relation", (_node(left), Atom("relation", _SIGNS[type(operation)]), _node(right)))
        case ast.Subscript(value, index):
            return Scripts(_tight(value), _index(index))
        case ast.Tuple(items) | ast.List(items):
            return Fence("(", _listed(items), ")")
        case ast.Call(function, arguments, _):
            return _call(getattr(function, "attr", getattr(function, "id", "")), arguments)
        case _:
            return Atom("word", ast.unparse(tree))


def _call(name: str, arguments: list[ast.expr]) -> Node:
    arguments = [item for item in arguments if not (isinstance(item, ast.Name) and item.id == "num")]
    match name, arguments:
        case ("singular_value", [matrix, index]) | ("sigma", [matrix, index]):
            return Row("apply", (Scripts(Atom("function", "σ"), _node(index)), Fence("(", _node(matrix), ")")))
        case ("spectral_norm" | "frobenius_norm" | "norm"), [value]:
            return Scripts(Fence("‖", _node(value), "‖"), Atom("name", _NORMS[name]))
        case ("frobenius_norm_squared" | "norm_squared"), [value]:
            body = Fence("‖", _node(value), "‖")
            return Scripts(body, Atom("name", _NORMS[name.removesuffix("_squared")]), Atom("number", "2"))
        case "absolute", [value]:
            return Fence("|", _node(value), "|")
        case "sqrt", [value]:
            return Root(_node(value))
        case "number", [value]:
            return _node(value)
        case "number", [above, below]:
            return Quotient(_node(above), _node(below))
        case "identity", [size]:
            return Scripts(Atom("name", "I"), _node(size))
        case ("times" | "apply"), [left, right]:
            return Row("product", (_tight(left), _tight(right)))
        case ("at_most" | "less_than" | "equal"), [left, right, *_]:
            return Row("relation", (_node(left), Atom("relation", _RELATIONS[name]), _node(right)))
        case "sum", [value]:
            return Row("apply", (Atom("big", "∑"), _tight(value)))
        case _:
            head = Atom("function", _FUNCTIONS[name]) if name in _FUNCTIONS else _name(name)
            return Row("apply", (head, Fence("(", _listed(arguments), ")")))


def _index(tree: ast.expr) -> Node:
    items = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    kept = [item for item in items if not (isinstance(item, ast.Constant) and item.value in (Ellipsis, None))]
    nodes: list[Node] = []
    for item in kept:
        nodes += [Atom("comma", ",")] if nodes else []
        last = ast.unparse(item) == "-1"
        nodes.append(_slice(item) if isinstance(item, ast.Slice) else Atom("word", "last") if last else _node(item))
    return Row("list", tuple(nodes)) if len(nodes) != 1 else nodes[0]


def _slice(tree: ast.Slice) -> Node:
    ends = [_node(end) for end in (tree.lower, tree.upper) if end is not None]
    colon = Atom("operator", ":")
    if len(ends) == 2:
        return Row("list", (ends[0], colon, ends[1]))
    return Row("list", ((ends[0], colon) if tree.lower is not None else (colon, *ends)))


def _listed(items: list[ast.expr]) -> Node:
    nodes: list[Node] = []
    for item in items:
        nodes += [Atom("comma", ",")] if nodes else []
        nodes.append(_node(item))
    return Row("list", tuple(nodes))


def _tight(tree: ast.expr) -> Node:
    """An operand of a product or a power: in brackets where it is a sum."""
    node = _node(tree)
    return Fence("(", node, ")") if isinstance(node, Row) and node.kind in ("sum", "relation") else node


def _name(name: str) -> Node:
    """A variable: one letter as such, a word upright."""
    text = name.replace("_", " ").strip() or name
    return Atom("name" if len(text) == 1 else "word", text)
