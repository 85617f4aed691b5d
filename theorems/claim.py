"""What a claim is, and what can be said of it."""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import FunctionType

from theorems.statement import Statement


class Verdict(Enum):
    """What the project holds of a claim."""

    CORROBORATED = "corroborated"  # survived every attack; the ledger counts them
    DECIDED = "decided"  # a finite exact computation settles it for the stated sizes
    REFUTED = "refuted"  # a stored witness
    EMPIRICAL = "empirical"  # a claim on trained networks, with its measured table
    INFORMAL = "informal"  # no fair formal reading; the reason is given
    UNDECIDED = "undecided"  # neither construction nor obstruction settles it

    @property
    def stands(self) -> bool:
        """Whether a counterexample would contradict this verdict."""
        return self in (Verdict.CORROBORATED, Verdict.DECIDED)


class Outcome(Enum):
    """The end of one check of one case."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"  # a hypothesis is not met; never a pass
    UNDEFINED = "undefined"  # a construction could not be formed


@dataclass(frozen=True)
class Source:
    """Where a claim stands: the text, its label there, and the section."""

    text: str
    label: str
    section: str

    def __str__(self) -> str:
        return f"{self.text}, {self.label} ({self.section})"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement with its key, its source, and the verdict on record.

    key          ``zeng-lee/lemma-9.value:without-partial-sums``: source/label, ``.part``, ``:reading``; without a
                 reading it is the statement as printed.  A claim of your own may have any key.
    statement    a generator function ``statement(case, num)``; see `theorems.statement`
    verdict      what the project holds of it; None for a claim that nobody has judged yet
    reason       the reason for the verdict, in one line
    repaired_by  the key of the reading that stands where this one falls
    skip         names of hypotheses of `statement` that this reading drops
    """

    key: str
    statement: Statement
    source: Source | None = None
    verdict: Verdict | None = None
    reason: str = ""
    repaired_by: str | None = None
    skip: tuple[str, ...] = ()

    @property
    def reading(self) -> str:
        """The word after the colon of the key, or "as printed"."""
        _, colon, word = self.key.partition(":")
        return word if colon else "as printed"

    @property
    def text(self) -> str:
        """The statement's docstring, dedented."""
        return inspect.getdoc(self.statement) or ""

    @property
    def summary(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())

    @cached_property
    def hypotheses(self) -> tuple[str, ...]:
        """The names of the hypotheses in the order of the code, without those that this reading drops."""
        names: dict[str, None] = {}
        for function in functions_of(self.statement):
            for node in ast.walk(_tree(function)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suppose":
                    for argument in (*node.args[1:2], *(k.value for k in node.keywords if k.arg == "name")):
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            names[argument.value] = None
        return tuple(name for name in names if name not in self.skip)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the syntax trees of the statement and of the functions of its module that it uses.

        Docstrings, comments and layout do not count; the skipped hypotheses do.
        """
        shapes = [_shape(_tree(function)) for function in functions_of(self.statement)]
        return hashlib.sha256("\n".join([*shapes, *sorted(self.skip)]).encode()).hexdigest()


def functions_of(statement: Statement) -> tuple[FunctionType, ...]:
    """The statement and, transitively, the functions of its own module that it names."""
    start = inspect.unwrap(statement)
    if not isinstance(start, FunctionType):
        raise TypeError(f"a statement is a plain generator function, not {type(start).__name__}: define it with def")
    found: dict[FunctionType, None] = {start: None}
    queue = [start]
    while queue:
        function = queue.pop(0)
        for name in _names(function):
            other = function.__globals__.get(name)
            if isinstance(other, FunctionType) and other.__module__ == start.__module__ and other not in found:
                found[other] = None
                queue.append(other)
    return tuple(found)


def _names(function: FunctionType) -> Iterator[str]:
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Name):
            yield node.id


def _tree(function: FunctionType) -> ast.Module:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError) as error:
        raise TypeError(f"the source of {function.__qualname__} cannot be read: keep a statement in a file") from error
    return tree


def _shape(node: ast.AST | list[object] | object) -> str:
    """A rendering of a syntax tree that does not depend on the version of Python: empty fields are left out."""
    if isinstance(node, list):
        return "[" + ",".join(_shape(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            value = value[1:]
        if name in ("kind", "type_comment", "ctx", "returns", "annotation") or value is None or value == []:
            continue
        fields.append(f"{name}={_shape(value)}")
    return f"{type(node).__name__}({','.join(fields)})"
