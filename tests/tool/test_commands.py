"""The commands list, show and verify: what they print, what they return, and how they refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import theorems.judge.witness
from tests import fake_catalogue as fake
from theorems.__main__ import COMMANDS, main
from theorems.arithmetic import ARITHMETICS, Fractions
from theorems.case import CountCase, MatrixCase
from theorems.claim import Claim
from theorems.judge.driver import Violation, check
from theorems.judge.reads import legible, reads
from theorems.judge.witness import judge, read
from theorems.report.rendering import entry_text, matrix_lines, render_case, render_violation
from theorems.report.selection import statement_of
from theorems.statement import Existence, Relation, conclude

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalogue, with both its refuted claims witnessed."""
    made = tmp_path / "witnesses"
    made.mkdir()
    fake.install(monkeypatch, made)
    fake.store(made, fake.TRACE, fake.trace_case())
    fake.store(made, fake.SIGMA, fake.sigma_case())
    monkeypatch.chdir(tmp_path)
    return made


def run(capsys: Capture, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    code = main(words)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def refused(capsys: Capture, *words: str, code: int = 2) -> str:
    """The one line on stderr of a refused command."""
    found, _, err = run(capsys, *words)
    assert found == code
    assert err.startswith("theorems: ")
    assert err.count("\n") == 1
    return err


# list ---------------------------------------------------------------------------------------------------------------


def test_list_prints_a_table(capsys: Capture) -> None:
    code, out, err = run(capsys, "list")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    lines = out.splitlines()
    assert any(line.split() == ["ours/trace", "Trace", "false"] for line in lines)
    assert lines[-4:] == [
        "3 statements: 4 claims, 3 of the page and 1 reading of it",
        "1 stand: 1 sampled",
        "2 fall: 1 false, 1 refuted; of the page 1 false, 1 refuted",
        "the others: 1 not judged",
    ]


def test_list_json(capsys: Capture) -> None:
    code, out, err = run(capsys, "list", "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    assert [row["key"] for row in rows] == [claim.key for claim in fake.CLAIMS]
    assert rows[0] == {
        "key": "ours/trace",
        "source": "ours",
        "label": "Trace",
        "section": "Section 1",
        "reading": "as meant",
        "statement": "tr(AB) <= tr(A) tr(B).",
        "verdict": "refuted",
        "kind": "false",
        "place": None,
        "printed": None,
        "hypotheses": ["A and B have one size"],
        "evidence": "two nilpotent matrices",
        "witness": "ours__trace.json",
        "repaired_by": "ours/trace:semidefinite",
        "strength": [],
    }
    assert rows[1]["hypotheses"] == ["A and B are positive semidefinite", "A and B have one size"]
    assert [row["source"] for row in rows] == ["ours", "ours", "zeng-lee", "textbook"]
    assert [row["verdict"] for row in rows] == ["refuted", "corroborated", "refuted", None]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["--source", "ours"], ["ours/trace", "ours/trace:semidefinite"]),
        (["--verdict", "refuted"], ["ours/trace", "zeng-lee/sigma.value"]),
        (["--kind", "false"], ["ours/trace"]),
        (["--verdict", "none"], ["textbook/theorem-11.9.order"]),
        (["--source", "ours", "--verdict", "empirical"], []),
    ],
)
def test_list_filters(capsys: Capture, words: list[str], keys: list[str]) -> None:
    assert [row["key"] for row in json.loads(run(capsys, "list", "--json", *words)[1])] == keys
    assert f": {len(keys)} claim" in run(capsys, "list", *words)[1]


@pytest.mark.parametrize(
    ("key", "statement"),
    [
        ("zeng-lee/lemma-9", "zeng-lee/lemma-9"),
        ("zeng-lee/lemma-10.q-matrices.rank:repaired", "zeng-lee/lemma-10"),
        ("textbook/theorem-11.9", "textbook/theorem-11.9"),
        ("textbook/theorem-11.9.order:word", "textbook/theorem-11.9"),
    ],
)
def test_the_statement_of_a_key(key: str, statement: str) -> None:
    assert statement_of(key) == statement


# show ---------------------------------------------------------------------------------------------------------------


