"""Data of strangers, mutated: witnesses, journals, PEFT configurations, headers of safetensors.

    python -m benchmarks.fuzz --count 10000 --seed 0

Each input goes through the command that reads it, in a process that may have 1 GiB more than it starts with.  What is
wanted of every one is a verdict (exit code 0 or 1), or exit code 2 and one line on stderr, within 3 s of its own work.
Anything else is printed, with the number that makes it again: ``--first NUMBER --count 1``.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from safetensors.numpy import save_file

from theorems import catalogue
from theorems.__main__ import main
from theorems.judge.codec import encode
from theorems.judge.tally import Tally
from theorems.judge.witness import FORMAT, sealed
from theorems.strategies.draws import recipe_of
from theorems.strategies.engine import journal_rows
from theorems.strategies.engine.journal import Done, Entry, Journal
from theorems.strategies.engine.journal_file import FILE
from theorems.strategies.search.portion import drawn_chunk

SECONDS, MEMORY = 3.0, 1 << 30
#: Wall-clock seconds after which a process that says nothing is killed.
PATIENCE = 120.0
KINDS = ("witness", "journal", "config", "header", "case")
#: In the place of an entry and of an integer of a case.
ENTRIES = (
    "0", "1", "-1", "2", "1/2", "-7/3", "1000000007/998244353", f"1{'0' * 400}", f"1/1{'0' * 400}", f"-{'9' * 1_990}",
    f"{'7' * 900}/{'3' * 900}", f"1/{'9' * 1_990}",
)  # fmt: skip
INTEGERS = (10**9, 10**6, 4096, 4095, 300, 64, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -5)
SCALARS: tuple[Any, ...] = (
    10**9, 10**6, 4096, 257, 64, 7, 3, 2, 1, 0, -1, -(10**9), 1 << 63, 1 << 64, 1.5, 1e308, True, False, None, "", "0",
    "1", "-1", "1/3", "1/0", "9" * 1_999, "1/" + "7" * 1_990, "nan", "1e9", "q_proj", "\x1b[31m", "\u202e", "\ud800",
    "x" * 20_000, [], {}, [[]], [1] * 300, {"a": 1}, "F32", "BF16", "I64", "LORA", "rational", "ball",
)  # fmt: skip
PATTERNS = (
    "([a-z_.0-9]+)+!", "a{99999999999999}", "(" * 5_000, "(?i)L", "(a|a)*b", ".*", "[", "\\", "q", "0.q", "^h", "",
)  # fmt: skip


class Hang(BaseException):
    """The time is over."""


# Mutations -----------------------------------------------------------------------------------------------------------


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to everything inside a piece of JSON."""
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for key, item in items:
        yield (*at, key)
        yield from places(item, (*at, key))


def mutate(value: Any, dice: random.Random) -> None:
    """Change something inside a list or object: a scalar, an item more or less, two items for each other."""
    paths = list(places(value))
    if not paths:
        return
    *way, last = dice.choice(paths)
    for key in way:
        value = value[key]
    change = dice.randrange(6)
    if change < 3:
        value[last] = copy.deepcopy(dice.choice(SCALARS))
    elif change == 3 and isinstance(value, list):
        value.insert(last, copy.deepcopy(value[last]))
    elif change == 3:
        value[str(dice.choice(SCALARS))[:50]] = copy.deepcopy(value[last])
    elif change == 4:
        del value[last]
    elif isinstance(value[last], str) and value[last]:
        cut = dice.randrange(len(value[last]))
        value[last] = value[last][:cut] + dice.choice("0123456789/-. \n\x00é") + value[last][cut + dice.randrange(2) :]
    else:
        value[last] = [value[last]] * dice.choice((0, 1, 2, 300))


def retyped(value: Any, dice: random.Random) -> None:
    """Change entries and integers of a case for others, so that it is read, and its statement runs on it."""
    leaves = [way for way in places(value) if isinstance(inside(value, way), int | str) and "shape" not in way]
    for *way, last in dice.sample(leaves, min(len(leaves), dice.choice((1, 1, 2, 5, 30)))):
        old = inside(value, way)[last]
        inside(value, way)[last] = dice.choice(ENTRIES if isinstance(old, str) else INTEGERS)


def grown(value: Any, size: int) -> None:
    """Every array of the case larger: rows and columns more, up to `size`, as a diagonal has them."""
    for way in places(value):
        array = inside(value, way)
        if isinstance(array, dict) and set(array) == {"shape", "entries"}:
            shape = [max(size, n) for n in array["shape"]]
            array["entries"] = _padded(array["entries"], shape, ())
            array["shape"] = shape


