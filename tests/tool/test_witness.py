"""Witness files: what is written comes back, what is damaged is refused in one line, and the replay is honest."""

from __future__ import annotations

import copy
import dataclasses
import errno
import json
import os
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import fake_catalogue as fake
from theorems.case import SVD, MatrixCase, arrays
from theorems.catalogue import stored
from theorems.errors import InputError
from theorems.judge.codec import MAX_DIMENSION, decode, encode
from theorems.judge.witness import (
    DOES_NOT_REFUTE,
    INVALID,
    REFUTES,
    UNSUPPORTED,
    Edited,
    Witness,
    convict,
    dumps,
    read,
    replay,
    witness_name,
    write,
)
from theorems.models.linear import Adapter, LinearCase, LinearModel

BOTH = ("rational", "fractions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good witness file for `fake.TRACE`."""
    return fake.store(tmp_path, fake.TRACE, fake.trace_case())


@pytest.fixture
def sigma(tmp_path: Path) -> Path:
    """A good witness file for `fake.SIGMA`, which has every kind of field."""
    return fake.store(tmp_path, fake.SIGMA, fake.sigma_case())


def complaint(path: Path, text: str | bytes | None = None, **options: bool) -> str:
    """The one line with which the file is refused."""
    if text is not None:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        read(path, fake.CLAIMS, **options)
    message = str(caught.value)
    assert message.startswith(str(path)), message
    assert message.isprintable()
    assert len(message) < 600
    return message


def same(a: Any, b: Any) -> bool:
    """Whether two cases have equal types, shapes and entries."""
    pairs = zip(arrays(a), arrays(b), strict=True)
    return type(a) is type(b) and all(x.shape == y.shape and x.tolist() == y.tolist() for x, y in pairs)


# round trips --------------------------------------------------------------------------------------------------------


def test_a_witness_comes_back(path: Path) -> None:
    witness = read(path, fake.CLAIMS)
    assert (witness.claim, witness.arithmetic, witness.note) == ("ours/trace", "rational", "by hand")
    assert (witness.left, witness.right) == ("3/2", "0")
    assert same(witness.case, fake.trace_case())
    assert path.read_text() == dumps(witness, fake.TRACE)


def test_every_kind_of_field_comes_back(sigma: Path) -> None:
    case = read(sigma, fake.CLAIMS).case
    assert same(case, fake.sigma_case())
    assert case.empty.shape == (2, 0)
    assert (case.k, case.name, case.sizes, case.extra, case.pair[1]) == (1, "a name", (1, 2), None, 4)
    assert case.pair[0].shape == ()
    assert case.pair[0].item() == Fraction(-7, 3)


@pytest.mark.parametrize("shape", [(), (0,), (3,), (0, 2), (2, 0), (0, 0), (2, 3), (2, 1, 3)])
def test_every_shape_comes_back(shape: tuple[int, ...]) -> None:
    array = np.empty(shape, dtype=object)
    for i in range(array.size):
        array.flat[i] = Fraction(i, 3)
    back = decode(json.loads(json.dumps(encode(MatrixCase(vectors=(array,)), fake.TRACE))), fake.TRACE)
    assert back.vectors[0].shape == shape
    assert back.vectors[0].tolist() == array.tolist()


def test_floats_are_stored_exactly() -> None:
    back = decode(encode(MatrixCase(vectors=(np.array([0.1, 5e-324]),)), fake.TRACE), fake.TRACE)
    assert [float(entry) for entry in back.vectors[0]] == [0.1, 5e-324]
    assert back.vectors[0][0] != Fraction(1, 10)


def test_a_linear_case_comes_back() -> None:
    identity, nothing = fake.rationals([1, 0], [0, 1]), np.empty((2, 0), dtype=object)
    case = LinearCase(
        frozen=LinearModel((identity, identity)),
        error=SVD(identity, fake.rationals(2, 1), identity),
        ranks=(0, 0),
        competitor=(Adapter(nothing, nothing.T), Adapter(nothing, nothing.T)),
    )
    back = decode(encode(case, fake.TRACE), fake.TRACE)
    assert same(back, case)
    assert back.target.tolist() == [[3, 0], [0, 2]]


def test_a_row_of_a_matrix_is_a_line(path: Path) -> None:
    lines = [line.strip() for line in path.read_text().splitlines()]
    assert '["0", "1"],' in lines
    assert '["3/2", "0"]' in lines


def test_what_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    @dataclasses.dataclass(frozen=True)
    class Local:
        n: int

    good = fake.trace_case()
    long = MatrixCase(vectors=(fake.rationals(10**2001),))
    wide = MatrixCase(matrices=(np.zeros((1, MAX_DIMENSION + 1)),))
    for case, word in ((Local(1), "Local"), (long, "digits"), (wide, "range"), (MatrixCase(vectors=(good,)), "finite")):  # type: ignore[arg-type]
        witness = Witness("ours/trace", fake.TRACE.digest, "rational", case, "", "", "")
        with pytest.raises(InputError, match=word):
            write(tmp_path / "new.json", witness, fake.TRACE)
    assert list(tmp_path.iterdir()) == []


# damage -------------------------------------------------------------------------------------------------------------


def test_every_truncation_is_refused(path: Path) -> None:
    text = path.read_bytes().rstrip()
    for length in range(0, len(text), 7):
        assert "truncated" in complaint(path, text[:length])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "truncated"),
        (b"[]", "a list where an object is expected"),
        (b"null", "null where"),
        (b"3", "the integer 3"),
        (b'"x"', "the string"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"\x80\x04K\x01.", "UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b" " * (1 << 20) + b"{}", "larger than 1024 KiB"),
        (b'{"format": 2, "format": 2}', "twice"),
        (b'{"format": NaN}', "NaN"),
        (b'{"format": -Infinity}', "Infinity"),
        (b'{"format": ' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"format": 1e999}', "format"),
        (b'{"format": 1}', "theorems verify --restamp"),
        (b'{"format": 2}', "theorems verify --restamp"),
        (b'{"format": 3}', "'claim' is missing"),
    ],
)
def test_what_is_no_witness_is_refused(path: Path, text: bytes, word: str) -> None:
    assert word in complaint(path, text)


