"""Witnesses: stored counterexamples, and their replay.

A witness file is JSON (see `theorems.judge.codec`), of format 3::

    {"format": 3, "claim": KEY, "statement": DIGEST, "arithmetic": "rational" or "ball",
     "case": {"type": ..., "fields": ...}, "conclusion": NAME, "left": TEXT, "right": TEXT, "note": TEXT,
     "domain": DOMAIN, "sha256": CHECKSUM}

The domain (see `theorems.domains`) is what the strategy that drew the case promises of all its cases; it may be left
out, and where it is there the case must keep it, exactly.
It names the statement that it refutes by `Claim.digest`, so that a statement that has changed is not refuted by chance.
The checksum is over all other fields, so that whatever was edited since, the words for people included, shows; that the
case refutes is for the replay to establish.  `theorems verify --restamp` convicts again and renews both; it also reads
format 1, which had no checksum, and format 2, whose digests and names of types went by modules.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theorems.arithmetic.base import Arithmetic
from theorems.arithmetic.work import counted
from theorems.case import flaw_of_decompositions
from theorems.claim import Claim, Outcome
from theorems.domains import Domain, decoded, encoded
from theorems.errors import InputError, Unsupported
from theorems.judge.codec import decode, encode
from theorems.judge.driver import Report, check, settled
from theorems.judge.strict_json import MAX_BYTES, describe, fields_of, layout, parse, short, string_of
from theorems.statement import Conclude, Condition, Suppose

FORMAT = 3
CONVICTING = ("rational", "ball")  # the arithmetics that may convict; `fractions` gives the second opinion

REFUTES, DOES_NOT_REFUTE, INVALID, UNSUPPORTED = "refutes", "does not refute", "invalid", "unsupported"

_FIELDS = ("format", "claim", "statement", "arithmetic", "case", "conclusion", "left", "right", "note")
_DOMAIN, _SUM = "domain", "sha256"


class Edited(InputError):
    """A well-formed witness file that is not as it was written."""


@dataclass(frozen=True)
class Witness:
    """A counterexample on record.

    claim       the key of the claim that it refutes
    statement   the digest of its statement
    arithmetic  the arithmetic that convicted: "rational" or "ball"
    case        the exact case
    conclusion  the name of the conclusion that it violates
    left, right the two sides of that conclusion, for people
    note        where it comes from, in a line
    domain      what the strategy that drew it promises; None where the file does not say
    """

    claim: str
    statement: str
    arithmetic: str
    case: Any
    conclusion: str
    left: str
    right: str
    note: str = ""
    domain: Domain | None = None


@dataclass(frozen=True)
class Replay:
    """What one arithmetic says of a witness.

    result     "refutes", "does not refute", "invalid" or "unsupported"
    report     the driver's report, where the statement ran
    message    the reason, where it does not refute
    condition  the condition of the conclusion that fails
    """

    result: str
    report: Report | None = None
    message: str = ""
    condition: Condition | None = None


# files --------------------------------------------------------------------------------------------------------------


def witness_name(key: str) -> str:
    """The name of the file of a claim's witness: "a/b.part:reading" is ``a__b.part--reading.json``."""
    name = key.replace("/", "__").replace(":", "--")
    name = re.sub(r"[^A-Za-z0-9._-]", lambda match: f"%{ord(match[0]):x}", name)
    return ("_" + name if name.startswith(".") else name)[:200] + ".json"


def read(path: str | os.PathLike[str], claims: Iterable[Claim], *, stale: bool = False) -> Witness:
    """The witness in a file, for one of `claims`.

    Raises `InputError` with one line for whatever is wrong with it, `Edited` where the checksum alone is wrong.  With
    `stale`, a file is accepted that names another state of the statement, was edited since it was written, or is of
    an older format: whoever asks for that convicts again.
    """
    try:
        return _witness(parse(contents(path)), {claim.key: claim for claim in claims}, path, stale)
    except RecursionError:
        raise InputError(f"{shown(path)}: nested too deeply: no witness needs that") from None
    except InputError as error:
        raise type(error)(f"{shown(path)}: {error}") from None


def shown(path: str | os.PathLike[str]) -> str:
    """A path as it may be printed on one line."""
    text = os.fspath(path)
    return text if text.isprintable() else ascii(text)


def contents(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, one more than `MAX_BYTES` at most.  Raises `InputError` where it cannot be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for ever
            raise InputError("not a regular file: give the path of a witness file")
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error}): check the path") from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot be read ({error}): check the path") from None


