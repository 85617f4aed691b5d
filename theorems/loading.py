"""Load a claims file of a user's own: its claims, and beside them `CASES`, the strategies that attack them.

A claims file is a Python file, and loading it runs it.  Whatever is wrong with it becomes one `InputError` of one line:
a user has no use for a traceback through this program.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from theorems.claim import Claim
from theorems.errors import InputError
from theorems.judge.witness import shown
from theorems.remedies import slips
from theorems.taken import taken
from theorems.text import Text

#: The names of the modules of claims files begin with this, so that `random.py` does not hide the standard one.
PREFIX = "claims_of_"
SEPARATOR = "::"


@dataclass(frozen=True)
class LoadedFile:
    """A claims file.

    path    as it was given, for messages
    module  what the file defines
    claims  by variable name and by key; a bare statement by the name of its function, which is then its key
    cases   its `CASES`; None where it has none
    """

    path: str
    module: ModuleType
    claims: Mapping[str, Claim]
    cases: Mapping[str, Any] | None

    @cached_property
    def text(self) -> Text:
        """The file as a text."""
        return text_from(self.module, self.own, _Cases(self), Path(self.path), self.path)

    @cached_property
    def own(self) -> tuple[Claim, ...]:
        """Its claims, and the bare statements that no claim names and that `CASES` attacks, or that say what they take.

        A statement that another function of the file uses is a part of that one, unless `CASES` attacks it.
        """
        table = self.cases if isinstance(self.cases, Mapping) else {}
        claims = list(self.by_key.values())
        named = {claim.statement for claim in claims if not _is_bare(claim)}
        used = _used(self.module)

        def whole(claim: Claim) -> bool:
            if not _is_bare(claim):
                return True
            if claim.statement in named or claim.key in table:
                return claim.statement not in named
            return not claim.key.startswith("_") and claim.key not in used and taken(claim.statement).known

        return tuple(claim for claim in claims if whole(claim))

    @property
    def by_key(self) -> dict[str, Claim]:
        """The claims by key alone."""
        return {claim.key: claim for claim in self.claims.values()}

    def claim(self, name: str) -> Claim:
        """The claim with that variable name or key, or the claim made of the statement function of that name."""
        if name in self.claims:
            claim = self.claims[name]
            if objection := _objection(claim.statement):
                raise InputError(f"{self.path}: the statement of {name} {objection}")
            for slip in slips(claim, self.path):
                raise InputError(slip)
            return claim
        if hasattr(self.module, name):
            value = getattr(self.module, name)
            objection = _objection(value) if callable(value) else f"is a {type(value).__name__}, not a Claim"
            raise InputError(f"{self.path}: {name} {objection or 'is not defined in this file'}{self._known()}")
        raise InputError(f"{self.path}: there is no claim {name!r}{self._known()}")

    def leaves_out(self, claim: Claim) -> bool:
        """Whether `CASES` is silent on a claim, and attacks nothing that the file does not have: that is a slip."""
        if self.cases is None:
            return True
        if not isinstance(self.cases, Mapping) or any(name in self.cases for name in self._names(claim)):
            return False
        return all(any(key in self._names(other) for other in self.by_key.values()) for key in self.cases)

    def strategy(self, claim: Claim) -> Any:
        """The strategy of `CASES` for a claim, under its key, its variable name or the name of its function."""
        from hypothesis.errors import HypothesisException
        from hypothesis.strategies import SearchStrategy

        example = f"CASES = {{{claim.key!r}: strategies.matrices(count=2)}}"
        if self.cases is None:
            raise InputError(f"{self.path}: there is no CASES, which says how to attack each claim: add {example}")
        if not isinstance(self.cases, Mapping):
            raise InputError(f"{self.path}: CASES is a {type(self.cases).__name__}, not a mapping: write {example}")
        found = next((name for name in self._names(claim) if name in self.cases), None)
        if found is None:
            known = ", ".join(map(str, self.cases)) or "nothing"
            raise InputError(f"{self.path}: CASES has no strategy for {claim.key!r} (it has {known}): add {example}")
        strategy = self.cases[found]
        if not isinstance(strategy, SearchStrategy):
            kind = "a function" if isinstance(strategy, FunctionType) else f"a {type(strategy).__name__}"
            hint = "call it" if callable(strategy) else "give what strategies.matrices() returns, say"
            raise InputError(f"{self.path}: CASES[{found!r}] is {kind}, no Hypothesis strategy: {hint}")
        try:
            strategy.validate()
        except HypothesisException as error:
            raise InputError(f"{self.path}: CASES[{found!r}]: {one_line(error)}") from None
        return strategy

    def _names(self, claim: Claim) -> list[str]:
        """The names under which `CASES` may have the strategy of a claim."""
        variables = [name for name, other in self.claims.items() if other is claim]
        return [claim.key, *variables, getattr(claim.statement, "__name__", claim.key)]

    def _known(self) -> str:
        names = [name for name in self.claims if hasattr(self.module, name)]
        return f": the claims there are {', '.join(names)}" if names else ": the file defines no claim and no statement"


def _is_bare(claim: Claim) -> bool:
    """Whether the claim is a statement whose name is its key."""
    return claim.key == getattr(claim.statement, "__name__", "")


def _used(module: ModuleType) -> set[str]:
    """The names that functions of the file use."""
    code: list[CodeType] = [value.__code__ for value in vars(module).values() if isinstance(value, FunctionType)
                            and value.__module__ == module.__name__]  # fmt: skip
    names: set[str] = set()
    while code:
        one = code.pop()
        names |= set(one.co_names)
        code += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return names


class _Cases(Mapping[str, Any]):
    """The strategies of a claims file by the keys of its claims, whatever names its `CASES` goes by."""

    def __init__(self, file: LoadedFile) -> None:
        self._file = file

    def __getitem__(self, key: str) -> Any:
        if key not in self._file.by_key:
            raise KeyError(key)
        return self._file.strategy(self._file.by_key[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._file.by_key)

    def __len__(self) -> int:
        return len(self._file.by_key)


def text_from(module: ModuleType, claims: tuple[Claim, ...], cases: Mapping[str, Any], path: Path, origin: str) -> Text:
    """A file or module as a text; what is stored of it lies beside it, in a folder ``NAME_records``."""
    prefixes = {claim.key.partition("/")[0] if "/" in claim.key else "" for claim in claims}
    key = prefixes.pop() if len(prefixes) == 1 else ""
    title = (inspect.getdoc(module) or path.name).splitlines()[0]
    folder = path.resolve().parent / f"{path.stem}_records"
    return Text(key=key or path.stem, title=title, claims=claims, cases=cases, folder=folder, origin=origin)


def load_text(name: str, hint: str = "") -> Text:
    """The text in FILE.py, or in package.module: its `TEXT`, or its claims with `CASES` beside them."""
    if name.endswith(".py") or "/" in name:
        return load_claims(name).text
    if not all(part.isidentifier() for part in name.split(".")):
        raise InputError(f"{shown(name)}: {hint or 'give the key of an installed text, FILE.py, or package.module'}")
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise InputError(
                f"no text and no module is called {name!r}: "
                f"{hint or 'give the key of an installed text, FILE.py, or package.module'}"
            ) from None
        raise InputError(f"{name}: importing it raises {one_line(error)}") from None
    except Exception as error:
        raise InputError(f"{name}: importing it raises {one_line(error)}") from None
    found = getattr(module, "TEXT", None)
    if isinstance(found, Text):
        return replace(found, origin=name)
    file = LoadedFile(name, module, _claims(module, name), getattr(module, "CASES", None))
    if module.__file__ is None or not file.claims:
        raise InputError(f"{name}: this module has no TEXT, and no claims of its own: see `theorems new-text`")
    return replace(file.text, folder=text_from(module, (), {}, Path(module.__file__), name).folder)


def split_target(target: str) -> tuple[str, str] | None:
    """``FILE.py::name`` as (file, name); None for what is a key of the catalogue."""
    path, separator, name = target.partition(SEPARATOR)
    if separator:
        if not path:
            raise InputError(f"{shown(target)}: write FILE.py::name")
        return path, name
    return (target, "") if target.endswith(".py") else None


def module_name(path: str | Path) -> str:
    """The name of a claims file's module: a function of its file name, so that witnesses survive a change of folder."""
    return PREFIX + re.sub(r"\W", "_", Path(path).stem)


