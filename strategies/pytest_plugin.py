"""The ledger at the end of a pytest run: what was checked of every claim, gathered from all workers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from theorems.judge.tally import Tally
from theorems.report.ledger import LedgerRow, ledger_table
from theorems.report.totals import totals

#: The name of the property that a trial records.
PROPERTY = "ledger"
_rows: dict[str, LedgerRow] = {}
_crossed: dict[str, int] = {}


def row_as_json(row: LedgerRow, crossed: dict[str, int]) -> str:
    """A row as text, which pytest-xdist carries from a worker to the controller."""
    return json.dumps({"row": [row.key, row.verdict, vars(row.tally), row.seconds], "crossed": crossed})


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when != "call":
        return
    for name, value in report.user_properties:
        if name == PROPERTY:
            record = json.loads(str(value))
            key, verdict, tally, seconds = record["row"]
            _rows[key] = LedgerRow(key, verdict, Tally(**tally), seconds)
            for arithmetic, count in record["crossed"].items():
                _crossed[arithmetic] = _crossed.get(arithmetic, 0) + count


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _rows:
        return
    terminalreporter.section("ledger")
    for line in (*totals({row.key: row.verdict for row in _rows.values()}), ""):
        terminalreporter.write_line(line)
    terminalreporter.write_line(ledger_table(_rows[key] for key in sorted(_rows)))
    total = Tally()
    for row in _rows.values():
        total.add(row.tally)
    compared = ", ".join(f"{name} {count:,}" for name, count in sorted(_crossed.items()))
    for line in (
        "",
        f"live instances: float64 {total.instances:,}, exact {total.exact:,}",
        f"exact cases decided by {compared or 'no second arithmetic'}",
        f"undecided {total.undecided:,}, vacuous {total.vacuous:,}, float64 artefacts acquitted {total.artefacts:,}",
    ):
        terminalreporter.write_line(line)
