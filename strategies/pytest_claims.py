"""A pytest plugin: `pytest my_claims.py` hunts every claim of the file, wherever this package is installed.

A claims file is one that defines claims or statements, and beside them `CASES`, which says how they are attacked (what
it leaves out is attacked with what the statement takes).  It is collected when it is named on the command line,
or when its name matches the ini option `claim_files` (`*_claims.py` unless told).  Each claim is one test: a claim that
is not judged, or that stands, fails when the hunt convicts a counterexample; one whose verdict is `REFUTED` fails when
none is found again.  Nothing heavy is imported before such a file is met.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

OPTION = "claim_files"
#: Seconds for each claim, and where counterexamples go: what `theorems hunt` takes.
SECONDS, FINDINGS = 10.0, "theorems-findings"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("theorems", "claims that are hunted for counterexamples")
    group.addoption("--claim-seconds", type=float, default=SECONDS, metavar="S", help="seconds for each claim (10)")
    group.addoption("--claim-recipes", type=int, default=None, metavar="N", help="end each claim after N recipes")
    group.addoption("--claim-seed", type=int, default=0, metavar="N", help="another seed draws other instances (0)")
    group.addoption("--claim-findings", default=FINDINGS, metavar="DIR", help=f"where witnesses go ({FINDINGS})")
    parser.addini(OPTION, "names of files whose claims are hunted", type="args", default=["*_claims.py"])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    named = any(_path(word) == file_path.resolve() for word in parent.config.args)
    matched = any(fnmatch(file_path.name, pattern) for pattern in parent.config.getini(OPTION))
    if file_path.suffix == ".py" and (named or matched) and _has_claims(file_path):
        file: pytest.Collector = ClaimsFile.from_parent(parent, path=file_path)
        return file
    return None


def _path(word: str) -> Path:
    return Path(word.partition("::")[0]).resolve()


def _has_claims(path: Path) -> bool:
    """Whether a file has claims or statements and names this package; it is not run to find out."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False  # Python's own collector says what is wrong with it
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    imports = any(isinstance(node, ast.ImportFrom) and node.module == "theorems" for node in tree.body)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    tests = any(node.name.startswith("test") for node in functions)  # the statements of a test are for the test
    statements = any([one.arg for one in node.args.args] == ["case", "num"] for node in functions)
    return imports and ("CASES" in assigned or (statements and not tests))


class ClaimsFile(pytest.File):
    """The claims of one file."""

    def collect(self) -> Iterator[pytest.Item]:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: workers share the cores
        from theorems.errors import InputError
        from theorems.loading import load_claims

        try:
            file = load_claims(self.path)
        except InputError as error:
            raise self.CollectError(str(error)) from None
        for claim in file.own:
            yield ClaimItem.from_parent(self, name=claim.key)


class ClaimItem(pytest.Item):
    """One claim, hunted."""

    def runtest(self) -> None:
        from theorems.claim import Verdict
        from theorems.commands.hunt import contradicts, unsettled
        from theorems.strategies.engine.worker import Task, prepared, work

        option = self.config.getoption
        out = Path(option("--claim-findings"))
        task = Task(
            self.name,
            file=str(self.path),
            seed=option("--claim-seed"),
            seconds=option("--claim-seconds"),
            recipes=option("--claim-recipes"),
            out=str(out if out.is_absolute() else self.config.rootpath / out),
        )
        result = work(task, lambda message: None)
        if result.problem:
            raise ClaimError(result.problem)
        claim = prepared(task)[0]
        if result.finding is not None and contradicts(claim.verdict):
            raise ClaimError(_counterexample(result))
        if unsettled(result, claim):
            raise ClaimError(_unsettled(result, claim))
        if result.finding is None and claim.verdict is Verdict.REFUTED:
            raise ClaimError(f"{self.name} is refuted by its verdict, but {task.seconds:g} s found no counterexample")
        total = result.total
        self.add_report_section("call", "hunt", f"{total.instances} live instances in float64, {total.exact} exact")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A counterexample is no traceback."""
        if isinstance(excinfo.value, ClaimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class ClaimError(Exception):
    """What a hunt found, for people."""


def _unsettled(result: Any, claim: Any) -> str:
    from theorems.commands.hunt import shares

    lines = [f"{result.task.key}: {result.outcome}; {shares(result, claim)}: do its cases meet the hypotheses?"]
    for doubt in result.doubts:
        lines += [f"{doubt.kind} ({doubt.stratum}), margin {doubt.margin:.3g}: {doubt.reason}"]
        lines += [f"  {line}" for line in doubt.case.splitlines()]
    return "\n".join(lines)


def _counterexample(result: Any) -> str:
    finding = result.finding
    lines = [f"{result.task.key}: refuted, in {finding.arithmetic} arithmetic and again in fractions"]
    lines += [f"  {line}" for line in (*finding.case.splitlines(), *finding.violation.splitlines())]
    if finding.family:
        lines.append(f"  {finding.family}")
    if finding.path is not None:
        lines.append(f"stored in {finding.path}")
    return "\n".join(lines)