FIELDS = ("format", "claim", "statement", "arithmetic", "case", "conclusion", "left", "right", "note", "sha256")


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_damaged_in_turn(path: Path, field: str) -> None:
    good = json.loads(path.read_text())
    damages: tuple[Any, ...] = (None, True, 4, 1.5, [], {}, "\ud800", "a\x1b[31m", "x" * 20_000, "another")
    for wrong in damages:
        message = complaint(path, json.dumps(good | {field: wrong}))
        assert field in message or "one of which was edited" in message, message
    missing = {name: value for name, value in good.items() if name != field}
    assert f"'{field}' is missing" in complaint(path, json.dumps(missing))
    assert "unknown field 'extra'" in complaint(path, json.dumps(good | {"extra": 1}))


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a piece of JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in inner for path in leaves(item, (*at, key)))]


def changed(data: Any, at: tuple[Any, ...], wrong: Any) -> Any:
    if not at:
        return wrong
    result = copy.deepcopy(data)
    place = result
    for key in at[:-1]:
        place = place[key]
    place[at[-1]] = wrong
    return result


def test_everything_in_the_case_damaged_in_turn(sigma: Path) -> None:
    good = json.loads(sigma.read_text())
    damages: tuple[Any, ...] = (False, 1.5, [[]], {"shape": [1]}, "1.5")
    for at in leaves(good["case"]):
        for wrong in damages:
            if at == ("fields", "name") and isinstance(wrong, str):
                continue
            assert "case" in complaint(sigma, json.dumps(good | {"case": changed(good["case"], at, wrong)}))