def _witness(data: Any, claims: dict[str, Claim], path: str | os.PathLike[str], stale: bool) -> Witness:
    version = data.get("format", FORMAT) if isinstance(data, dict) else FORMAT
    older = type(version) is int and 1 <= version < FORMAT
    if type(version) is not int or not (version == FORMAT or (stale and older)):
        remedy = f": run `theorems verify --restamp {shown(path)}`" if older else ""
        raise InputError(f"format: {describe(version)}: this program reads format {FORMAT}{remedy}")
    optional = (_DOMAIN,) if isinstance(data, dict) and _DOMAIN in data else ()
    fields_of(data, (*_FIELDS, *optional) if version == 1 else (*_FIELDS, *optional, _SUM), "the file")
    words = {name: string_of(data[name], name) for name in _FIELDS if name not in ("format", "case")}
    if words["arithmetic"] not in CONVICTING:
        raise InputError(f"arithmetic: {short(words['arithmetic'])}: it must be {' or '.join(map(repr, CONVICTING))}")
    claim = claims.get(words["claim"])
    if claim is None:
        raise InputError(f"claim: {unknown(words['claim'], claims)}")
    if not re.fullmatch("[0-9a-f]{64}", words["statement"]):
        raise InputError(f"statement: {short(words['statement'])} is no digest: it has 64 hexadecimal digits")
    if not stale and words["statement"] != claim.digest:
        raise InputError(
            f"statement: the digest is not that of {claim.key}, whose statement has changed or is another one: "
            f"run `theorems verify --restamp {shown(path)}` after checking it"
        )
    domain = decoded(data[_DOMAIN]) if optional else None
    witness = Witness(case=decode(data["case"], claim), domain=domain, **words)
    if not stale and string_of(data[_SUM], _SUM) != _checksum(data):
        raise Edited(
            f"{_SUM}: it is not that of the other fields, one of which was edited or damaged: fetch the file again, or "
            f"run `theorems verify --restamp {shown(path)}` after checking it"
        )
    return witness


