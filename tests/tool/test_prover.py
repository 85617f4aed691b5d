"""The prover: what it proves, what it must not prove, and what a damaged certificate comes to."""

from __future__ import annotations

import ast
import copy
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from theorems import catalogue
from theorems.arithmetic import Rational, normal_forms
from theorems.arithmetic.normal_forms import NormalForms
from theorems.arithmetic.terms import Pool
from theorems.case import SVD, CountCase, MatrixCase, fractions
from theorems.catalogue import claim, stored
from theorems.claim import Claim
from theorems.errors import InputError
from theorems.evidence import certificates, proofs
from theorems.judge.witness import read
from theorems.judge.witness import replay as replayed
from theorems.proofs import attempt as attempts
from theorems.proofs import charts, points
from theorems.proofs.attempt import OPEN, PROVED, Attempt, attempt
from theorems.proofs.certificates import certificate as certificate_of
from theorems.proofs.certificates import component, skeleton
from theorems.proofs.enumeration import enumerated
from theorems.proofs.explore import explore
from theorems.proofs.outcome import COMBINATION, IDENTITY, POINT, SIGNS, SQUARES, Effort
from theorems.proofs.replay import Refused, replay
from theorems.proofs.squares import sum_of_squares
from theorems.statement import at_most, conclude, equal, less_than, suppose

ROOT = Path(__file__).parents[2]


def matrices(*shapes: tuple[int, ...]) -> MatrixCase:
    """A case of these shapes; its entries do not matter."""
    return MatrixCase(tuple(fractions(np.ones(shape)) for shape in shapes))


def tried(statement: Any, case: Any, *, solver: bool = False, probable: bool = False) -> Attempt:
    """One attempt at a statement, whatever instances say."""
    z3 = pytest.importorskip("theorems.proofs.solver").Solver(3000) if solver else None
    effort = Effort(seconds=20.0, squares=sum_of_squares, combine=True, solver=z3, probable=probable)
    known = statement if isinstance(statement, Claim) else Claim(key="tests/own", statement=statement)
    return attempt(known, [case], effort, trusted=True)


def results(made: Attempt) -> dict[str, tuple[str, str]]:
    """Result and technique by conclusion."""
    return {result.conclusion: (result.result, result.technique) for result in made.results}


# what is proved


def test_an_identity_is_proved_by_expansion_with_steps() -> None:
    made = attempt(claim("zeng-lee/equation-1.4"), [matrices((2, 3), (3, 2))], Effort())
    assert results(made) == {"tr(AB) = tr(BA)": (PROVED, IDENTITY)}
    assert replay(json.loads(json.dumps(made.certificates[0]))) == ["tr(AB) = tr(BA)"]


def test_ranks_are_proved_by_their_minors() -> None:
    made = attempt(claim("zeng-lee/equation-1.1"), [matrices((2, 1), (1, 2))], Effort(seconds=20.0))
    assert results(made)["rank(AB) <= rank(A)"] == (PROVED, SIGNS)


def test_an_inequality_is_proved_by_squares() -> None:
    pytest.importorskip("clarabel")
    made = tried(claim("zeng-lee/equation-1.5:norms"), matrices((2, 2), (2, 2)))
    assert results(made) == {"tr(AB) <= ||A||_F ||B||_F": (PROVED, SQUARES)}
    assert made.certificates[0]["kind"] == "steps"