@pytest.mark.parametrize(
    ("array", "word"),
    [
        ({"shape": [2, 2], "entries": [["1", "0"], ["0"]]}, "entries[1]: a list of 1"),
        ({"shape": [2, 2], "entries": [["1", "0"]]}, "entries: a list of 1"),
        ({"shape": [2], "entries": [["1", "0"], ["0", "1"]]}, "a list where a string"),
        ({"shape": [2, 2], "entries": ["1", "0"]}, "compare the shape"),
        ({"shape": [2, 2], "entries": [["1", "0"], ["0", "1/0"]]}, "zero denominator"),
        ({"shape": [1, 1], "entries": [["nan"]]}, "exact number"),
        ({"shape": [1, 1], "entries": [["Infinity"]]}, "exact number"),
        ({"shape": [1, 1], "entries": [["1e3"]]}, "exact number"),
        ({"shape": [1, 1], "entries": [["１"]]}, "exact number"),
        ({"shape": [1, 1], "entries": [["1 "]]}, "exact number"),
        ({"shape": [1, 1], "entries": [["__import__('os')"]]}, "exact number"),
        ({"shape": [1, 1], "entries": [[1]]}, "the integer 1 where a string"),
        ({"shape": [1, 1], "entries": [["7" * 2001]]}, "2000 digits"),
        ({"shape": [1, 1], "entries": [["1" * 1500 + "/" + "7" * 1500]]}, "2000 digits"),
        ({"shape": [1, -1], "entries": [[]]}, "out of range"),
        ({"shape": [257, 1], "entries": []}, "out of range"),
        ({"shape": [10**30, 0], "entries": []}, "out of range"),
        ({"shape": [200, 200, 200], "entries": []}, "100000 entries"),
        ({"shape": [1] * 9, "entries": []}, "at most 4 dimensions"),
        ({"shape": [1, True], "entries": [["1"]]}, "the boolean True"),
        ({"shape": [1.0, 1], "entries": [["1"]]}, "the float 1.0"),
        ({"entries": [["1"]]}, "'shape' is missing"),
        ({"shape": [1, 1], "entries": [["1"]], "dtype": "O"}, "unknown field 'dtype'"),
    ],
)
def test_a_damaged_array_is_refused(path: Path, array: Any, word: str) -> None:
    data = json.loads(path.read_text())
    data["case"]["fields"]["matrices"][1] = array
    message = complaint(path, json.dumps(data))
    assert word in message
    assert "case.fields.matrices[1]" in message


def test_a_case_type_may_check_itself(sigma: Path) -> None:
    data = json.loads(sigma.read_text())
    data["case"]["fields"]["k"] = 0
    assert complaint(sigma, json.dumps(data)).endswith("case.fields: k = 0: singular values are counted from 1")


@pytest.mark.parametrize("name", ["os:system", "theorems.claim:Claim", "theorems.case:Nothing", "x", ""])
def test_only_case_types_are_made(path: Path, name: str) -> None:
    data = json.loads(path.read_text())
    data["case"]["type"] = name
    assert complaint(path, json.dumps(data))


def test_another_format_is_named(path: Path) -> None:
    data = json.loads(path.read_text())
    assert "this program reads format 3" in complaint(path, json.dumps(data | {"format": 4}))
    assert "this program reads format 3" in complaint(path, json.dumps({"format": 4, "anything": 0}))


def test_an_edited_file_is_told_from_a_file_that_is_wrong(path: Path) -> None:
    data = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(data.items()))))  # blanks and order say nothing
    assert read(path, fake.CLAIMS).note == "by hand"
    path.write_text(json.dumps(data | {"note": "by nobody"}))
    with pytest.raises(Edited, match="edited or damaged"):
        read(path, fake.CLAIMS)
    assert read(path, fake.CLAIMS, stale=True).note == "by nobody"


def test_a_file_of_format_1_is_for_restamping(path: Path) -> None:
    data = json.loads(path.read_text()) | {"format": 1}
    del data["sha256"]
    assert f"theorems verify --restamp {path}" in complaint(path, json.dumps(data))
    assert read(path, fake.CLAIMS, stale=True).note == "by hand"
    assert "unknown field 'sha256'" in complaint(path, json.dumps(data | {"sha256": "0" * 64}), stale=True)


def test_a_file_of_format_2_is_for_restamping(path: Path) -> None:
    """It names its case type by module, and its digest is of another kind."""
    data = json.loads(path.read_text()) | {"format": 2, "statement": "0" * 64}
    data["case"]["type"] = f"theorems.somewhere:{data['case']['type']}"
    assert f"theorems verify --restamp {path}" in complaint(path, json.dumps(data))
    assert read(path, fake.CLAIMS, stale=True).note == "by hand"


