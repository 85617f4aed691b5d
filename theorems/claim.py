"""What a claim is, and what can be said of it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import FunctionType

from theorems.digest import Definition, digest, plain, reached, scope_of, tree
from theorems.statement import Statement

#: What the texts define in common, and what a case is made of.
MODELS = ("theorems.models", "theorems.case")


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
        names = dict.fromkeys(_suppositions(plain(self.statement), set(reached(self.statement))))
        return tuple(name for name in names if name not in self.skip)

    @cached_property
    def digest(self) -> str:
        """What the statement says, as 64 hexadecimal digits (`theorems.digest`); the skipped hypotheses count."""
        return digest(self.statement, self.skip)


def functions_of(statement: Statement) -> tuple[FunctionType, ...]:
    """The statement and, transitively, the functions that it names, those of the models left out."""
    functions = (found for found in reached(statement) if isinstance(found, FunctionType))
    return tuple(function for function in functions if not function.__module__.startswith(MODELS))


def _suppositions(function: FunctionType, others: set[Definition]) -> Iterator[str]:
    """The names given to `suppose`, helpers read where they are named."""
    others.discard(function)
    scope = scope_of(function)
    for node in _nodes(tree(function)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "suppose":
            for argument in (*node.args[1:2], *(k.value for k in node.keywords if k.arg == "name")):
                value = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(argument, ast.Name):
                    value = scope.get(argument.id)
                if isinstance(value, str):
                    yield value
        elif isinstance(node, ast.Name):
            other = scope.get(node.id)
            if isinstance(other, FunctionType) and other in others:
                yield from _suppositions(other, others)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree in the order of the code (`ast.walk` goes by depth)."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child)