def of_orders(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    a, b, c, x = A.flat
    yield suppose(less_than(a, b), "a < b")
    yield suppose(less_than(b, c), "b < c")
    yield suppose(at_most(num.number(0), x), "x >= 0")
    yield conclude(less_than(num.number(2) * a, b + c), "2a < b + c")
    yield conclude(at_most(a * x, c * x), "a x <= c x")
    sizes = num.absolute(A)
    yield conclude(at_most(a * b - num.absolute(a * c), sizes[0, 0] * sizes[0, 1] + sizes[1, 0]), "by sizes")


def test_an_inequality_is_proved_by_combinations_of_what_is_known() -> None:
    made = tried(of_orders, matrices((2, 2)))
    assert results(made)["2a < b + c"] == (PROVED, COMBINATION)
    assert results(made)["a x <= c x"] == (PROVED, COMBINATION)
    explored = explore(Claim(key="t/t", statement=of_orders), matrices((2, 2)), Effort(combine=True), "seed")
    data = json.loads(json.dumps(certificate_of(explored.traces, list(results(made)), sum_of_squares)))
    assert set(replay(data)) == set(results(made))
    text = json.dumps(data)
    for old, new in (('["fact", 0]', '["fact", 1]'), ('["goal", 0]', '["unknown", 0]'), ('[["1",', '[["2",')):
        assert old in text
        with pytest.raises(Refused):
            replay(json.loads(text.replace(old, new, 1)))


def active_layer(case: MatrixCase, num: Any) -> Iterator[Any]:
    A, x = case.matrices
    shift = num.absolute(A) @ num.maximum(num.absolute(x), num.number(1) + x * 0)
    yield conclude(equal(num.relu(A @ x + shift), A @ x + shift), "a unit with a bias that is large enough is active")


def test_a_fork_that_facts_decide_is_closed_with_a_hint() -> None:
    case = matrices((1, 1), (1, 1))
    effort = Effort(seconds=20.0, combine=True)
    outcome = explore(Claim(key="t/t", statement=active_layer), case, effort, "seed")
    name = "a unit with a bias that is large enough is active"
    assert outcome.proved(name) == COMBINATION
    assert outcome.settled
    data = json.loads(json.dumps(certificate_of(outcome.traces, [name], None)))
    assert replay(data) == [name]
    # told what was found, the statement takes the same paths without a search
    again = explore(
        Claim(key="t/t", statement=active_layer), case, replace(effort, told=tuple(outcome.settled)), "seed"
    )
    bare = [component(traces, None, [name], bare=True) for traces in again.traces]
    own = [skeleton(entry) for entry in data["components"]]
    assert json.loads(json.dumps([skeleton(entry) for entry in bare])) == own


def test_what_there_is_no_formula_for_may_be_anything() -> None:
    def needs_no_spectrum(case: MatrixCase, num: Any) -> Iterator[Any]:
        (A,) = case.matrices
        largest = num.eigenvalue(num.symmetric_part(A), 1)
        yield conclude(at_most(num.number(0), largest * largest + num.number(0)), "a square is not negative")

    assert results(tried(needs_no_spectrum, matrices((3, 3))))["a square is not negative"][0] == PROVED


def test_an_identity_too_large_to_expand_is_certified_at_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_forms, "LARGEST_PRODUCT", 12)
    made = tried(an_inverse, matrices((3, 3), (3, 3)), probable=True)
    assert results(made) == {"(AB)^{-1} = B^{-1} A^{-1}": (PROVED, POINT)}
    assert made.error_bits >= 150
    assert made.certificates[0]["kind"] == "points"


def an_inverse(case: MatrixCase, num: Any) -> Iterator[Any]:
    A, B = case.matrices
    yield suppose(num.nonsingular(A @ B), "AB is non-singular")
    yield conclude(equal(num.solve(A @ B, A), num.solve(B, num.identity(len(B)))), "(AB)^{-1} = B^{-1} A^{-1}")


def test_integers_are_run_through() -> None:
    made = enumerated(Claim(key="t/t", statement=of_counts), [CountCase((1, 1))], seconds=10.0, bound=6)
    assert results(made) == {"the conclusion": (PROVED, "enumeration")}
    assert made.sizes == "every tuple of 2 integers 0..6"
    wrong = enumerated(Claim(key="t/t", statement=of_counts_wrong), [CountCase((1, 1))], seconds=10.0, bound=6)
    assert "(3, 3): fails" in wrong.results[0].reason
    assert wrong.sizes == "every tuple of 2 integers 0..2"


def of_counts(case: CountCase, num: Any) -> Iterator[Any]:
    m, n = case.values
    yield suppose(m <= n, "m <= n")
    yield conclude(at_most(m * m, m * n))


def of_counts_wrong(case: CountCase, num: Any) -> Iterator[Any]:
    m, n = case.values
    yield conclude(at_most(m * n, 8))


# what is not proved


