"""`theorems.weights.measure`: paths and arrays alike, typed results, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import checkpoint_files
from tests.checkpoint_files import Run, random
from theorems import InputError
from theorems.weights import measure

ran = checkpoint_files.ran
pair = checkpoint_files.pair


def test_paths_give_what_the_command_prints(pair: Any, ran: Run) -> None:
    base, tuned, _ = pair
    measured = measure(base, str(tuned), energy=0.9)
    printed = ran(base, tuned, "--energy", "0.9")
    assert json.loads(json.dumps(measured.as_dict())) == {k: printed[k] for k in ("layers", "skipped", "remarks")}


def test_arrays_give_what_their_files_give(pair: Any) -> None:
    import safetensors.numpy

    base, tuned, _ = pair
    dicts = [safetensors.numpy.load_file(path) for path in (base, tuned)]
    assert measure(*dicts, rank=2).as_dict()["layers"] == measure(base, tuned, rank=2).as_dict()["layers"]


def test_what_is_no_weight_is_named() -> None:
    W: dict[str, Any] = {"w": random(0, 4, 4), "steps": np.arange(3), "note": "hello", "b": np.ones(3, np.float32)}
    measured = measure(W, {**W, "w": W["w"] + np.eye(4)}, error="0.1", jobs=1)
    assert [layer.chosen for layer in measured.layers] == [4]
    assert {skip.name for skip in measured.skipped} == {"steps", "note", "b"}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"energy": 1.5}, "between 0 and 1"), ({"energy": 0.9, "rank": 2}, "one of them"), ({"rank": 0}, "1 or larger"),
        ({"error": "x"}, "not a number"), ({"dtype": "int8"}, "one of float32"), ({"only": "*q*"}, "a list of globs"),
        ({"norm": "nuclear"}, "frobenius"), ({"jobs": 0}, "1 or larger"),
        ({"only": ["nothing"]}, "no layer of that name"),
    ],
)  # fmt: skip
def test_arguments_are_checked(words: dict[str, Any], line: str) -> None:
    W = {"w": random(0, 3, 3)}
    with pytest.raises(InputError, match=line):
        measure(W, W, **words)


def test_sources_are_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a list: give a path"):
        measure([1], {})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no such file"):
        measure(tmp_path / "none", tmp_path / "none")