def _checksum(data: Mapping[str, Any]) -> str:
    """SHA-256 of all other fields: of their JSON without blanks, in ASCII, with sorted keys."""
    others = {name: value for name, value in data.items() if name != _SUM}
    text = json.dumps(others, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def require_record(text: str, key: str, digest: str) -> None:
    """Raises `InputError` unless this is the text of a whole witness file for that claim and statement.

    Its case is not looked at, so that no claim is needed: that it refutes is for the replay to say.
    """
    data = parse(text.encode(errors="surrogatepass"))
    optional = (_DOMAIN,) if isinstance(data, dict) and _DOMAIN in data else ()
    fields_of(data, (*_FIELDS, *optional, _SUM), "the witness")
    if (data["format"], data["claim"], data["statement"]) != (FORMAT, key, digest):
        raise InputError("the witness is of another claim or format")
    if data["arithmetic"] not in CONVICTING:
        raise InputError(f"arithmetic: it must be {' or '.join(map(repr, CONVICTING))}")
    if data[_SUM] != _checksum(data):
        raise InputError(f"{_SUM}: it is not that of the other fields, one of which was edited or damaged")


def unknown(key: str, known: Iterable[str]) -> str:
    """The complaint about a key that nobody knows, with close matches."""
    keys = sorted(known)
    close = difflib.get_close_matches(key, keys, n=3, cutoff=0.5) or [other for other in keys if key and key in other]
    hint = f"did you mean {' or '.join(close[:3])}?" if close else "`theorems list` prints the keys"
    return f"no claim has the key {short(key)}: {hint}"


def dumps(witness: Witness, claim: Claim) -> str:
    """The text of a witness file.  Raises `InputError` for a case that could not be read back."""
    data = {"format": FORMAT} | {field.name: getattr(witness, field.name) for field in dataclasses.fields(witness)}
    data["case"] = encode(witness.case, claim)
    domain = data.pop(_DOMAIN)
    text = sealed(data if domain is None else {**data, _DOMAIN: encoded(domain)})
    if len(text.encode()) > MAX_BYTES:
        raise InputError(f"a witness for {witness.claim} larger than {MAX_BYTES // 1024} KiB: shrink the case")
    return text


def sealed(data: Mapping[str, Any]) -> str:
    """The text of the file that has these fields, and their checksum."""
    return layout({**{name: data[name] for name in (*_FIELDS, _DOMAIN) if name in data}, _SUM: _checksum(data)}) + "\n"


def write(path: str | os.PathLike[str], witness: Witness, claim: Claim) -> None:
    """Write a witness file, in one step."""
    write_text(path, dumps(witness, claim))


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file in one step: whoever reads it sees the old file or the new one, never a half."""
    target = Path(os.path.realpath(path))  # of a symbolic link, replace what it points to
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{shown(path)}: cannot be written ({error.strerror or error})") from None


# conviction and replay ----------------------------------------------------------------------------------------------


def judge(case: Any, claim: Claim, num: Arithmetic) -> tuple[Report, Condition | None]:
    """The report of a check of one case, and the condition that was decided last."""
    last: list[Condition] = []

    def observed(loaded: Any, num: Any) -> Generator[Suppose | Conclude, None, None]:
        for step in claim.statement(loaded, num):
            last[:] = [step.condition] if isinstance(step, Conclude) else []
            yield step

    report = check(observed, case, num, claim.skip)
    return report, last[0] if last else None


def _settled(case: Any, claim: Claim, arithmetic: str) -> tuple[tuple[Report, Condition | None], Arithmetic]:
    """The judgement in that arithmetic, at the first of its precisions that decides, and what it was."""
    last: list[Condition | None] = [None]

    def run(num: Arithmetic) -> Report:
        report, last[0] = judge(case, claim, num)
        return report

    with counted():
        report, num = settled(arithmetic_named(arithmetic), run)
    return (report, last[0]), num


def convict(
    case: Any, claim: Claim, arithmetic: str, note: str = "", domain: Domain | None = None
) -> Witness | None:
    """A witness for `case` if it refutes `claim` in that arithmetic, "rational" or "ball"; else None.

    A case outside the `domain` that it was drawn from refutes nothing.
    Raises `Unsupported` when the arithmetic cannot run the statement, `InputError` for a case that cannot be stored.
    """
    (report, _), num = _settled(case, claim, arithmetic)
    if report.outcome is not Outcome.FAILS or report.violation is None or (domain and domain.flaw(case)):
        return None
    violation = report.violation
    left, right = ("" if side is None else cut(num.show(side), 2000) for side in (violation.left, violation.right))
    witness = Witness(claim.key, claim.digest, arithmetic, case, violation.conclusion, left, right, note, domain)
    dumps(witness, claim)
    return witness


def cut(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 4] + " ..."


def arithmetic_named(name: str) -> Arithmetic:
    """A fresh arithmetic of that name."""
    from theorems.arithmetic import ARITHMETICS

    if name not in ARITHMETICS:
        raise InputError(f"no arithmetic is called {short(name)}: choose among {', '.join(ARITHMETICS)}")
    num: Arithmetic = ARITHMETICS[name]()
    return num


def replay(witness: Witness, claim: Claim, arithmetic: str) -> Replay:
    """Run the statement of `claim` on the case of a witness again.

    It refutes when all hypotheses are met and a conclusion fails.
    """
    if witness.claim != claim.key:
        return Replay(INVALID, message=f"a witness for {witness.claim}, not for {claim.key}")
    num = arithmetic_named(arithmetic)
    try:
        (report, condition), num = _settled(witness.case, claim, arithmetic)
    except Unsupported as error:
        return Replay(UNSUPPORTED, message=f"{arithmetic} lacks {error}")
    except InputError as error:
        return Replay(INVALID, message=" ".join(str(error).split()))
    except Exception as error:  # the case is a stranger's data: shapes and sizes may fit nothing
        reason = " ".join(str(error).split())
        return Replay(INVALID, message=f"the statement cannot be run on this case ({type(error).__name__}: {reason})")
    if report.outcome is not Outcome.FAILS:
        return _acquittal(report, arithmetic)
    flaw = flaw_of_decompositions(witness.case) or _outside(witness) or _other_record(witness, report, num)
    if flaw:
        return Replay(INVALID, report, flaw, condition)
    return Replay(REFUTES, report, "", condition)


def _outside(witness: Witness) -> str:
    flaw = witness.domain.flaw(witness.case) if witness.domain is not None else ""
    return f"the case is outside the domain that the file states: {flaw}" if flaw else ""


def _acquittal(report: Report, arithmetic: str) -> Replay:
    if report.outcome is Outcome.VACUOUS:
        names = ", ".join(repr(name) for name in report.unmet)
        return Replay(DOES_NOT_REFUTE, report, f"a hypothesis is not met: {names}")
    if report.outcome is Outcome.UNDEFINED:
        return Replay(DOES_NOT_REFUTE, report, f"the construction cannot be formed: {report.undefined}")
    if report.outcome is Outcome.HOLDS:
        return Replay(DOES_NOT_REFUTE, report, "every conclusion holds")
    # Undecided is the answer of a ball to a question of equality; of exact arithmetic it is the answer.
    result = DOES_NOT_REFUTE if arithmetic == "rational" else UNSUPPORTED
    return Replay(result, report, f"{arithmetic} cannot decide it")


def _other_record(witness: Witness, report: Report, num: Arithmetic) -> str:
    """What the file says of its conclusion and the replay does not confirm; nothing, of a file that is in order."""
    violation = report.violation
    if violation is None or num.name != witness.arithmetic:
        return ""
    if violation.conclusion != witness.conclusion:
        return f"the file names the conclusion {short(witness.conclusion)}, the replay {short(violation.conclusion)}"
    if num.name == "rational" and violation.left is not None:
        sides = tuple(cut(num.show(side), 2000) for side in (violation.left, violation.right))
        if sides != (witness.left, witness.right):
            return "the file records other sides: `theorems verify --restamp` renews them"
    return ""