def square_is_trace(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(at_most(num.trace(A), num.trace(A @ A) + num.number(1, 5)), "tr(A) <= tr(A^2) + 1/5")


def rectified(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(equal(num.relu(A), A), "ReLU(A) = A")


def sizes_equal(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(equal(num.absolute(A), A), "|A| = A")


def contradicted(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield suppose(less_than(num.number(0), A[0, 0]), "a > 0")
    yield suppose(less_than(A[0, 0], num.number(0)), "a < 0")
    yield conclude(equal(A[0, 0], num.number(7)), "a = 7")


def scaled(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(equal(A[0, 0], num.number(0), scale=num.number(10**9)), "a = 0, by far")


def of_a_float(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(at_most(num.number(0), num.number(int(float(A[0, 0]) ** 2))), "a^2 >= 0, in floats")


def singular_values_swapped(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(at_most(num.singular_value(A, 1), num.singular_value(A, 2)), "sigma_1 <= sigma_2")


def generic_rank(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(num.rank(A) == 2, "rank(A) = 2")


def generic_inverse(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(num.nonsingular(A), "A is non-singular")


def choices_alike(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    a, one, none = A[0, 0], num.number(1), num.number(0)
    yield conclude(equal(num.where(a > 0, one, none), num.where(a < 0, one, none)), "one choice is the other")


def choice_of_two(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    chosen = num.where(A[0, 0] >= 0, num.number(1), num.number(2))
    yield conclude(equal(chosen, num.number(1)), "a choice is its first")


def rectified_sum(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    rows = num.relu(A)
    yield conclude(equal(num.relu(A[:, 0] + A[:, 1]), rows[:, 0] + rows[:, 1]), "ReLU(a + b) = ReLU(a) + ReLU(b)")


def least_of_all(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(at_most(num.largest(A[0]), num.smallest(A[0])), "max <= min")


def eigenvalues_swapped(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    S = num.symmetric_part(A)
    yield conclude(at_most(num.eigenvalue(S, 1), num.eigenvalue(S, len(S))), "lambda_1 <= lambda_n")


def product_of_facts(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield suppose(at_most(num.number(0), A[0, 0]), "a >= 0")
    yield conclude(less_than(num.number(0), A[0, 0] * A[0, 0]), "a^2 > 0")


def rank_plus_one(case: MatrixCase, num: Any) -> Iterator[Any]:
    (A,) = case.matrices
    yield conclude(num.rank(A) + 1 <= len(A), "rank(A) + 1 <= n")


FALSE = [
    (choices_alike, (1, 1)),
    (choice_of_two, (1, 1)),
    (rectified_sum, (1, 2)),
    (least_of_all, (1, 2)),
    (eigenvalues_swapped, (2, 2)),
    (eigenvalues_swapped, (3, 3)),
    (product_of_facts, (1, 1)),
    (rank_plus_one, (2, 2)),
    (square_is_trace, (1, 1)),
    (rectified, (1, 1)),
    (sizes_equal, (1, 1)),
    (scaled, (1, 1)),
    (singular_values_swapped, (2, 2)),
    (generic_rank, (2, 2)),
    (generic_inverse, (2, 2)),
    (contradicted, (1, 1)),
    (of_a_float, (1, 1)),
]


@pytest.mark.parametrize("solver", [False, True])
@pytest.mark.parametrize(("statement", "shape"), FALSE)
def test_what_is_false_is_never_proved(statement: Any, shape: tuple[int, int], solver: bool) -> None:
    made = tried(statement, matrices(shape), solver=solver)
    assert all(result.result != PROVED for result in made.results)


@pytest.mark.parametrize(("statement", "shape"), FALSE)
def test_what_is_false_is_no_identity_at_points(statement: Any, shape: tuple[int, int]) -> None:
    made = tried(statement, matrices((4, 4)), probable=True)
    assert all(result.result != PROVED for result in made.results)


def test_a_conversion_to_floats_is_said() -> None:
    assert "to a float" in tried(of_a_float, matrices((1, 1))).reason


#: Refuted claims of several kinds; the whole of them, and a thousand planted variants: `python -m benchmarks.prover`.
REFUTED = (
    "zeng-lee/equation-1.5",
    "zeng-lee/equation-1.7",
    "zeng-lee/lemma-9.value:without-nonsingularity",
    "textbook/corollary-11.5",
    "textbook/corollary-11.7",
)


@pytest.mark.parametrize("key", REFUTED)
def test_no_refuted_claim_is_proved_at_the_shape_of_its_witness(key: str) -> None:
    known = claim(key)
    witness = read(stored()[key], [known])
    found = replayed(witness, known, witness.arithmetic)
    assert found.report is not None
    assert found.report.violation is not None
    effort = Effort(seconds=2.0, squares=sum_of_squares, combine=True)
    made = attempt(known, [witness.case], effort, trusted=True)
    proved = {result.conclusion for result in made.results if result.result == PROVED}
    assert found.report.violation.conclusion not in proved


def test_without_an_instance_nothing_is_proved() -> None:
    impossible = Claim(key="tests/impossible", statement=contradicted)
    made = attempt(impossible, [matrices((1, 1))], Effort())
    assert not made.results
    assert "no instance" in made.reason


def test_an_instance_that_violates_it_ends_the_attempt() -> None:
    made = attempt(claim("zeng-lee/equation-1.5"), [identities()], Effort())
    assert results(made) == {} or made.results[0].result == OPEN or "violates" in made.reason


def identities() -> MatrixCase:
    return MatrixCase((fractions(np.array([[0, 0], [1, 0]])), fractions(np.array([[0, 1], [0, 0]]))))


def test_a_solver_finds_the_counterexample_again() -> None:
    made = tried(claim("zeng-lee/equation-1.5"), matrices((2, 2), (2, 2)), solver=True)
    assert made.models
    from theorems.strategies.search.conviction import convict

    assert convict(claim("zeng-lee/equation-1.5"), made.models[0]) is not None


# charts


@pytest.mark.parametrize(("m", "k"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 2), (4, 4), (5, 5)])
@pytest.mark.parametrize("sign", [1, -1])
def test_orthonormal_leaves_are_orthonormal_and_of_their_sign(m: int, k: int, sign: int) -> None:
    U = charts.orthonormal(m, k, sign, "U", charts.Point("seed"))
    exact = Rational().load(MatrixCase((U,))).matrices[0]
    assert Rational().orthonormal(exact)
    if m == k:
        assert Rational().determinant(exact) == sign


def test_every_sign_has_its_chart() -> None:
    from theorems.models.linear import Adapter, TruncationCase

    one = fractions(np.eye(2))
    case = TruncationCase(SVD(one, fractions(np.ones(2)), one), Adapter(one, one))
    assert len(charts.charts(case, by_sign=True)) == 4
    assert len(charts.charts(case, by_sign=False)) == 1


def test_points_depend_on_the_seed_alone() -> None:
    a, b, other = (charts.Point(seed).free("x") for seed in ("s", "s", "t"))
    assert a == b != other
    assert a.numerator.bit_length() > 100


def test_the_error_of_two_points() -> None:
    assert points.error_bits(1) == 256
    assert points.error_bits(2**20) == 216


# terms


def test_terms_and_their_normal_forms_agree_with_fractions() -> None:
    generator = np.random.default_rng(0)
    for _ in range(40):
        pool = Pool("terms")
        unknowns = [pool.free(f"x{i}") for i in range(3)]
        numbers = [Fraction(int(n), 7) for n in generator.integers(-9, 10, 3)]
        made: list[tuple[Any, Fraction]] = list(zip(unknowns, numbers, strict=True))
        for _ in range(5):
            (a, p), (b, q) = (made[i] for i in generator.integers(0, len(made), 2))
            made += [(a + b, p + q), (a - b, p - q), (a * b, p * q)][generator.integers(0, 3) :][:1]
            if q != 0 and pool.values[b.number] != 0:
                made.append((a / b, p / q))
        forms = NormalForms(pool)
        for term, value in made:
            n, d = forms.of(term)
            entries = [f"{x.numerator}/{x.denominator}" for x in numbers] + ["0"] * (forms.room - 3)
            top, bottom = (_value(poly, entries) for poly in (n, d))
            assert bottom == 0 or top / bottom == value


def _value(polynomial: Any, entries: list[str]) -> Fraction:
    total = Fraction(0)
    for exponents, c in polynomial.to_dict().items():
        product = Fraction(int(c.p), int(c.q))
        for entry, e in zip(entries, exponents, strict=True):
            product *= Fraction(entry) ** int(e)
        total += product
    return total


# certificates


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    made = attempt(claim("zeng-lee/equation-1.1"), [matrices((2, 1), (1, 2))], Effort(seconds=30.0))
    data: dict[str, Any] = json.loads(json.dumps(made.certificates[0]))
    return data


def damaged(data: Any) -> Iterator[tuple[str, Any]]:
    """A certificate with one thing changed, in many ways."""
    for c, chart in enumerate(data["components"]):
        for p in range(len(chart["paths"])):
            other = copy.deepcopy(data)
            del other["components"][c]["paths"][p]
            yield f"path {p} is missing", other
            for f, (kind, _, why) in enumerate(chart["paths"][p]["facts"]):
                if why == "decision":
                    other = copy.deepcopy(data)
                    other["components"][c]["paths"][p]["facts"][f][0] = "zero" if kind != "zero" else "nonzero"
                    yield f"fact {f} of path {p} is turned", other
        for i, node in enumerate(chart["nodes"]):
            if node[0] in "+*":
                other = copy.deepcopy(data)
                other["components"][c]["nodes"][i][0] = "*" if node[0] == "+" else "+"
                yield f"node {i} is another operation", other


def test_a_damaged_certificate_is_refused(certificate: dict[str, Any], tmp_path: Path) -> None:
    known = claim("zeng-lee/equation-1.1")
    certificates.write(known, [certificate], tmp_path)
    file = tmp_path / certificates.FOLDER / certificates.name_of(known)
    assert len(certificates.verified(file, known)) == 2
    count = 0
    for what, other in damaged(certificate):
        if count % 7 == 0:  # a sample: each is replayed and compared
            certificates.write(known, [other], tmp_path)
            with pytest.raises(InputError, match="refused"):
                certificates.verified(file, known)
            assert what
        count += 1
    assert count > 20


def test_the_replay_alone_refuses_what_does_not_add_up(certificate: dict[str, Any]) -> None:
    refused = 0
    for _, other in damaged(certificate):
        try:
            replay(other)
        except (Refused, KeyError, IndexError, ArithmeticError):
            refused += 1
    assert refused > 20
    with pytest.raises(Refused):
        replay({"components": []})


def test_a_certificate_of_squares_with_another_number_is_refused() -> None:
    pytest.importorskip("clarabel")
    made = tried(claim("zeng-lee/equation-1.5:norms"), matrices((2, 2), (2, 2)))
    text = json.dumps(made.certificates[0])
    assert replay(json.loads(text))
    for old, new in (('"squares", [["1"', '"squares", [["2"'), ('"squares", [["1"', '"squares", [["-1"')):
        if old in text:
            with pytest.raises(Refused):
                replay(json.loads(text.replace(old, new, 1)))


def test_a_certificate_of_points_with_other_points_is_refused(tmp_path: Path) -> None:
    known = claim("zeng-lee/equation-1.6")
    made = attempt(known, [matrices((5, 5))], Effort(seconds=20.0, probable=True))
    kept = [data for data in made.certificates if data["kind"] == "points"] or made.certificates
    certificates.write(known, kept, tmp_path)
    file = tmp_path / certificates.FOLDER / certificates.name_of(known)
    assert certificates.verified(file, known)
    for change in ({"seed": "mine"}, {"sizes": "matrices 2x2"}, {"conclusions": ["more than it shows"]}):
        certificates.write(known, [{**kept[0], **change}], tmp_path)
        with pytest.raises(InputError, match="refused"):
            certificates.verified(file, known)


def test_the_replay_imports_nothing_but_the_standard_library() -> None:
    """Its own file, the bounds on boxes, and the enclosures and errors that these use."""
    todo, seen = ["theorems.proofs.replay"], set()
    while todo:
        module = todo.pop()
        seen.add(module)
        source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        names = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == "theorems.proofs":
                names |= {f"theorems.proofs.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
        own = {name for name in names if name.startswith("theorems")}
        assert {name.partition(".")[0] for name in names - own} <= sys.stdlib_module_names
        todo += own - seen
    assert seen == {
        "theorems.proofs.replay",
        "theorems.proofs.boxes",
        "theorems.arithmetic.enclosure",
        "theorems.errors",
    }
    replay_alone = (ROOT / "theorems" / "proofs" / "replay.py").read_text(encoding="utf-8")
    assert len(replay_alone.splitlines()) <= 325


def test_ldl_factors_are_exact() -> None:
    from theorems.proofs.squares import ldl

    Q = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1, 2)]]
    factors = ldl(Q)
    assert factors is not None
    rebuilt = [[sum(d * c[i] * c[j] for d, c in factors) for j in range(2)] for i in range(2)]
    assert rebuilt == Q
    assert ldl([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(1)]]) is None


def test_a_polynomial_that_is_no_sum_of_squares_has_none() -> None:
    pytest.importorskip("clarabel")
    assert sum_of_squares({(2, 0): Fraction(1), (1, 1): Fraction(-3), (0, 2): Fraction(1)}) is None
    assert sum_of_squares({(2, 0): Fraction(1), (1, 1): Fraction(-2), (0, 2): Fraction(1)}) is not None


def test_the_outcome_of_an_open_run_says_why() -> None:
    outcome = explore(Claim(key="t/t", statement=square_is_trace), matrices((2, 2)), Effort(), "seed")
    assert outcome.proved("tr(A) <= tr(A^2) + 1/5") is None
    assert outcome.conclusions["tr(A) <= tr(A^2) + 1/5"].reason
    assert attempts.LEAST == 150


# commands


def test_a_claim_of_a_file_is_proved_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from theorems.__main__ import main

    file = tmp_path / "mine.py"
    file.write_text(OWN, encoding="utf-8")
    words = ["prove", f"{file}::CLAIM", "--seconds", "2", "--jobs", "1", "--technique", "identity", "--json"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["key"], row["result"], row["technique"]) for row in rows} == {("mine/turned", "proved", "identity")}
    assert all(row["sizes"].startswith("matrices ") for row in rows)
    kept = (tmp_path / "out" / "proofs.json").read_text(encoding="utf-8")
    assert "mine/turned" in kept


OWN = '''from theorems import Claim, conclude, equal
from theorems.strategies import matrices


def turned(case, num):
    """tr(A) = tr(A^T)."""
    (A,) = case.matrices
    yield conclude(equal(num.trace(A), num.trace(A.mT)), "tr(A) = tr(A^T)")


CLAIM = Claim(key="mine/turned", statement=turned)
CASES = {"mine/turned": matrices(count=1, structure="symmetric")}
'''


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prove"], "nothing to prove"),
        (["prove", "zeng-lee/equation-1.4", "--sizes", "two"], "is no bound"),
        (["prove", "zeng-lee/equation-1.4", "--seconds", "0"], "positive number"),
        (["verify", "--proofs", "--restamp"], "leave out the other options"),
    ],
)
def test_wrong_words_cost_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    from theorems.__main__ import main

    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_a_missing_solver_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import importlib.util

    from theorems.__main__ import main

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "z3" else found(name))
    assert main(["prove", "zeng-lee/equation-1.4"]) == 2
    assert "pip install 'theorem-checker[proofs]'" in capsys.readouterr().err


def test_a_counterexample_becomes_a_theorem_with_its_formula() -> None:
    from theorems.proofs.coq import export

    made = export(claim("zeng-lee/equation-1.5"), identities())
    assert made.text.startswith("(* zeng-lee/equation-1.5")
    assert "exists x0 x1" in made.text
    assert "~ (" in made.text
    assert made.text.rstrip().endswith("Qed.")


def test_stored_certificates_are_replayed() -> None:
    from theorems.catalogue import claims

    known = claims()
    files = certificates.stored(known.values())
    small = sorted((path.stat().st_size, key) for key, path in files.items())[:6]
    for _, key in small:
        if json.loads(files[key].read_bytes())["digest"] == known[key].digest:
            assert certificates.verified(files[key], known[key])


def test_a_certificate_is_said_only_where_every_conclusion_has_one_that_is_stored() -> None:
    said = [one for one in catalogue.claims().values() if "with a certificate" in proofs.headline(one)]
    assert len(said) > 100
    for one in said:
        text = catalogue.text_of(one.key)
        assert text is not None
        for conclusion in (proofs.describe(one) or {})["conclusions"]:
            files = [text.evidence / "certificates" / str(proof["certificate"]) for proof in conclusion["proofs"]]
            assert any(file.suffix == ".json" and file.is_file() for file in files), one.key
