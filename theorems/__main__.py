"""The command line: ``theorems list``, ``show``, ``check``, ``verify``, ``hunt``, ``report``.

Exit codes: 0 agrees with the catalogue, 1 something contradicts it, 2 the input or the usage is wrong (one line on
stderr), 130 interrupted, 143 terminated; 141 when the reader of stdout has gone.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from theorems.commands.ending import ended, terminable
from theorems.errors import InputError
from theorems.extras import ONE_THREAD
from theorems.report.printing import complain

#: Name, module, what it does.  A module is imported when its command is called, so that `list` needs no Hypothesis.
COMMANDS = (
    ("list", "theorems.commands.list_", "the claims and their verdicts"),
    ("show", "theorems.commands.show", "one claim whole: statement, verdict, counterexample, repair"),
    ("check", "theorems.commands.check", "attack the claims quickly, and print the ledger"),
    ("atlas", "theorems.commands.atlas", "how near the inequalities of the claims that stand come to equality"),
    ("verify", "theorems.commands.verify", "replay the stored counterexamples, or yours"),
    ("export", "theorems.commands.export", "write refutations as theorems of Coq"),
    ("hunt", "theorems.commands.hunt", "search for a counterexample; convict, shrink and store it"),
    ("hypotheses", "theorems.commands.hypotheses", "which hypotheses of the claims that stand are needed"),
    ("new-text", "theorems.commands.new_text", "write the skeleton of a text of your own"),
    ("prove", "theorems.commands.prove", "prove what claims conclude for all cases of named sizes"),
    ("rank", "theorems.commands.rank", "your own weights: the LoRA-rank that each layer's change asks for, certified"),
    ("run", "theorems.commands.run_", "every step of a statement on one case, in every arithmetic"),
    ("report", "theorems.commands.report", "the journal of a campaign: what was hunted, and what was found"),
    ("statements", "theorems.commands.statements", "printed verdict, what stands instead, and on what each rests"),
    ("teeth", "theorems.commands.teeth", "hunt false variants of the claims that stand: would the search notice?"),
    ("spectrum", "theorems.commands.spectrum", "the singular values of a model's matrices, beside untrained controls"),
)

#: What may be done by this process alone, which then has one BLAS thread, as a worker has; and what computes nothing.
ALONE = ("check", "hunt", "teeth")
LIGHT = ("list", "show", "statements")


class _Parser(argparse.ArgumentParser):
    """argparse with one line for an error, and no abbreviations that a later option could make ambiguous."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see `{self.prog} --help`)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if "theorems.catalogue" in sys.modules:
        sys.modules["theorems.catalogue"].forget()  # what an earlier command of this process was given
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called (`>&-`): what is said is lost, and nothing else
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is no reason for a traceback
    try:
        with terminable():
            code = _run(words)
            sys.stdout.flush()
            return code
    except InputError as error:
        complain(error)
        return 2
    except KeyboardInterrupt as error:
        return ended(error)
    except BrokenPipeError:
        _silence()
        return 141
    except OSError as error:
        complain(error)
        _silence()
        return 2


def _silence() -> None:
    """Python flushes stdout once more at exit: where its reader has gone, let that go nowhere."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


#: The entry point group of the commands that a text brings: name and module.
GROUP = "theorems.commands"


def _brought() -> list[tuple[str, str, str]]:
    """The commands that texts bring: name, module, and the first line of its docstring, which is not imported."""
    from importlib.metadata import entry_points

    ours = {name for name, _, _ in COMMANDS}
    found = {point.name: point.value for point in entry_points(group=GROUP) if point.name not in ours}
    return [(name, module, _purpose(module)) for name, module in sorted(found.items())]


def _purpose(module: str) -> str:
    try:
        spec = importlib.util.find_spec(module)
        with open(spec.origin if spec is not None and spec.origin is not None else "", "rb") as file:
            return (ast.get_docstring(ast.parse(file.read())) or "").partition("\n")[0].rstrip(".")
    except (OSError, ImportError, SyntaxError, ValueError):
        return "cannot be loaded"


def _run(words: list[str]) -> int:
    parser = _Parser(prog="theorems", description="Claims on low-rank adaptation, judged, with their counterexamples.")
    parser.epilog = "example: theorems show zeng-lee/equation-1.5"
    parser.add_argument("--text", action="append", help="only this text: its key, FILE.py, or package.module")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    before = [i for i, word in enumerate(words) if word == "--text"]
    named = {i + 1 for i in before}  # what follows --text is no command
    called = next((word for i, word in enumerate(words) if i not in named and not word.startswith("-")), None)
    module: Any = None
    known = COMMANDS if called in {name for name, _, _ in COMMANDS} else (*COMMANDS, *_brought())
    if called in (*ALONE, *LIGHT):
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    if called in ALONE:  # what other packages add to Hypothesis (one of them imports pytest) is nothing that we draw
        os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")
    for name, path, purpose in known:
        command = commands.add_parser(name, help=purpose)
        if name == called:
            module = importlib.import_module(path)
            command.description = module.__doc__
            module.add_arguments(command)
    try:
        arguments = parser.parse_args(words)
    except SystemExit as done:  # after --help and --version
        return int(done.code or 0)
    if arguments.text:
        from theorems import catalogue

        for text in arguments.text:
            catalogue.use(text, only=True)
    return int(module.run(arguments))


class _Version(argparse.Action):
    """Asks for the version when it is to be shown: what is installed takes a while to read."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"theorem-checker {_version()}")
        raise SystemExit(0)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("theorem-checker")
    except PackageNotFoundError:  # a checkout that is not installed
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
