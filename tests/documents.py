"""The code blocks of a page: files to write, and commands with what they print.

A fence ``python FILE`` is that file whole; ``python FILE from NAME`` replaces its lines from ``NAME =`` on.  In a
``console`` block each line ``$ COMMAND`` is followed by its output, where a line ``...`` stands for any lines;
``console (exits 1)`` says with which code its commands end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>\S.*)\n(?P<text>(?:(?!```).*\n)*)```$", re.MULTILINE)
#: Words of lines that tell how much was searched.
_COUNTED = ("live instances", "exact ones", " recipes in ", "not counted in favour", "independent draws")
_EXITS = re.compile(r"console(?: \(exits (\d)\))?")


@dataclass(frozen=True)
class Block:
    """A fenced block: the words after the fence, and the text between."""

    info: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command of a page, with the lines that it prints there."""

    words: str
    output: tuple[str, ...]
    code: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks with a language, in order."""
    return [Block(match["info"].strip(), match["text"]) for match in _FENCE.finditer(page)]


def commands(block: Block) -> list[Command]:
    """The commands of a block, none for one that is no console."""
    match = _EXITS.fullmatch(block.info)
    if match is None:
        return []
    found = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        words, *output = part.rstrip().splitlines()
        found.append(Command(words, tuple(output), int(match[1] or 0)))
    return found


def write(block: Block, folder: Path) -> bool:
    """Write the file of a block into a folder; False for a block without one."""
    language, *words = block.info.split()
    if language != "python" or not words:
        return False
    path = folder / words[0]
    before = ""
    if words[1:2] == ["from"]:
        before, mark, _ = path.read_text().partition(f"\n{words[2]} =")
        if not mark:
            raise ValueError(f"{words[0]} has no line that begins with {words[2]} =")
        before += "\n"
    path.write_text(before + block.text)
    return True


def essential(lines: Iterable[str]) -> list[str]:
    """The lines without what differs between machines, versions and runs: times, counts of a search, padding, rules.

    Of a table of strata its head and the names are left, in alphabetical order: counts differ between machines.
    """
    found: list[str] = []
    strata: list[str] = []
    inside = False
    for line in (*lines, ""):
        if inside and line.strip():
            strata.append(re.split(r" {2,}", line.strip())[0].strip("- "))
            continue
        found += sorted(filter(None, strata))
        strata = []
        line = re.sub(r"-?\d+\.\d+(e[+-]\d+)?", "#", " ".join(line.split())).strip("-=─ ")
        if any(word in line for word in _COUNTED):
            line = re.sub(r"\d[\d,]*", "#", line)
        inside = line.startswith("stratum ")
        if line:
            found.append(line)
    return found


def missing(expected: list[str], printed: list[str]) -> list[str]:
    """The expected lines that were not printed in that order; ``...`` stands for any lines."""
    position, free, lost = 0, False, []
    for line in expected:
        if line == "...":
            free = True
            continue
        if free and line in printed[position:]:
            position = printed.index(line, position)
        if position < len(printed) and printed[position] == line:
            position += 1
        else:
            lost.append(line)
        free = False
    if not free and not lost and position < len(printed):
        lost.append(f"(more was printed: {printed[position]})")
    return lost