@contextmanager
def importable(path: str | Path) -> Iterator[None]:
    """The folder of a claims file on the import path, at its end: its neighbours hide no installed package."""
    folder = str(Path(path).resolve().parent)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def load_claims(path: str | Path) -> LoadedFile:
    """Run a claims file and collect its claims.  Raises `InputError`, one line, for whatever is wrong with it."""
    name, file = shown(str(path)), Path(path)
    code = _compiled(file, name)
    module = ModuleType(module_name(file))
    module.__file__ = str(file.resolve())
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module  # dataclasses and `inspect` look their module up there
    try:
        # What a claims file prints must not end up in the JSON on stdout.
        with importable(file), redirect_stdout(sys.stderr):
            exec(code, vars(module))
        return LoadedFile(name, module, _claims(module, name), getattr(module, "CASES", None))
    except (Exception, SystemExit) as error:
        sys.modules.pop(module.__name__)
        if before is not None:
            sys.modules[module.__name__] = before
        if isinstance(error, InputError) and error.args and str(error).startswith(f"{name}: "):
            raise
        raise InputError(f"{place(error, file) or name}: running the file raises {one_line(error)}") from None


def one_line(error: BaseException) -> str:
    """An exception as "Type: message" on one line."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def place(error: BaseException, path: str | Path) -> str:
    """Where in a file an exception was raised, "FILE:LINE": the innermost frame of that file; "" for none."""
    file, found = str(Path(path).resolve()), ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = f"{shown(str(path))}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _compiled(file: Path, name: str) -> CodeType:
    if not file.exists():
        raise InputError(f"{name}: there is no such file: check the path")
    if file.suffix != ".py" or not file.is_file():
        raise InputError(f"{name}: not a Python file: give FILE.py::name")
    try:
        return compile(file.read_bytes(), str(file.resolve()), "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{name}:{error.lineno}" if error.lineno else name
        raise InputError(f"{where}: not Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"{name}: not Python: {one_line(error)}") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror or error}): check the path") from None


def _claims(module: ModuleType, name: str) -> dict[str, Claim]:
    variables = {variable: value for variable, value in vars(module).items() if isinstance(value, Claim)}
    claims = dict(variables)
    for variable, claim in variables.items():
        if claims.setdefault(claim.key, claim) is not claim:
            raise InputError(f"{name}: {variable} has the key {claim.key!r}, as another claim has: change one of them")
    for variable, value in vars(module).items():
        own = isinstance(value, FunctionType) and value.__module__ == module.__name__
        if own and variable not in claims and not _objection(value):
            claims[variable] = Claim(key=variable, statement=value)
    return claims


def why_none(file: LoadedFile) -> str:
    """Of the first function of a file without claims, why it is no statement, or what it lacks."""
    for name, value in vars(file.module).items():
        if isinstance(value, FunctionType) and value.__module__ == file.module.__name__ and not name.startswith("_"):
            lacks = "takes what only CASES can draw: add CASES = {" + repr(name) + ": ...}"
            return f": {name} {_objection(value) or lacks}"
    return ""


def _objection(statement: Any) -> str:
    """Why a value is no statement; nothing where it is one."""
    if not inspect.isgeneratorfunction(inspect.unwrap(statement) if callable(statement) else statement):
        return "is no generator function: a statement yields suppose(...) and conclude(...)"
    try:
        inspect.signature(statement).bind(None, None)
    except TypeError:
        return "does not take (case, num), as a statement does"
    return ""
