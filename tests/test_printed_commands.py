"""The commands that README and docs print: every one is accepted, its keys exist, and the quick ones are run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from theorems.__main__ import main
from theorems.catalogue import CLAIMS
from theorems.commands.selection import family

ROOT = Path(__file__).parents[1]
BY_KEY = {claim.key: claim for claim in CLAIMS}
#: Commands that answer from what is stored.
QUICK = ("list", "show", "statements", "atlas", "verify")
KEY = re.compile(r"(?:zeng-lee|textbook|ours)/[\w.:-]*\w")


def printed() -> list[str]:
    """The lines `theorems COMMAND ...` of the blocks of code, without their comments."""
    found: dict[str, None] = {}
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for block in re.findall(r"^```sh\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                words = line.partition("  #")[0].partition(" #")[0].strip()
                if words.startswith("theorems "):
                    found[words] = None
    return list(found)


def test_there_are_some() -> None:
    assert len(printed()) > 10


@pytest.mark.parametrize("line", printed())
def test_its_keys_exist(line: str) -> None:
    for key in KEY.findall(line):
        assert key in BY_KEY or family(key, BY_KEY), key


@pytest.mark.parametrize("line", [line for line in printed() if shlex.split(line)[1] in QUICK])
def test_the_quick_ones_run(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line)[1:]
    if words == ["verify"]:
        words += ["zeng-lee/equation-1.5"]  # all of them take half a minute
    assert main(words) == 0
    assert capsys.readouterr().out
