"""Write the skeleton of a text of your own: a distribution that `pip install` makes known to every command.

It holds two claims, a true one and its false neighbour, with their cases, a test and a README.  Install it in place and
hunt: nothing else has to be registered.
"""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

from theorems.errors import InputError
from theorems.judge.witness import shown
from theorems.report.printing import print_json, say

NAME = "new-text"
FILES = Path(__file__).parent / "skeleton"
#: Where the skeleton's files go; the first folder is the name of the text.
PLACES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "init.py.txt": "{package}/__init__.py",
    "claims.py.txt": "{package}/claims.py",
    "cases.py.txt": "{package}/cases.py",
    "test_claims.py.txt": "tests/test_claims.py",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: theorems new-text my-lemmas && pip install -e my-lemmas && theorems check my-lemmas"
    parser.add_argument("name", metavar="NAME", help="the key of the text: lower-case words joined by hyphens")
    parser.add_argument("--out", metavar="DIR", help="where to write it (default ./NAME)")
    parser.add_argument("--json", action="store_true", help="print an array of the files, and nothing else")


def run(arguments: argparse.Namespace) -> int:
    name = str(arguments.name)
    package = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(package):
        raise InputError(f"{shown(name)}: a key is of lower-case words joined by hyphens, such as my-lemmas")
    if package in ("theorems", "strategies", "tests"):
        raise InputError(f"{name}: a package of that name is there already: choose another")
    folder = Path(arguments.out or name)
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise InputError(f"{shown(folder)}: it is there already: choose another name, or --out DIR")
    written = []
    for source, place in PLACES.items():
        text = (FILES / source).read_text(encoding="utf-8").replace("NAME", name).replace("PACKAGE", package)
        path = folder / place.format(package=package)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(str(path))
    if arguments.json:
        print_json(written)
        return 0
    say(
        f"written: {shown(folder)}", "", f"  pip install -e {shown(folder)}", f"  theorems check {name}",
        f"  theorems show {name}/trace-of-a-product", f"  pytest {shown(folder)}",
    )  # fmt: skip
    return 0