def _padded(entries: Any, shape: list[int], at: tuple[int, ...]) -> Any:
    if len(at) == len(shape):
        return entries if isinstance(entries, str) else str(int(len(set(at)) == 1) * 3 + sum(at) % 3)
    return [_padded(entries[i] if i < len(entries or ()) else None, shape, (*at, i)) for i in range(shape[len(at)])]


def inside(value: Any, way: Any) -> Any:
    """What lies at a path."""
    for key in way:
        value = value[key]
    return value


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Bits flipped, the end cut off, a piece doubled."""
    raw = bytearray(data)
    for _ in range(dice.choice((1, 1, 3, 30))):
        if raw:
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    cut = dice.randrange(len(raw) + 1)
    return bytes(raw[:cut] if dice.random() < 0.3 else raw[:cut] + raw[cut // 2 :] if dice.random() < 0.1 else raw)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


# Inputs: each writes files into the working folder, and returns the words of a command --------------------------------


def witness(dice: random.Random) -> list[str]:
    path = dice.choice(sorted(catalogue.stored().values()))
    data = json.loads(path.read_text())
    if dice.random() < 0.2:
        Path("w.json").write_bytes(damaged(path.read_bytes(), dice))
        return ["verify", "w.json"]
    if dice.random() < 0.3:  # another claim may read the same case in another way
        data["claim"] = dice.choice(list(catalogue.claims()))
        data["statement"] = catalogue.claims()[data["claim"]].digest
    if dice.random() < 0.5:
        retyped(data["case"]["fields"], dice)
    else:
        for _ in range(dice.choice((1, 1, 2, 4))):
            mutate(data["case"] if dice.random() < 0.8 and isinstance(data.get("case"), dict) else data, dice)
    return _verified(data, dice)


def case(dice: random.Random) -> list[str]:
    """A case as it is drawn for a claim that need not fall, changed."""
    claim = catalogue.claim(dice.choice(list(catalogue.claims())))
    drawn = drawn_chunk(catalogue.strategy(claim.key), 0, claim.key, 0)[:10]
    fields = encode(recipe_of(dice.choice(drawn)).exact(0), claim)
    words = dict.fromkeys(("conclusion", "left", "right", "note"), "")
    data = {"claim": claim.key, "statement": claim.digest, "arithmetic": "rational", "case": fields, **words}
    if dice.random() < 0.2:
        grown(fields, dice.choice((4, 8, 16)))
    retyped(fields["fields"], dice)
    return _verified(data, dice)


def _verified(data: Any, dice: random.Random) -> list[str]:
    with suppress(Exception):
        if dice.random() < 0.8:  # by somebody who knows the checksum
            data["format"] = FORMAT
            data = json.loads(sealed(data))
    Path("w.json").write_bytes(dumped(data))
    return ["verify", "w.json"]


def journal(dice: random.Random) -> list[str]:
    Path("camp").mkdir()
    raw = _whole_journal()
    file = Path("camp") / FILE
    if dice.random() < 0.5:
        file.write_bytes(damaged(raw, dice))
    else:
        file.write_bytes(raw)
        with closing(sqlite3.connect(file, isolation_level=None)) as connection, suppress(sqlite3.Error):
            _change_rows(connection, dice)
    return ["report", "camp", *dice.choice(([], ["--json"], [dice.choice(["zeng-lee/lemma-9", "mine"])]))]


def _change_rows(connection: sqlite3.Connection, dice: random.Random) -> None:
    """Rows changed, by somebody who may know the checksums."""
    connection.execute("PRAGMA ignore_check_constraints = ON")
    knows = dice.random() < 0.7
    for _ in range(dice.choice((1, 2, 5))):
        table = dice.choice(journal_rows.TABLES)
        rows = connection.execute(f"SELECT * FROM {table.name}").fetchall()
        if not rows:
            continue
        row = list(dice.choice(rows)[:-1])
        if dice.random() < 0.1:
            connection.execute(f"DELETE FROM {table.name} WHERE {next(iter(table.columns))} = ?", row[:1])
            continue
        value = dice.choice(SCALARS)
        row[dice.randrange(len(row))] = value if isinstance(value, int | float | str | None) else str(value)
        with suppress(TypeError, ValueError, OverflowError, sqlite3.Error):
            if knows:
                table.put(connection, *row)
            else:
                marks = ", ".join("?" * (len(row) + 1))
                connection.execute(f"INSERT OR REPLACE INTO {table.name} VALUES ({marks})", (*row, "0" * 32))


_journal: bytes = b""


def _whole_journal() -> bytes:
    global _journal
    if not _journal:
        known = catalogue.claims()
        stored = catalogue.stored()["zeng-lee/equation-1.5"]
        keys = ("zeng-lee/equation-1.5", "zeng-lee/lemma-9.value")
        entries = [Entry(key, key, None, known[key].digest, "refuted") for key in keys]
        entries.append(Entry("mine.py::mine/x", "mine/x", "/nowhere/mine.py", "0" * 64))
        with closing(Journal.create("whole")) as made:
            made.add_claims(entries)
            found = Done(keys[0], 0, {"gaussian": Tally(9)}, recipes=10, witness=stored.read_text(), margin=-1.0)
            found.shown, found.violation = "A = [ 1 ]", "1 <= 0"
            made.record(found)
            made.record(Done(keys[1], 3, {"gaussian": Tally(9), "uniform": Tally(3, worst=0.5)}, recipes=10))
        _journal = (Path("whole") / FILE).read_bytes()
        shutil.rmtree("whole")
    return _journal


def config(dice: random.Random) -> list[str]:
    _checkpoint("base.safetensors")
    Path("a").mkdir()
    names = ("h.0.q.lora_A.weight", "h.0.q.lora_B.weight")
    save_file({names[0]: np.ones((2, 5), "f4"), names[1]: np.ones((6, 2), "f4")}, "a/adapter_model.safetensors")
    values: dict[str, Any] = {
        "peft_type": "LORA", "r": 2, "lora_alpha": 4, "rank_pattern": {"h.0.q": 2, "x": 7}, "alpha_pattern": {"q": 8},
        "use_rslora": False, "fan_in_fan_out": False, "base_model_name_or_path": "b", "init_lora_weights": True,
    }  # fmt: skip
    for _ in range(dice.choice((0, 1, 2, 4))):
        mutate(values, dice)
    if dice.random() < 0.5:
        pattern = dice.choice(PATTERNS) + (dice.choice(PATTERNS) if dice.random() < 0.3 else "")
        values[dice.choice(("rank_pattern", "alpha_pattern"))] = {pattern: 2, "q": 2}
    raw = dumped(values)
    Path("a/adapter_config.json").write_bytes(damaged(raw, dice) if dice.random() < 0.2 else raw)
    return ["rank", "base.safetensors", "a"]


def header(dice: random.Random) -> list[str]:
    _checkpoint("base.safetensors")
    raw = Path("base.safetensors").read_bytes()
    if dice.random() < 0.2:
        Path("m.safetensors").write_bytes(damaged(raw, dice))
    elif dice.random() < 0.2:
        index: Any = {"weight_map": {"h.0.q.weight": "base.safetensors", "h.0.b": "base.safetensors"}}
        mutate(index, dice)
        Path("m.safetensors.index.json").write_bytes(dumped(index))
        return ["rank", "base.safetensors", "m.safetensors.index.json"]
    else:
        length = int.from_bytes(raw[:8], "little")
        head = json.loads(raw[8 : 8 + length])
        for _ in range(dice.choice((1, 2, 4))):
            mutate(head, dice)
        text = dumped(head)
        length = len(text) if dice.random() < 0.9 else dice.choice((0, 1, len(text) - 1, 1 << 40, (1 << 64) - 1))
        Path("m.safetensors").write_bytes(length.to_bytes(8, "little") + text + raw[8 + len(text) :][-500:])
    return dice.choice((["rank", "base.safetensors", "m.safetensors"], ["rank", "m.safetensors", "m.safetensors"],
                        ["spectrum", "m.safetensors"]))  # fmt: skip


def _checkpoint(path: str) -> None:
    dice = np.random.default_rng(0)
    weights = {"h.0.q.weight": (6, 5), "h.1.q.weight": (5, 5), "h.0.b": (6,)}
    save_file({name: dice.standard_normal(shape).astype("f4") for name, shape in weights.items()}, path)


MAKERS: dict[str, Callable[[random.Random], list[str]]] = {
    "witness": witness, "journal": journal, "config": config, "header": header, "case": case,
}  # fmt: skip


# Running -------------------------------------------------------------------------------------------------------------


def outcome(number: int, seed: int, kinds: Sequence[str]) -> tuple[str, str]:
    """What became of an input: "verdict", "refused", or what is wrong; and more of that."""
    dice = random.Random(f"{seed} {number}")
    kind = kinds[number % len(kinds)]
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            words = MAKERS[kind](dice)
            return _judged(words)
        finally:
            os.chdir(before)


def _judged(words: list[str]) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    begin = resource.getrusage(resource.RUSAGE_SELF)
    signal.signal(signal.SIGPROF, _over)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
    except Hang:
        return "hang", " ".join(words)
    except BaseException as error:
        return "traceback", "".join(traceback.format_exception(error)[-3:])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    said = err.getvalue()
    if spent.ru_utime - begin.ru_utime > SECONDS:
        return "hang", " ".join(words)
    if "MemoryError" in said + out.getvalue():
        return "memory", said
    if {"\x1b", "\u202e"} & set(said + out.getvalue()):
        return "escape", said
    if code == 2 and said.startswith("theorems: ") and said.count("\n") == 1:
        return "refused", said
    if code in (0, 1) and said.count("\n") <= 1:
        return "verdict", said
    return "other", f"exit code {code}, and on stderr: {said}"


def _over(number: int, frame: object) -> NoReturn:
    raise Hang


def child(first: int, count: int, seed: int, kinds: Sequence[str]) -> None:
    """Judge some inputs under limits; one line of JSON for each."""
    warnings.simplefilter("error")
    lines = os.fdopen(os.dup(1), "w")  # what a reader prints past `sys.stdout` is not among them
    with contextlib.redirect_stdout(io.StringIO()):
        main(["verify", "zeng-lee/equation-1.5"])  # all that is loaded once, before the limits
    if sys.platform == "linux":
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    for number in range(first, first + count):
        print(json.dumps([number, *outcome(number, seed, kinds)]), file=lines, flush=True)


def run(first: int, count: int, seed: int, kinds: Sequence[str] = KINDS) -> dict[int, tuple[str, str]]:
    """The outcomes by number, from processes that are replaced when one of them dies."""
    found: dict[int, tuple[str, str]] = {}
    while len(found) < count:
        begin = first + len(found)
        words = [sys.executable, "-m", "benchmarks.fuzz", "--child", f"--first={begin}", f"--seed={seed}"]
        words.append(f"--kinds={','.join(kinds)}")
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "COLUMNS": "100"}
        process = subprocess.Popen(
            [*words, f"--count={count - len(found)}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        watch = _Watch(process)
        for line in process.stdout:
            watch.heard()
            number, result, more = json.loads(line)
            found[number] = (result, more)
        watch.stop()
        if process.wait() and len(found) < count:
            dead = first + len(found)
            found[dead] = ("killed", f"exit code {process.returncode}: {process.stderr.read()[-500:]}")
        process.stdout.close()
        process.stderr.close()
    return found


class _Watch:
    """Kills a process that has said nothing for `PATIENCE`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        import threading

        self._process, self._last, self._done = process, time.monotonic(), threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def heard(self) -> None:
        self._last = time.monotonic()

    def stop(self) -> None:
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(1.0):
            if time.monotonic() - self._last > PATIENCE:
                self._process.kill()


def table(found: dict[int, tuple[str, str]], kinds: Sequence[str]) -> str:
    """How many inputs of each kind ended in which way."""
    counts = Counter((kinds[number % len(kinds)], result) for number, (result, _) in found.items())
    ways = sorted({way for _, way in counts}, key=lambda way: (way not in ("verdict", "refused"), way))
    rows = [["kind", *ways], *([kind, *(str(counts[kind, way]) for way in ways)] for kind in kinds)]
    return "\n".join("  ".join(f"{cell:<8}" if i == 0 else f"{cell:>9}" for i, cell in enumerate(row)) for row in rows)


def command() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS), help="which kinds, in turn (default %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="print what is said of every input")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    kinds = arguments.kinds.split(",")
    if arguments.child:
        child(arguments.first, arguments.count, arguments.seed, kinds)
        return 0
    found = run(arguments.first, arguments.count, arguments.seed, kinds)
    bad = {number: result for number, result in sorted(found.items()) if result[0] not in ("verdict", "refused")}
    print(table(found, kinds))
    for number, (result, more) in (found if arguments.verbose else bad).items():
        print(f"{number} ({kinds[number % len(kinds)]}): {result}: {more}")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(command())
