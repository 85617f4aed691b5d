"""The slips that a claim offers: every operator at every place where it applies.

Most of what is proposed is false, some of it is true, and some says the same as before: what is planted is chosen among
it (see `planting`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType

from theorems.claim import Claim, functions_of
from theorems.statement import Conclude, Suppose
from theorems.strategies.variants.expressions import slips_of
from theorems.strategies.variants.rewriting import expressions, name_of, tree_of
from theorems.strategies.variants.steps import CHANGES
from theorems.strategies.variants.variant import MISSING, Variant

#: What does not bear on the truth: the unit of a margin; names; what refutes an existence is no part of the claim.
IDLE = ("scale", "lower_bound", "name", "found")
#: Functions that make such lower bounds, and those whose result is one choice among many.
IDLE_FUNCTIONS = ("obstruct", "out_of_reach", "lower_bound", "general_position", "unit_upper_factor", "scalar")


def proposed(claim: Claim, conclusions: dict[str, str]) -> list[Variant]:
    """The variants of a claim that the operators propose, in the order of the code.

    `conclusions` holds the kind of each conclusion by its name: "at most", "less than", "equal", "exists", "test".
    """
    existence = "exists" in conclusions.values()
    found = [Variant(change, name) for name, kind in conclusions.items() for change in _changes(kind)]
    found += [Variant(MISSING, name) for name in claim.hypotheses]
    found += [Variant(MISSING, name, constructed=True) for name in claim.hypotheses if existence]
    for function in functions_of(claim.statement):
        if any(word in name_of(function) for word in IDLE_FUNCTIONS):
            continue
        found += _edits(function, existence)
    return list(dict.fromkeys(found))


def _changes(kind: str) -> list[str]:
    by_kind = {
        "at most": [name for name in CHANGES if name not in ("factor of two", "opposite answer")],
        "less than": ["reversed inequality", "equality for an inequality", "half the bound"],
        "equal": ["factor of two", "bound a hundredth too small"],
        "exists": ["half the bound", "bound a hundredth too small"],
        "test": ["opposite answer"],
    }
    return by_kind[kind]


def kind_of(step: Conclude | Suppose) -> str:
    """The kind of a step's condition, as `proposed` has it."""
    kind = type(step.condition).__name__
    return {"Relation": getattr(step.condition, "kind", ""), "Existence": "exists"}.get(kind, "test")


def _edits(function: FunctionType, existence: bool) -> Iterator[Variant]:
    counts: dict[str, int] = {}
    tree = tree_of(function)
    idle, supposed = _within(tree)
    for node in expressions(tree):
        before = ast.unparse(node)
        occurrence = counts.get(before, 0)
        counts[before] = occurrence + 1
        if node in idle:
            continue
        for operator, after in slips_of(node, supposed=node in supposed):
            # What is supposed of an existence is no part of its construction: the existence itself is then at stake.
            for constructed in ((False, True) if node in supposed else (True,)) if existence else (False,):
                yield Variant(operator, "", name_of(function), before, after, occurrence, constructed)


def concerns_hypothesis(claim: Claim, variant: Variant) -> bool:
    """Whether the slip is in what the claim supposes."""
    if not variant.function:
        return variant.operator == MISSING
    function = next((f for f in functions_of(claim.statement) if name_of(f) == variant.function), None)
    if function is None:
        return False
    tree = tree_of(function)
    _, supposed = _within(tree)
    alike = [node for node in expressions(tree) if ast.unparse(node) == variant.before]
    return alike[variant.occurrence : variant.occurrence + 1] != [] and alike[variant.occurrence] in supposed


def _within(tree: ast.FunctionDef) -> tuple[set[ast.AST], set[ast.AST]]:
    """The nodes that are idle, and the nodes within a hypothesis."""
    idle: set[ast.AST] = set()
    supposed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in IDLE:
            idle |= set(ast.walk(node))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "scale":
            idle |= set(ast.walk(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("suppose", "conclude"):
                idle |= {below for argument in node.args[1:] for below in ast.walk(argument)}
            if node.func.id == "suppose":
                supposed |= set(ast.walk(node.args[0]))
        if isinstance(node, ast.Raise):
            idle |= set(ast.walk(node))
    defaults = [below for default in tree.args.defaults for below in ast.walk(default)]
    return idle | set(defaults), supposed
