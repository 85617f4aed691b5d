"""Refutations as theorems of Coq: the statement, run on formulas at the numbers of its witness.

The theorem says that there are numbers at which the hypotheses hold and the conclusion does not; its text holds the
whole formula, operation by operation, and its proof nothing but arithmetic.  Roots are Coq's `sqrt`, singular values of
matrices with two rows or columns their closed form.  Of an obstruction (a lower bound for every choice) the theorem
says the inequality, not that the bound is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theorems.arithmetic.answers import Answer
from theorems.arithmetic.base import YES
from theorems.arithmetic.facts import OPPOSITE
from theorems.arithmetic.terms import PRIME, Pool, Term, Unknown
from theorems.case import Array, CountCase, fraction, map_arrays, named_leaves
from theorems.claim import Claim
from theorems.errors import Undefined, Unsupported
from theorems.proofs.labelled import Counted, Labels, integer_text, number_text, real_text
from theorems.proofs.traced import Traced, ValuePath
from theorems.statement import Conclude, Existence, Relation, Suppose

#: Operations of a theorem at most.
MOST = 2500

PREAMBLE = """(* Written by `theorems export --coq`: refutations, as theorems over the real numbers. *)
Require Import Reals Lra Psatz ZArith Lia.
Open Scope R_scope.

Lemma product_within : forall a b k l m n lo hi : R, k <= a <= l -> m <= b <= n ->
  lo <= k * m -> lo <= k * n -> lo <= l * m -> lo <= l * n ->
  k * m <= hi -> k * n <= hi -> l * m <= hi -> l * n <= hi -> lo <= a * b <= hi.
Proof.
  intros a b k l m n lo hi [Ha Ha'] [Hb Hb'] H1 H2 H3 H4 H5 H6 H7 H8.
  assert (Hk : Rmin (k * m) (k * n) <= k * b <= Rmax (k * m) (k * n)).
  { destruct (Rle_dec 0 k); unfold Rmin, Rmax; destruct (Rle_dec (k * m) (k * n)); split; nra. }
  assert (Hl : Rmin (l * m) (l * n) <= l * b <= Rmax (l * m) (l * n)).
  { destruct (Rle_dec 0 l); unfold Rmin, Rmax; destruct (Rle_dec (l * m) (l * n)); split; nra. }
  assert (lo <= k * b <= hi) by (unfold Rmin, Rmax in Hk; destruct (Rle_dec (k * m) (k * n)); lra).
  assert (lo <= l * b <= hi) by (unfold Rmin, Rmax in Hl; destruct (Rle_dec (l * m) (l * n)); lra).
  destruct (Rle_dec 0 b); split; nra.
Qed.

Lemma quotient_within : forall a b k l m n lo hi : R, k <= a <= l -> m <= b <= n -> 0 < m ->
  lo * m <= k -> lo * n <= k -> l <= hi * m -> l <= hi * n -> lo <= a / b <= hi.
Proof.
  intros a b k l m n lo hi [Ha Ha'] [Hb Hb'] Hm H1 H2 H3 H4.
  assert (E : a = a / b * b) by (field; lra).
  assert (lo * b <= k) by (destruct (Rle_dec 0 lo); nra).
  assert (l <= hi * b) by (destruct (Rle_dec 0 hi); nra).
  split; nra.
Qed.

Lemma root_of_square : forall a r : R, 0 <= r -> r * r = a -> sqrt a = r.
Proof. intros a r H E. rewrite <- E. now apply sqrt_square. Qed.

Lemma root_within : forall a k l lo hi : R, k <= a <= l -> 0 <= lo -> 0 <= hi -> 0 <= k -> lo * lo <= k ->
  l <= hi * hi -> lo <= sqrt a <= hi.
