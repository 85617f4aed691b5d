"""Print the lowest versions that pyproject.toml allows, as constraints for pip."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path


def requirements(pyproject: Path) -> list[str]:
    """All that is required, the extras included."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]


def lowest(lines: Iterable[str]) -> Iterator[str]:
    """Each requirement at its lower bound.  Raises `ValueError` for one without."""
    for line in lines:
        if line.startswith("theorem-checker["):  # an extra that is made of others
            continue
        match = re.fullmatch(r"([\w.-]+)\s*(?:>=|==)\s*([\w.]+)(?:\s*[,;].*)?", line)
        if match is None:
            raise ValueError(f"{line}: no lower bound: write NAME>=VERSION")
        yield f"{match[1]}=={match[2]}"


if __name__ == "__main__":
    print("\n".join(lowest(requirements(Path(sys.argv[1])))))