def test_another_statement_is_refused(path: Path) -> None:
    data = json.loads(path.read_text())
    assert f"theorems verify --restamp {path}" in complaint(path, json.dumps(data | {"statement": "0" * 64}))
    assert read(path, fake.CLAIMS, stale=True).statement == "0" * 64
    assert "changed" in complaint(path, json.dumps(data | {"claim": "zeng-lee/sigma.value"}))
    assert "did you mean ours/trace" in complaint(path, json.dumps(data | {"claim": "ours/trase"}))
    assert "no claim has the key ''" in complaint(path, json.dumps(data | {"claim": ""}))
    assert "64 hexadecimal" in complaint(path, json.dumps(data | {"statement": "x"}), stale=True)


# the file system ----------------------------------------------------------------------------------------------------


def test_what_is_no_file_is_refused(path: Path, tmp_path: Path) -> None:
    assert "not a regular file" in complaint(tmp_path)
    assert "No such file" in complaint(tmp_path / "nothing.json")
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)
    assert os.strerror(errno.ELOOP) in complaint(loop)
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert "not a regular file" in complaint(pipe)
    for bad in ("a\0b", "x" * 5000):
        with pytest.raises(InputError, match="cannot be read"):
            read(bad, fake.CLAIMS)


def test_an_unreadable_file_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:  # permissions do not stop root, who may run the tests
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "Permission denied" in complaint(path)


def test_writing_is_all_or_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, witness = path.read_bytes(), read(path, fake.CLAIMS)

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="No space left"):
        write(path, dataclasses.replace(witness, note="new"), fake.TRACE)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_reader_never_sees_half_a_file(path: Path) -> None:
    witness = read(path, fake.CLAIMS)
    notes = ("short", "long " * 500)

    def rewrite() -> None:
        for i in range(60):
            write(path, dataclasses.replace(witness, note=notes[i % 2]), fake.TRACE)

    writer = threading.Thread(target=rewrite)
    writer.start()
    while writer.is_alive():
        assert read(path, fake.CLAIMS).note in (*notes, "by hand")
    writer.join()
    assert read(path, fake.CLAIMS).note == notes[1]


def test_writing_goes_through_a_link_and_makes_the_folder(path: Path, tmp_path: Path) -> None:
    witness = read(path, fake.CLAIMS)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    write(link, dataclasses.replace(witness, note="by link"), fake.TRACE)
    assert link.is_symlink()
    assert read(path, fake.CLAIMS).note == "by link"
    write(tmp_path / "a" / "b" / "new.json", witness, fake.TRACE)
    assert (tmp_path / "a" / "b" / "new.json").is_file()
    with pytest.raises(InputError, match="cannot be written"):
        write(path / "below-a-file.json", witness, fake.TRACE)


# names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("zeng-lee/lemma-9.optimal-solution", "zeng-lee__lemma-9.optimal-solution.json"),
        ("zeng-lee/lemma-8:atomless", "zeng-lee__lemma-8--atomless.json"),
        ("../../etc/passwd", "_..__..__etc__passwd.json"),
        ("a b\n", "a%20b%a.json"),
    ],
)
def test_names_of_files(key: str, name: str) -> None:
    assert witness_name(key) == name


def test_stored_finds_files_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.install(monkeypatch, tmp_path)
    assert stored() == {}
    path = fake.store(tmp_path, fake.SIGMA, fake.sigma_case())
    other = tmp_path / witness_name("ours/trace:semidefinite")
    other.touch()
    assert stored() == {"zeng-lee/sigma.value": path, "ours/trace:semidefinite": other}


# replay -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arithmetic", BOTH)
def test_a_good_witness_refutes(path: Path, sigma: Path, arithmetic: str) -> None:
    for file, claim in ((path, fake.TRACE), (sigma, fake.SIGMA)):
        found = replay(read(file, fake.CLAIMS), claim, arithmetic)
        assert (found.result, found.message) == (REFUTES, "")
        assert found.report is not None
        assert found.report.violation is not None


