"""Unknowns: a statement run on formulas, so that what it concludes is concluded of every case of one shape.

Entries are `Term`s.  Sums, products and quotients stay formulas; roots, singular values, exponentials and logarithms
become new unknowns with their definitions (for exp and log: what equal arguments share, and no more).  A test answers
with its question (`Answer`), which a hypothesis notes as a fact and a conclusion has to prove; where the statement
itself needs to know, the path that it runs on decides, and another path takes the other answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from theorems.arithmetic.answers import Rank, asked
from theorems.arithmetic.base import NO, YES, Decision, decided
from theorems.arithmetic.terms import Term
from theorems.arithmetic.unknown_spectra import UnknownSpectra
from theorems.case import Array
from theorems.statement import Condition, Relation, Truth


class Unknowns(UnknownSpectra):
    """Formulas in unknowns; see the module."""

    name = "unknowns"
    word = "for every case of this shape"

    # decisions

    def decide(self, condition: Condition) -> Decision:
        """Decided on this path, by forks where need be."""
        if isinstance(condition, Truth):
            if condition.value is None:
                return super().decide(condition)
            return decided(YES if condition.value else NO, 1.0)
        return super().decide(condition)

    def _relation(self, relation: Relation) -> Decision:
        answers = [asked(self.path, kind, term) for kind, term in self.questions(relation)]
        return decided(YES if all(answers) else NO, 1.0, relation.left, relation.right)

    def questions(self, relation: Relation) -> list[tuple[str, Term]]:
        """What a relation asks: one question for each pair of entries."""
        if isinstance(relation.left, Rank) and not isinstance(relation.right, np.ndarray):
            r = int(relation.right) - (relation.kind == "less than")
            if relation.kind != "equal":
                answer = relation.left.at_most(r)
                if not answer.opposite:
                    return list(answer.facts)
        left, right = np.broadcast_arrays(_objects(relation.left), _objects(relation.right))
        pairs = [(self.term(a), self.term(b)) for a, b in zip(left.flat, right.flat, strict=True)]
        kind = {"equal": "zero", "at most": "nonnegative", "less than": "positive"}[relation.kind]
        return [(kind, b.minus(a)) for a, b in pairs]


def _objects(value: Any) -> Array:
    result: Array = np.asarray(value, dtype=object)
    return result