def test_show_begins_with_what_matters(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdict, what is violated, the case, what stands instead; the rest behind --all; no line beyond the terminal."""
    monkeypatch.setenv("COLUMNS", "40")
    code, out, err = run(capsys, "show", "ours/trace")
    assert (code, err) == (0, "")
    order = ("tr(AB) <= tr(A)", "verdict: refuted", "violated, in", "witness: ", "repaired by", "--all")
    places = [out.index(text) for text in order]
    assert places == sorted(places)
    assert "Hypotheses  A and B are square" not in out
    assert all(len(line) <= 40 for line in out.splitlines() if line.startswith("  ") and " " in line.strip())


def test_show_a_refuted_claim(capsys: Capture) -> None:
    code, out, err = run(capsys, "show", "ours/trace", "--all")
    assert (code, err) == (0, "")
    for text in (
        "ours, Trace (Section 1); reading: as meant",
        "Hypotheses  A and B are square",
        "- A and B have one size",
        "verdict: refuted",
        "two nilpotent matrices",
        "matrices[1], 2 x 2\n    [   0  0 ]\n    [ 3/2  0 ]",
        "left = 3/2 <= right = 0 is violated, by 3/2",
        "replay it: theorems verify ours/trace",
        "repaired by ours/trace:semidefinite",
        "tr(AB) <= tr(A) tr(B) for positive semidefinite A and B.",
        "ours/trace:semidefinite  corroborated",
    ):
        assert text in out, text


def test_show_json(capsys: Capture) -> None:
    data = json.loads(run(capsys, "show", "ours/trace", "--json")[1])
    assert data["counterexample"]["violation"] == {
        "conclusion": "tr(AB) <= tr(A) tr(B)", "relation": "at most", "left": "3/2", "right": "0", "margin": -1.0
    }  # fmt: skip
    assert data["counterexample"]["case"]["fields"]["matrices"][0]["entries"] == [["0", "1"], ["0", "0"]]
    assert data["repair"]["key"] == "ours/trace:semidefinite"
    assert data["siblings"] == [{"key": "ours/trace:semidefinite", "verdict": "corroborated", "kind": None}]


def test_show_a_statement_with_parts(capsys: Capture) -> None:
    for key in ("zeng-lee/sigma", "textbook/theorem-11.9"):
        code, out, _ = run(capsys, "show", key)
        assert code == 0
        assert out.startswith(f"{key}: 1 claim\n  {key}.")
        assert [claim["key"] for claim in json.loads(run(capsys, "show", key, "--json")[1])["claims"]] == [
            claim.key for claim in fake.CLAIMS if claim.key.startswith(key)
        ]


def test_show_a_claim_without_anything(capsys: Capture) -> None:
    code, out, _ = run(capsys, "show", "textbook/theorem-11.9.order")
    assert code == 0
    assert "not judged" in out
    assert "witness" not in out


def test_show_says_when_the_witness_is_missing_or_broken(capsys: Capture, folder: Path) -> None:
    path = folder / "ours__trace.json"
    path.write_text("{")
    code, out, _ = run(capsys, "show", "ours/trace")
    assert code == 0
    assert "truncated" in out
    assert "truncated" in json.loads(run(capsys, "show", "ours/trace", "--json")[1])["counterexample"]["problem"]
    path.unlink()
    assert "none is stored" in run(capsys, "show", "ours/trace")[1]


def test_unknown_keys_get_close_matches(capsys: Capture) -> None:
    assert "did you mean zeng-lee/sigma" in refused(capsys, "show", "zeng-lee/sgima")
    assert "`theorems list` prints the keys" in refused(capsys, "show", "\x1b[31m\n")


# verify -------------------------------------------------------------------------------------------------------------


def rows_of(capsys: Capture, *words: str) -> tuple[int, list[tuple[Any, ...]], str]:
    code, out, err = run(capsys, "verify", "--json", *words)
    rows = json.loads(out)
    assert all({"key", "witness", "arithmetic", "result"} <= set(row) for row in rows)
    return code, [(row["key"], row["witness"], row["arithmetic"], row["result"]) for row in rows], err


def test_verify_replays_everything_both_ways(capsys: Capture) -> None:
    names = (("ours/trace", "ours__trace.json"), ("zeng-lee/sigma.value", "zeng-lee__sigma.value.json"))
    code, rows, err = rows_of(capsys)
    assert (code, err) == (0, "")
    assert rows == [(*pair, name, "refutes") for pair in names for name in ("rational", "fractions")]
    code, out, err = run(capsys, "verify")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "2 witnesses, 4 replays: 4 refute"
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("arithmetic", ["rational", "fractions", "ball", "all"])
def test_verify_in_a_chosen_arithmetic(capsys: Capture, arithmetic: str) -> None:
    code, rows, _ = rows_of(capsys, "ours/trace", "--arithmetic", arithmetic)
    names = ("rational", "fractions", "ball") if arithmetic == "all" else (arithmetic,)
    assert rows == [("ours/trace", "ours__trace.json", name, "refutes") for name in names]
    assert code == 0


def test_verify_takes_statements_and_files(capsys: Capture, folder: Path) -> None:
    path = str(folder / "ours__trace.json")
    code, rows, _ = rows_of(capsys, "zeng-lee/sigma", path, "ours/trace", "--arithmetic", "rational")
    assert code == 0
    assert [row[:2] for row in rows] == [
        ("zeng-lee/sigma.value", "zeng-lee__sigma.value.json"),
        ("ours/trace", path),
        ("ours/trace", "ours__trace.json"),
    ]


def test_verify_misses_a_witness(capsys: Capture, folder: Path) -> None:
    (folder / "ours__trace.json").unlink()
    code, rows, err = rows_of(capsys)
    assert (code, err) == (1, "")
    assert rows[0] == ("ours/trace", None, None, "does not refute")
    assert "ours__trace.json is missing" in run(capsys, "verify")[1]


def edit(path: Path, change: dict[str, Any] | None = None, entry: str | None = None) -> None:
    """Change the fields of a witness, or the entry of the second matrix that makes it refute."""
    data = json.loads(path.read_text()) | (change or {})
    if entry is not None:
        data["case"]["fields"]["matrices"][1]["entries"][1][0] = entry
    path.write_text(json.dumps(data))


def test_verify_a_witness_edited_so_that_it_no_longer_refutes(capsys: Capture, folder: Path) -> None:
    edit(folder / "ours__trace.json", entry="-1")
    code, rows, err = rows_of(capsys)
    assert (code, err) == (1, "")
    assert [row[3] for row in rows] == ["does not refute"] * 2 + ["refutes"] * 2
    out = run(capsys, "verify", "ours/trace")[1]
    assert "ours/trace: does not refute in fractions: every conclusion holds" in out


def test_verify_checks_the_rest_before_it_refuses(capsys: Capture, folder: Path) -> None:
    (folder / "ours__trace.json").write_text("{")
    code, rows, err = rows_of(capsys)
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith("theorems: ")
    assert "truncated" in err
    assert rows[0] == ("ours/trace", "ours__trace.json", None, "invalid")
    assert [row[3] for row in rows[1:]] == ["refutes", "refutes"]


def test_verify_another_claims_witness(capsys: Capture, folder: Path) -> None:
    text = (folder / "zeng-lee__sigma.value.json").read_text()
    (folder / "ours__trace.json").write_text(text)
    assert "in the place of a witness for ours/trace" in refused(capsys, "verify", "ours/trace")
    (folder / "ours__nothing.json").write_text(text.replace("zeng-lee/sigma.value", "ours/nothing"))
    code, rows, err = rows_of(capsys)
    assert code == 2
    assert rows[-1] == (None, "ours__nothing.json", None, "invalid")
    assert "no claim has the key 'ours/nothing'" in err


def test_verify_arguments_that_are_nothing(capsys: Capture, tmp_path: Path) -> None:
    assert "nor is there a file" in refused(capsys, "verify", "ours/trase")
    assert "has no witness to verify" in refused(capsys, "verify", "ours/trace:semidefinite")
    assert "No such file" in refused(capsys, "verify", "nothing.json")
    assert "not a regular file" in refused(capsys, "verify", str(tmp_path))
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "cannot be read" in refused(capsys, "verify", "loop")
    assert "nor is there a file" in refused(capsys, "verify", "a\nb")
    assert "leave out --arithmetic" in refused(capsys, "verify", "--restamp", "--arithmetic", "ball")


def test_a_case_that_fits_no_statement_is_invalid(capsys: Capture, folder: Path) -> None:
    path = folder / "ours__trace.json"
    data = json.loads(path.read_text())
    data["case"]["fields"]["matrices"].pop()
    path.write_text(json.dumps(data))
    code, rows, err = rows_of(capsys, "ours/trace")
    assert code == 2
    assert [row[3] for row in rows] == ["invalid"] * 2
    assert "ours__trace.json: the statement cannot be run on this case (ValueError" in err


def test_unsupported_everywhere_is_no_success(capsys: Capture, folder: Path) -> None:
    path = folder / "zeng-lee__sigma.value.json"
    data = json.loads(path.read_text())
    data["case"]["fields"]["known"]["U"]["entries"][0][0] = "5/7"  # no longer orthogonal
    path.write_text(json.dumps(data))
    code, rows, _ = rows_of(capsys, "zeng-lee/sigma.value")
    assert code == 1
    assert all(row[3] in ("unsupported", "does not refute") for row in rows)


def test_restamp_renews_a_digest_after_conviction(capsys: Capture, folder: Path) -> None:
    path = folder / "ours__trace.json"
    good = path.read_text()
    edit(path, {"statement": "0" * 64, "left": "7"})
    assert "--restamp" in refused(capsys, "verify", "ours/trace")
    code, rows, _ = rows_of(capsys, "--restamp", "ours/trace")
    assert code == 0
    assert [row[2:] for row in rows] == [("rational", "refutes"), ("fractions", "refutes")]
    assert path.read_text() == good
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert run(capsys, "verify", "--restamp")[0] == 0
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before  # what is in order is left alone


def test_restamp_refuses_what_does_not_refute(capsys: Capture, folder: Path) -> None:
    path = folder / "ours__trace.json"
    edit(path, {"statement": "0" * 64}, entry="-1")
    before = path.read_bytes()
    code, rows, _ = rows_of(capsys, "--restamp", "ours/trace")
    assert code == 1
    assert rows[-1][2:] == (None, "does not refute")
    assert path.read_bytes() == before


def test_restamp_refuses_a_case_that_does_not_fit_the_statement(capsys: Capture, folder: Path) -> None:
    path = folder / "ours__trace.json"
    data = json.loads(path.read_text())
    data["case"]["fields"]["matrices"] = []
    path.write_text(json.dumps(data))
    before = path.read_bytes()
    assert "cannot be run on this case" in refused(capsys, "verify", "--restamp", "ours/trace")
    assert path.read_bytes() == before


def test_verify_reports_an_arithmetic_that_disagrees(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = theorems.judge.witness.replay

    def disagree(witness: Any, claim: Any, arithmetic: str) -> Any:
        found = real(witness, claim, arithmetic)
        return found if arithmetic == "rational" else type(found)("does not refute", None, "a second opinion")

    monkeypatch.setattr("theorems.commands.verify.replay", disagree)
    assert rows_of(capsys)[0] == 1
    assert rows_of(capsys, "--restamp")[0] == 1


# usage and the shell ------------------------------------------------------------------------------------------------


def test_usage_errors_are_one_line(capsys: Capture) -> None:
    for words in ([], ["bogus"], ["list", "--bogus"], ["list", "--verdict", "x"], ["show"], ["list", "--js"], ["--x"]):
        assert "--help" in refused(capsys, *words)


@pytest.mark.parametrize("name", ["list", "show", "verify"])
def test_help_has_an_example(capsys: Capture, name: str) -> None:
    code, out, err = run(capsys, name, "--help")
    assert (code, err) == (0, "")
    assert f"example: theorems {name}" in out


def test_help_lists_the_commands(capsys: Capture) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert all(name in out for name, _, _ in COMMANDS)
    assert run(capsys, "--version")[1].startswith("theorem-checker ")


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 2)])
def test_interruptions_are_one_line(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fail(_: Any) -> int:
        raise error

    monkeypatch.setattr("theorems.commands.list_.run", fail)
    refused(capsys, "list", code=code)


def test_the_commands_do_not_load_the_strategies() -> None:
    program = (
        "import sys\nfrom theorems.__main__ import main\n"
        "codes = [main(['list']), main(['verify', '--help']), main(['show', '--help'])]\n"
        "assert codes == [0, 0, 0]\n"
        "assert not {'hypothesis', 'theorems.strategies', 'onnx', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_a_closed_pipe_is_quiet() -> None:
    program = "import sys\nfrom theorems.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    root = Path(__file__).parents[2]
    for words in (["list"], ["list", "--json"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-c", program, *words], stdout=writing, stderr=subprocess.PIPE, cwd=root, check=False
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")


# printing -----------------------------------------------------------------------------------------------------------


def test_matrices_are_aligned_and_large_ones_cut() -> None:
    assert matrix_lines(fake.rationals([1, "-1/2"], [10, 0])) == ["[  1  -1/2 ]", "[ 10     0 ]"]
    long = matrix_lines(np.ones((40, 400)))
    assert max(map(len, long)) <= 100
    assert len(long) == 17
    assert long[-1] == "  ... (40 rows in all)"
    assert entry_text(Fraction(10**40, 3)) == "~3.333333333e+39"


def test_cases_are_rendered_field_by_field() -> None:
    text = render_case(fake.sigma_case())
    for line in ("known.s = [ 2  1/2 ]", "k = 1", "sizes = (1, 2)", "empty, 2 x 0", "pair[0] = -7/3", "pair[1] = 4"):
        assert line in text.splitlines()
    assert "matrix (derived), 2 x 2\n  [  6/5   2/5 ]\n  [ -8/5  3/10 ]" in text
    assert "extra" not in text
    assert render_case(MatrixCase()) == ""


def sizes_of(case: CountCase) -> tuple[int, int]:
    _, R = case.values
    return case.values[0], R


def one_below_the_other(case: CountCase, num: Any) -> Any:
    """R < D."""
    D, _ = case.values
    yield conclude(sizes_of(case)[1] < D, "R < D")


def never_unpacked(case: CountCase, num: Any) -> Any:
    """The sum is even."""
    yield conclude(sum(case.values) % 2 == 0, "the sum is even")


def test_integers_are_rendered_by_the_names_that_the_statement_gives_them() -> None:
    named, bare = Claim(key="k", statement=one_below_the_other), Claim(key="k", statement=never_unpacked)
    case = CountCase((3, 4))
    assert reads(named, case, Fractions()) is None
    assert render_case(legible(named, case)) == "D = 3\nR = 4"
    assert render_case(legible(bare, case)) == "values = (3, 4)"
    assert legible(named, CountCase((3, 4, 5))) == CountCase((3, 4, 5))
    whole = fake.trace_case()
    assert legible(named, whole) is whole


@pytest.mark.parametrize("name", ["rational", "fractions", "ball"])
def test_violations_name_both_sides(name: str) -> None:
    num = ARITHMETICS[name]()
    report, condition = judge(fake.trace_case(), fake.TRACE, num)
    assert report.violation is not None
    text = render_violation(report.violation, num, condition)
    assert text.startswith("tr(AB) <= tr(A) tr(B)\n  left = ")
    assert "<= right = " in text
    assert "is violated, by " in text
    assert " violate it, by" in render_violation(report.violation, num)


def test_violations_of_every_kind() -> None:
    num = ARITHMETICS["rational"]()
    one, two = num.number(1), num.number(2)

    def line(left: Any, right: Any, condition: Any) -> str:
        return render_violation(Violation("c", left, right, -1.0), num, condition)

    assert "left = 1 < right = 1 is violated: the sides are equal" in line(one, one, Relation("less than", one, one))
    assert "left = 1 = right = 2 is violated, by 1" in line(one, two, Relation("equal", one, two))
    root = num.sqrt(two)
    assert "is violated, by about 0.414214" in line(root, one, Relation("at most", root, one))
    existence = Existence(lambda: two, (two,), one)
    assert "2 <= right = 1 is violated, by 1; left is a lower bound for every choice" in line(two, one, existence)
    assert line(None, None, None) == "the test 'c' answers no"


def test_a_violated_equality_of_matrices_names_the_worst_entry(folder: Path) -> None:
    path = fake.store(folder, fake.COMMUTES, fake.trace_case())
    num = ARITHMETICS["rational"]()
    report, condition = judge(read(path, fake.CLAIMS).case, fake.COMMUTES, num)
    assert report.violation is not None
    text = render_violation(report.violation, num, condition)
    assert "at (1, 1), left = 3/2 = right = 0 is violated, by 3/2" in text
    assert check(fake.COMMUTES, fake.trace_case(), num).violation is not None