Proof.
  intros a k l lo hi [Ha Ha'] Hlo Hhi Hk H1 H2.
  assert (S : sqrt a * sqrt a = a) by (apply sqrt_sqrt; lra).
  pose proof (sqrt_pos a). split; nra.
Qed.

"""

RELATIONS = {"zero": "=", "positive": ">", "nonnegative": ">=", "nonzero": "<>", "nonpositive": "<=", "negative": "<"}


@dataclass(frozen=True)
class Exported:
    """A theorem: its name, text and proof; `remark` says what it leaves out."""

    name: str
    text: str
    remark: str = ""


def name_of(claim: Claim) -> str:
    """The name of the theorem of a claim."""
    return "refuted_" + re.sub(r"[^A-Za-z0-9]+", "_", claim.key)


def export(claim: Claim, case: Any) -> Exported:
    """The theorem that a witness is.  Raises `Unsupported` for what it cannot write out."""
    if isinstance(case, CountCase):
        return _counted(claim, case)
    pool = Pool(claim.key)
    path = ValuePath(pool)
    num = Traced(path)  # type: ignore[arg-type]

    def unknowns(array: Array) -> Any:
        result = np.empty(array.shape, dtype=object)
        for position in np.ndindex(array.shape):
            value = fraction(array[position])
            number = value.numerator * pow(value.denominator, -1, PRIME)
            result[position] = pool.unknown(Unknown(f"x{len(pool.unknowns)}"), number)
            path.numbers[len(pool.unknowns) - 1] = value
        return result

    pool.oracle = path
    loaded = map_arrays(case, unknowns)
    names = _names(case)
    with num.running(loaded):
        for step in claim.statement(loaded, num):
            if isinstance(step, Suppose):
                if step.name not in claim.skip:
                    _questions(num, step.condition, note=True)
            elif isinstance(step, Conclude):
                questions, remark = _concluded(num, step)
                if questions is None or not all(path.holds(kind, term) for kind, term in questions):
                    return Exported(name_of(claim), _theorem(claim, step, path, questions, names, remark), remark)
    raise Unsupported("nothing is violated")


def _names(case: Any) -> list[str]:
    names = []
    for name, leaf in named_leaves(case):
        if isinstance(leaf, np.ndarray):
            names += [f"{name}[{', '.join(str(i + 1) for i in position)}]" for position in np.ndindex(leaf.shape)]
    return names


def _questions(num: Traced, condition: Any, *, note: bool) -> list[tuple[str, Term]] | None:
    """What a condition asks, noted as facts where it is a hypothesis; None for a bare answer that is no."""
    if isinstance(condition, Relation):
        questions = num.questions(condition)
    else:
        value = getattr(condition, "value", None)
        if not isinstance(value, Answer):
            return [] if value else None
        if value.opposite and len(value.facts) != 1:
            return [] if value else None
        questions = [(OPPOSITE[k], t) for k, t in value.facts] if value.opposite else list(value.facts)
    if note:
        for kind, term in questions:
            num.path.suppose(kind, term, "hypothesis")
    return questions


def _concluded(num: Traced, step: Conclude) -> tuple[list[tuple[str, Term]] | None, str]:
    condition = step.condition
    if not isinstance(condition, Existence):
        return _questions(num, condition, note=False), ""
    try:
        attained = num.questions(Relation("at most", condition.attained(), condition.bound))
        if all(num.path.holds(kind, term) for kind, term in attained):  # type: ignore[attr-defined]
            return attained, ""
    except (Undefined, Unsupported):
        pass
    for lower_bound in condition.lower_bounds:
        value = lower_bound() if callable(lower_bound) else lower_bound
        questions = num.questions(Relation("at most", value, condition.bound))
        if not all(num.path.holds(kind, term) for kind, term in questions):  # type: ignore[attr-defined]
            return questions, "an obstruction: that its left side bounds every choice is not part of the theorem"
    raise Unsupported("no obstruction bites")


def _theorem(
    claim: Claim,
    step: Conclude,
    path: ValuePath,
    violated: list[tuple[str, Term]] | None,
    names: list[str],
    remark: str,
) -> str:
    pool = path.pool
    facts = [fact for fact in path.facts.values() if fact.term.fixed is None]
    wrong = [(kind, term) for kind, term in violated or () if not path.holds(kind, term)][:1]
    used: set[int] = set()
    todo = [*(fact.term.number for fact in facts), *(term.number for _, term in wrong)]
    while todo:
        number = todo.pop()
        if number in used:
            continue
        used.add(number)
        todo += _below(path, number)
    if len(used) > MOST:
        raise Unsupported(f"a formula of {len(used)} operations")
    for number in used:
        path.value(Term(pool, number))
    order = _ordered(path, used)
    shown = {number: _shown(path, number) for number in order}
    free = [k for k in sorted(path.numbers) if pool.variable(k).number in used]
    conjuncts = [f"{shown[f.term.number]} {RELATIONS[f.kind]} 0" for f in facts]
    if wrong:
        kind, term = wrong[0]
        text = shown.get(term.number) or number_text(term.fixed or Fraction(0))
        conjuncts.append(f"~ ({text} {RELATIONS[kind]} 0)")
    if not conjuncts:
        raise Unsupported("a conclusion that is no formula in the entries of the case")
    lines = [f"(* {_comment(claim.key)}: {_comment(claim.summary)}"]
    lines += [f"   The last line denies: {_comment(step.name)}." + (f"  It is {_comment(remark)}." if remark else "")]
    lines += [f"   {'; '.join(f'x{k} = {_comment(names[k])}' for k in free)} *)"]
    lines.append(f"Theorem {name_of(claim)} :" + (f" exists {' '.join(f'x{k}' for k in free)} : R," if free else ""))
    steps = [n for n in order if pool.nodes[n][0] in "+*/" or pool.nodes[n][1] in path.of_roots]
    lines += [f"  let n{n} := {_made(path, n, shown)} in" for n in steps if pool.nodes[n][0] != "c"]
    lines.append("  " + " /\\\n  ".join(conjuncts) + ".")
    lines.append("Proof.")
    if free:
        lines.append("  " + " ".join(f"exists {number_text(path.numbers[k])}." for k in free))
    for n in steps:
        if pool.nodes[n][0] != "c":
            lines.append(f"  intro n{n}. " + _proved(path, n, shown))
    ways = "first [ lra | intro; lra | apply Rlt_not_eq; lra | apply Rgt_not_eq; lra ]"
    terms = [*(fact.term.number for fact in facts), *(term.number for _, term in wrong)]
    for place, number in enumerate(terms):
        goal = f"{_only(shown, [number])}; {ways}"
        lines.append(f"  {goal}." if place == len(terms) - 1 else f"  split; [ {goal} | ].")
    lines.append("Qed.\n")
    return "\n".join(lines)


def _comment(text: str) -> str:
    return text.replace("(*", "( *").replace("*)", "* )").replace('"', "''")


def _below(path: ValuePath, number: int) -> list[int]:
    node = path.pool.nodes[number]
    if node[0] in "+*/":
        return list(node[1:])
    if node[0] == "x" and node[1] in path.of_roots:
        return [path.of_roots[node[1]].number]
    return []


def _ordered(path: ValuePath, used: set[int]) -> list[int]:
    """The nodes, each after what it is made of."""
    order: list[int] = []
    done: set[int] = set()
    for start in sorted(used):
        stack = [start]
        while stack:
            number = stack[-1]
            missing = [i for i in _below(path, number) if i not in done]
            if missing:
                stack += missing
                continue
            stack.pop()
            if number not in done:
                done.add(number)
                order.append(number)
    return order


def _shown(path: ValuePath, number: int) -> str:
    node = path.pool.nodes[number]
    if node[0] == "c":
        return number_text(node[1])
    return f"x{node[1]}" if node[0] == "x" and node[1] not in path.of_roots else f"n{number}"


def _made(path: ValuePath, number: int, shown: dict[int, str]) -> str:
    node = path.pool.nodes[number]
    if node[0] == "x":
        return f"sqrt {shown[path.of_roots[node[1]].number]}"
    return f"{shown[node[1]]} {node[0]} {shown[node[2]]}"


def _proved(path: ValuePath, number: int, shown: dict[int, str]) -> str:
    """The step of the proof that gives a node its value, or its bounds."""
    node = path.pool.nodes[number]
    low, high = path.values[number]
    below = _below(path, number)
    exact = [i for i in below if path.values[i][0] == path.values[i][1] and shown[i].startswith("n")]
    rewrites = f"rewrite ?{', ?'.join(f'E{i}' for i in dict.fromkeys(exact))}; " if exact else ""
    name = f"n{number}"
    if low == high:
        rule = "apply root_of_square; lra" if node[0] == "x" else "first [ lra | field | ring ]"
        known = f"{rewrites}clear; {rule}"
        return f"assert (E{number} : {name} = {number_text(low)}) by (unfold {name}; {known}). clearbody {name}."
    open_ = [i for i in below if i not in exact]
    bounds = f"{number_text(low)} <= {name} <= {number_text(high)}"
    sides = [_within(path, i, shown) for i in below]
    if node[0] == "x":
        rule = f"apply (root_within _ {sides[0][0]} {sides[0][1]}); {{0}}"
    elif node[0] == "+":
        rule = "lra"
    else:
        lemma = "product_within" if node[0] == "*" else "quotient_within"
        ends = " ".join(f"{a} {b}" for a, b, _ in sides)
        rule = f"apply ({lemma} _ _ {ends}); {{0}}"
    rule = rule.replace("{0}", "lra")
    known = f"{rewrites}{_only(shown, open_)}; {rule}"
    return f"assert (E{number} : {bounds}) by (unfold {name}; {known}). clearbody {name}."


def _only(shown: dict[int, str], numbers: list[int]) -> str:
    """The tactic that forgets all that is not known of these nodes: `lra` looks at everything that it is left."""
    kept = [f"E{number}" for number in dict.fromkeys(numbers) if shown.get(number, "").startswith("n")]
    return f"clear - {' '.join(kept)}" if kept else "clear"


def _within(path: ValuePath, number: int, shown: dict[int, str]) -> tuple[str, str, bool]:
    low, high = path.values[number]
    return number_text(low), number_text(high), low == high


def _counted(claim: Claim, case: CountCase) -> Exported:
    """A theorem on integers, with the formulas of both sides."""
    letters = [f"k{i}" for i in range(len(case.values))]
    loaded = CountCase(tuple(Counted(v, letter) for v, letter in zip(case.values, letters, strict=True)))
    num = Labels()
    for step in claim.statement(loaded, num):
        if not isinstance(step, Conclude):
            continue
        relation = step.condition
        if not isinstance(relation, Relation):
            raise Unsupported("a conclusion on integers that is no relation")
        if num.decide(relation).verdicts[0] == YES:
            continue
        sides = [relation.left, relation.right]
        sign = {"at most": "<=", "less than": "<", "equal": "="}[relation.kind]
        whole = all(isinstance(side, int) for side in sides)
        if not all(isinstance(side, int | Fraction) for side in sides):
            raise Unsupported("a conclusion on integers with an irrational side")
        left, right = map(integer_text if whole else real_text, sides)
        text = [
            f"(* {_comment(claim.key)}: {_comment(claim.summary)}",
            f"   It denies: {_comment(step.name)}. *)",
            f"Theorem {name_of(claim)} : exists {' '.join(letters)} : Z,",
            f"  (~ ({left} {sign} {right})){'%Z' if whole else ''}.",
            "Proof.",
            "  " + " ".join(f"exists ({int(v)})%Z." for v in case.values),
            "  intro H. vm_compute in H. first [ discriminate H | now apply H | congruence ]."
            if whole
            else "  intro H. cbv - [Rle Rlt Rplus Rminus Rmult Rdiv Rinv Ropp IZR] in H. lra.",
            "Qed.\n",
        ]
        return Exported(name_of(claim), "\n".join(text))
    raise Unsupported("nothing is violated")
