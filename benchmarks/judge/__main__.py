"""``python -m benchmarks.judge [--quick] [--only NAME] [--seed N] [--json]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.judge import certificates, expressions, near, promised
from theorems.report.printing import print_json


def attacks(*, quick: bool, seed: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """The attacks by name; each says how many there were, how they ended, and what was wrong."""
    share = 50 if quick else 1
    return {
        "near-violations": lambda: _verdicts(near.near_violations(100_000 // share, seed=seed)),
        "violations": lambda: _verdicts(near.violations(10_000 // share, seed=seed)),
        "needles": lambda: _verdicts(near.needles(seed=seed, members=near.HIDDEN_IN // (10 if quick else 1))),
        "expressions": lambda: _findings(expressions.attack(2_000 // share, seed=seed)),
        "certificates": lambda: _certificates(every=1009 if quick else 1),
        "domains": lambda: _endings(promised.promises(seed=seed, recipes=8 if quick else 60, every=5 if quick else 1)),
        "accused": lambda: _endings(promised.hard_to_settle(seed=seed, recipes=8 if quick else 60)),
    }


def _endings(result: promised.Endings) -> dict[str, Any]:
    return {"attacks": result.tried, "counts": dict(sorted(result.counts.items())), "wrong": result.wrong}


def _verdicts(result: near.Verdicts) -> dict[str, Any]:
    counts = dict(sorted(result.endings.items())) | {"accused by Float64 and escalated": result.accused}
    return {"attacks": result.cases, "counts": counts, "wrong": result.wrong}


def _findings(result: expressions.Findings) -> dict[str, Any]:
    silent = {f"no answer: {name}": count for name, count in sorted(result.silent.items())}
    counts = {"expression trees": result.trees} | dict(sorted(result.compared.items())) | silent
    return {"attacks": sum(result.compared.values()), "counts": counts, "wrong": result.wrong}


def _certificates(every: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        result = certificates.attack(Path(folder), every=every, decide=True)
    edited = {f"an edited case that {name}, refused": count for name, count in sorted(result.edited.items())}
    counts = {"files": result.files, "fields": result.fields} | dict(sorted(result.rejected.items())) | edited
    return {"attacks": result.total, "counts": counts, "wrong": result.accepted}


def main() -> int:
    """Run the attacks; 0 where the judge got all of them right, 1 where not."""
    names = list(attacks(quick=True, seed=0))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judge",
        description="Attack the judge.",
        epilog="example: python -m benchmarks.judge --quick",
    )
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the attacks")
    parser.add_argument("--only", choices=names, help="one of the attacks")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other cases (0)")
    parser.add_argument("--json", action="store_true", help="print an object, and nothing else")
    arguments = parser.parse_args()
    found = {}
    for name, attack in attacks(quick=arguments.quick, seed=arguments.seed).items():
        if arguments.only in (None, name):
            begin = time.process_time()
            found[name] = attack() | {"seconds": round(time.process_time() - begin, 1)}
            if not arguments.json:
                _print(name, found[name])
    if arguments.json:
        print_json(found)
    return int(any(result["wrong"] for result in found.values()))


def _print(name: str, result: dict[str, Any]) -> None:
    print(f"{name}: {result['attacks']:,} attacks, {len(result['wrong'])} wrong, {result['seconds']} s")
    for what, count in result["counts"].items():
        print(f"  {what}: {count:,}")
    for wrong in result["wrong"][:20]:
        print(f"  WRONG: {wrong}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