def edited(witness: Witness, edit: Callable[[Any], Any]) -> Witness:
    return dataclasses.replace(witness, case=edit(copy.deepcopy(witness.case)))


@pytest.mark.parametrize("arithmetic", BOTH)
def test_an_edited_witness_is_found_out(path: Path, sigma: Path, arithmetic: str) -> None:
    trace, spectral = read(path, fake.CLAIMS), read(sigma, fake.CLAIMS)
    zero, column = fake.rationals([0, 0], [0, 0]), fake.rationals([1], [2])

    def result(witness: Witness, claim: Any, edit: Callable[[Any], Any]) -> tuple[str, str]:
        found = replay(edited(witness, edit), claim, arithmetic)
        return found.result, found.message

    def spoil(case: Any) -> Any:
        case.known.U[0, 0] += 1
        return case

    def flatten(case: Any) -> Any:
        case.known.s[...] = [Fraction(2), Fraction(0)]
        return case

    def swap(case: Any) -> Any:
        case.known.s[...] = case.known.s[::-1].copy()
        return case

    assert result(trace, fake.TRACE, lambda _: MatrixCase((zero, zero)))[0] == DOES_NOT_REFUTE
    vacuous = result(trace, fake.TRACE, lambda _: MatrixCase((zero, column)))
    assert vacuous == (DOES_NOT_REFUTE, "a hypothesis is not met: 'A and B have one size'")
    invalid = result(trace, fake.TRACE, lambda _: MatrixCase((zero,)))
    assert invalid[0] == INVALID
    assert "ValueError" in invalid[1]
    assert result(trace, fake.TRACE, lambda _: MatrixCase((column, column)))[0] == INVALID
    assert result(spectral, fake.SIGMA, flatten)[0] == DOES_NOT_REFUTE
    assert result(spectral, fake.SIGMA, spoil)[0] == UNSUPPORTED  # no longer orthogonal
    assert result(spectral, fake.SIGMA, swap)[0] == UNSUPPORTED  # no longer in descending order
    assert result(spectral, fake.SIGMA, lambda case: dataclasses.replace(case, k=9))[0] == INVALID


def test_a_witness_for_another_claim_is_invalid(path: Path) -> None:
    found = replay(read(path, fake.CLAIMS), fake.COMMUTES, "rational")
    assert found.result == INVALID
    assert "ours/trace" in found.message


def test_a_statement_may_refuse_a_case(path: Path) -> None:
    def refusing(case: Any, num: Any) -> fake.Steps:
        """Nothing."""
        raise InputError("a rank of -1: it must lie in 0..2")
        yield

    witness = read(path, fake.CLAIMS)
    found = replay(witness, dataclasses.replace(fake.TRACE, statement=refusing), "rational")
    assert (found.result, found.message) == (INVALID, "a rank of -1: it must lie in 0..2")


def test_an_unknown_arithmetic_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="no arithmetic is called 'float'"):
        replay(read(path, fake.CLAIMS), fake.TRACE, "float")


def test_a_record_that_the_replay_does_not_find_is_invalid(path: Path) -> None:
    witness = read(path, fake.CLAIMS)
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"left": "9"}, "other sides"), ({"conclusion": "x"}, "names the conclusion 'x'"),
    )  # fmt: skip
    for change, word in changes:
        found = replay(dataclasses.replace(witness, **change), fake.TRACE, "rational")
        assert found.result == INVALID
        assert word in found.message


def test_only_a_refuting_case_is_convicted() -> None:
    zero = fake.rationals([0, 0], [0, 0])
    assert convict(MatrixCase((zero, zero)), fake.TRACE, "rational") is None
    assert convict(fake.trace_case(), fake.TRACE_REPAIRED, "rational") is None


def test_equality_of_matrices_is_recorded(tmp_path: Path) -> None:
    path = fake.store(tmp_path, fake.COMMUTES, fake.trace_case())
    witness = read(path, fake.CLAIMS)
    assert witness.left == "[[3/2, 0], [0, 0]]"
    assert witness.right == "[[0, 0], [0, 3/2]]"
    assert replay(witness, fake.COMMUTES, "fractions").result == REFUTES
