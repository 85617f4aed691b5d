"""What a claim is, and what can be said of it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from types import FunctionType
from typing import TypedDict, Unpack

from theorems.digest import Definition, digest, plain, reached, scope_of, tree
from theorems.errors import InputError
from theorems.facts import Facts
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


class Kind(Enum):
    """What a refutation is about; a reader who has the page open must be able to agree."""

    FALSE = "false"  # what is meant is false
    GAP = "gap"  # a hypothesis or a convention is unsaid: "the" for "a", a tie, the zero matrix
    MISPRINT = "misprint"  # a symbol or a range that the page has right elsewhere


class Outcome(Enum):
    """The end of one check of one case."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"  # a hypothesis is not met; never a pass
    UNDEFINED = "undefined"  # a construction could not be formed


#: The row of a docstring that says the hypotheses, with the lines that go on with it.
_HYPOTHESES = re.compile(r"^Hypotheses\b.*\n?(?:[ \t]+.*\n?)*", re.MULTILINE)
#: The reading of a key without one.
AS_MEANT = "as meant"


class Said(TypedDict, total=False):
    """What may be said of a claim besides its verdict and the reason; see `Claim`."""

    place: str
    printed: str
    why: str
    repaired_by: str | None
    skip: tuple[str, ...]
    largest: int | tuple[int, ...]
    about: Facts


@dataclass(frozen=True)
class Source:
    """Where a claim stands: the text, its label there, and the section.

    Its methods make the claims of the place, each with its verdict: ``LEMMA_9.stands(key, statement, reason)``.
    """

    text: str
    label: str
    section: str

    def __str__(self) -> str:
        return f"{self.text}, {self.label} ({self.section})"

    def claim(
        self, verdict: Verdict | Kind, key: str, statement: Statement, reason: str, **said: Unpack[Said]
    ) -> Claim:
        """A claim of this place; one that falls has the kind of its refutation for its verdict."""
        kind = verdict if isinstance(verdict, Kind) else None
        judged = Verdict.REFUTED if isinstance(verdict, Kind) else verdict
        return Claim(key=key, statement=statement, source=self, verdict=judged, kind=kind, reason=reason, **said)

    def stands(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim that survived every attack."""
        return self.claim(Verdict.CORROBORATED, key, statement, reason, **said)

    def decided(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim that a finite exact computation settles."""
        return self.claim(Verdict.DECIDED, key, statement, reason, **said)

    def empirical(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim on trained networks."""
        return self.claim(Verdict.EMPIRICAL, key, statement, reason, **said)

    def informal(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim without a fair formal reading."""
        return self.claim(Verdict.INFORMAL, key, statement, reason, **said)

    def false(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim of which what is meant is false."""
        return self.claim(Kind.FALSE, key, statement, reason, **said)

    def gap(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim that falls for what it leaves unsaid."""
        return self.claim(Kind.GAP, key, statement, reason, **said)

    def misprint(self, key: str, statement: Statement, reason: str, **said: Unpack[Said]) -> Claim:
        """A claim whose letters fall, and that the page has right elsewhere."""
        return self.claim(Kind.MISPRINT, key, statement, reason, **said)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement with its key, its source, and the verdict on record.

    key          ``zeng-lee/lemma-9.value:without-partial-sums``: source/label, ``.part``, ``:reading``; without a
                 reading it is a sentence of the page as the page means it, and the letter of a misprint is the reading
                 ``:printed-letter``.  A claim of your own may have any key.
    statement    a generator function ``statement(case, num)``; see `theorems.statement`
    verdict      what the project holds of it; None for a claim that nobody has judged yet
    kind         of a refutation: false, gap or misprint
    reason       the reason for the verdict, in one line
    place        equation and line in the source, where the label does not say it
    printed      the formula in the source's own symbols, or what this reading drops or adds
    why          for telling refutations, in two or three sentences: why it falls
    repaired_by  the key of the reading that stands where this one falls
    skip         names of hypotheses of `statement` that this reading drops
    largest      the largest integer of a case that is read from a file: integers are sizes, and what a statement builds
                 of them must fit the memory and end; a tuple bounds the values of a `CountCase` one by one
    """

    key: str
    statement: Statement
    source: Source | None = None
    verdict: Verdict | None = None
    kind: Kind | None = None
    reason: str = ""
    place: str = ""
    printed: str = ""
    why: str = ""
    repaired_by: str | None = None
    skip: tuple[str, ...] = ()
    largest: int | tuple[int, ...] = 4_096
    about: Facts = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.kind is not None and self.verdict is not Verdict.REFUTED:
            word = self.verdict.value if self.verdict else "not judged"
            raise InputError(f"{self.key}: only a refuted claim has a kind, and this one is {word}: leave the kind out")

    @property
    def reading(self) -> str:
        """The word after the colon of the key, or "as meant": a sentence of the page, as the page means it."""
        _, colon, word = self.key.partition(":")
        return word if colon else AS_MEANT

    @property
    def text(self) -> str:
        """The statement's docstring, dedented; what this reading drops is said in place of the hypotheses."""
        text = inspect.getdoc(self.statement) or ""
        if not self.skip:
            return text
        first, *rest = _HYPOTHESES.sub("", text).rstrip().split("\n\n", 1)
        return "\n\n".join([f"{first.rstrip().rstrip('.')}; without {self._dropped}.", *rest])

    @property
    def _dropped(self) -> str:
        """The names of the hypotheses that this reading drops."""
        return ", ".join(f"'{name}'" for name in self.skip)

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
    for node in _calls_and_names(function):
        if isinstance(node, ast.Call):
            for argument in (*node.args[1:2], *(k.value for k in node.keywords if k.arg == "name")):
                value = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(argument, ast.Name):
                    value = scope.get(argument.id)
                if isinstance(value, str):
                    yield value
        else:
            other = scope.get(node.id)
            if isinstance(other, FunctionType) and other in others:
                yield from _suppositions(other, others)


@cache
def _calls_and_names(function: Definition) -> tuple[ast.Call | ast.Name, ...]:
    """The calls of `suppose` and the names of a function, in the order of the code (`ast.walk` goes by depth)."""
    found: list[ast.Call | ast.Name] = []
    queue: list[ast.AST] = [tree(function)]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Name) or (isinstance(node, ast.Call) and _called(node) == "suppose"):
            found.append(node)
        queue += reversed([*ast.iter_child_nodes(node)])
    return tuple(found)


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", "")))
