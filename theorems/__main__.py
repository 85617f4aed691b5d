"""The command line: ``theorems list``, ``show``, ``check``, ``verify``, ``hunt``, ``report``.

Exit codes: 0 agrees with the catalogue, 1 something contradicts it, 2 the input or the usage is wrong (one line on
stderr), 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NoReturn

from theorems.errors import InputError

#: Name, module, what it does.  A module is imported when its command is called, so that `list` needs no Hypothesis.
COMMANDS = (
    ("list", "theorems.commands.list_", "the claims and their verdicts"),
    ("show", "theorems.commands.show", "one claim whole: statement, verdict, counterexample, repair"),
    ("check", "theorems.commands.check", "attack the claims quickly, and print the ledger"),
    ("atlas", "theorems.commands.atlas", "how near the inequalities of the claims that stand come to equality"),
    ("verify", "theorems.commands.verify", "replay the stored counterexamples, or yours"),
    ("experiments", "theorems.texts.zeng_lee.commands.experiments",
     "the figures of Appendix G: error against rank, theory beside it"),
    ("heads", "theorems.texts.zeng_lee.commands.heads",
     "the hypotheses of Theorems 6 and 17 on the heads of a real Transformer"),
    ("hunt", "theorems.commands.hunt", "search for a counterexample; convict, shrink and store it"),
    ("hypotheses", "theorems.commands.hypotheses", "which hypotheses of the claims that stand are needed"),
    ("rank", "theorems.commands.rank", "your own weights: the LoRA-rank that each layer's change asks for, certified"),
    ("report", "theorems.commands.report", "the journal of a campaign: what was hunted, and what was found"),
    ("residuals", "theorems.texts.zeng_lee.commands.residuals",
     "exact representation in floats, beside its condition numbers"),
    ("statements", "theorems.commands.statements", "printed verdict, what stands instead, and on what each rests"),
    ("teeth", "theorems.commands.teeth", "hunt false variants of the claims that stand: would the search notice?"),
    ("spectrum", "theorems.commands.spectrum", "the singular values of a model's matrices, beside untrained controls"),
)


class _Parser(argparse.ArgumentParser):
    """argparse with one line for an error, and no abbreviations that a later option could make ambiguous."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see `{self.prog} --help`)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is no reason for a traceback
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except InputError as error:
        return _complain(str(error), 2)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:
        # The reader has gone.  Python flushes stdout once more at exit; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        return _complain(str(error), 2)


def _run(words: list[str]) -> int:
    parser = _Parser(prog="theorems", description="Claims on low-rank adaptation, judged, with their counterexamples.")
    parser.epilog = "example: theorems show zeng-lee/equation-1.5"
    parser.add_argument("--version", action="version", version=f"theorem-checker {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    called = next((word for word in words if not word.startswith("-")), None)
    module: Any = None
    for name, path, purpose in COMMANDS:
        command = commands.add_parser(name, help=purpose)
        if name == called:
            module = importlib.import_module(path)
            command.description = module.__doc__
            module.add_arguments(command)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as done:  # after --help and --version
        return int(done.code or 0)
    return int(module.run(arguments))


def _version() -> str:
    try:
        return version("theorem-checker")
    except PackageNotFoundError:  # a checkout that is not installed
        return "(not installed)"


def _complain(message: str, code: int) -> int:
    print("theorems:", " ".join(message.split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
