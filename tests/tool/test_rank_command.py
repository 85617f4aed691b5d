"""``theorems rank``: checkpoints read exactly, ranks and errors right, adapters written, one line for what is wrong."""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import numpy as np
import pytest
import safetensors.numpy

from tests import checkpoint_files
from tests.checkpoint_files import Run, random, save, save_raw
from tests.exact_spectra import eigenvalues_above, eigenvalues_from, gram, rational, squared, trace
from theorems.__main__ import main
from theorems.commands.rank_numbers import at_most, folded
from theorems.weights.certified import certified, scaled
from theorems.weights.changes import Noise
from theorems.weights.least_rank import energy, error, least_rank
from theorems.weights.pairing import differences
from theorems.weights.stored import Floats, open_checkpoint

ran = checkpoint_files.ran
refused = checkpoint_files.refused
pair = checkpoint_files.pair

# Reading -------------------------------------------------------------------------------------------------------------


def test_every_layer_is_measured_and_the_intervals_hold_exactly(pair: Any, ran: Run) -> None:
    base, tuned, E = pair
    result = ran(base, tuned, "--energy", "0.9")
    assert [row["tensor"] for row in result["layers"]] == ["conv.weight", "layers.2.w.weight", "layers.10.w.weight"]
    assert result["skipped"] == [{"tensor": "norm.weight", "why": "not a matrix", "changed": True}]
    for row in result["layers"]:
        change = E[row["tensor"]].reshape(len(E[row["tensor"]]), -1)
        assert row["shape"] == list(change.shape)
        G = gram(rational(change))
        low, high = row["spectral_norm"]
        assert eigenvalues_above(G, squared(high)) == 0 < eigenvalues_from(G, squared(low))
        low, high = row["frobenius_norm"]
        assert squared(low) <= trace(G) <= squared(high)
        assert high - low <= 1e-12 * high
        s = np.linalg.svd(change, compute_uv=False)
        kept = np.cumsum(s**2) / (s**2).sum()
        r = row["lora_rank"]
        assert row["smallest_lora_rank"] == [r, r]
        assert r == 1 + int((kept < 0.9).sum())
        assert row["rank"] == min(change.shape) == row["rank_bounds"][0]
        assert row["frobenius_error"][1] == pytest.approx(np.sqrt((s[r:] ** 2).sum()), rel=1e-5)
        assert row["spectral_error"][1] == pytest.approx(s[r], rel=1e-5)


def float_of_bfloat16(bits: int) -> float:
    return float(struct.unpack("<f", struct.pack("<I", bits << 16))[0])


def test_bfloat16_and_float16_are_read_exactly(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 1 << 16, size=(40, 30), dtype=np.uint16)
    bits[(bits & 0x7F80) == 0x7F80] = 0x3F80  # no infinities
    half = np.random.default_rng(1).standard_normal((7, 5)).astype(np.float16)
    path = save_raw(tmp_path / "b", {"w": ("BF16", (40, 30), bits.tobytes()), "h": ("F16", (7, 5), half.tobytes())})
    tensors = open_checkpoint(path).tensors
    wanted = [[float_of_bfloat16(int(b)) for b in row] for row in bits]
    assert tensors["w"].rows(3, 40).tolist() == wanted[3:]
    assert tensors["h"].rows(0, 7).tolist() == half.astype(float).tolist()


def test_a_low_rank_change_merged_into_bfloat16_is_told_from_its_rounding(tmp_path: Path, ran: Run) -> None:
    W, change = random(0, 96, 64), random(1, 96, 3) @ random(2, 3, 64)

    def bfloat16(A: Floats) -> bytes:
        raw = A.astype(np.float32).view(np.uint32)
        return (((raw + 0x7FFF + ((raw >> 16) & 1)) >> 16).astype(np.uint16)).tobytes()

    base = save_raw(tmp_path / "b", {"w": ("BF16", (96, 64), bfloat16(W))})
    stored = open_checkpoint(base).tensors["w"].rows(0, 96)
    tuned = save_raw(tmp_path / "t", {"w": ("BF16", (96, 64), bfloat16(stored + change))})
    (row,) = ran(base, tuned)["layers"]
    assert row["rank"] == 3
    assert row["rank_bounds"] == [64, 64]
    assert row["types"] == ["BF16", "BF16"]


@pytest.mark.parametrize("kind", ["F32", "BF16", "F16"])
def test_noise_is_about_the_norm_of_rounding_errors(kind: str) -> None:
    bits = {"F32": 24, "BF16": 8, "F16": 11}[kind]
    W = random(5, 120, 80) * np.exp(random(6, 120, 1))
    noise = Noise(*W.shape)
    noise.add(W, kind, 0)
    unit = np.ldexp(1.0, np.frexp(W)[1] - bits)
    errors = np.rint(W / unit) * unit - W
    assert np.linalg.norm(errors, 2) <= noise.norm() <= 3 * np.linalg.norm(errors, 2)
    assert noise.norm() < np.linalg.norm(unit / 2)


def test_a_difference_of_doubles_is_certified_with_its_own_rounding(tmp_path: Path, ran: Run) -> None:
    W = random(0, 5, 4) * 2.0 ** np.random.default_rng(1).integers(-40, 40, size=(5, 4))
    T = random(2, 5, 4)
    base, tuned = save(tmp_path / "b", {"w": W}), save(tmp_path / "t", {"w": T})
    (row,) = ran(base, tuned)["layers"]
    truth = rational(T) - rational(W)
    assert any(truth[i, j] != rational(T - W)[i, j] for i in range(5) for j in range(4))
    low, high = row["frobenius_norm"]
    assert squared(low) <= trace(gram(truth)) <= squared(high)


def test_doubles_whose_difference_overflows_are_certified_all_the_same(tmp_path: Path) -> None:
    W, T = np.full((2, 2), -1.5e308), np.array([[1.5e308, 1e300], [0.0, 1.0]])
    changes = differences(
        open_checkpoint(save(tmp_path / "b", {"w": W})), open_checkpoint(save(tmp_path / "t", {"w": T}))
    )
    E, _ = changes.layers[0].load()
    spectrum = certified(E)
    truth = gram((rational(T) - rational(W)) * flint.fmpq(2) ** -E.exponent)
    for r in range(2):
        assert eigenvalues_above(truth, squared(float(spectrum.spectral[1][r]))) <= r
        assert eigenvalues_from(truth, squared(float(spectrum.spectral[0][r]))) >= r + 1


def test_shards_give_what_one_file_gives(pair: Any, tmp_path: Path, ran: Run) -> None:
    base, tuned, _ = pair
    tensors = safetensors.numpy.load_file(tuned)
    folder = tmp_path / "sharded"
    folder.mkdir()
    names = sorted(tensors)
    files = {name: f"model-0000{1 + i % 2}-of-00002.safetensors" for i, name in enumerate(names)}
    for file in set(files.values()):
        save(folder / file, {name: tensors[name] for name in names if files[name] == file})
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": files}))
    whole = ran(base, tuned)["layers"]
    assert ran(base, folder)["layers"] == ran(base, index)["layers"] == whole


def test_identical_checkpoints_have_changes_of_rank_zero(pair: Any, ran: Run) -> None:
    base, _, _ = pair
    for row in ran(base, base, "--energy", "0.95")["layers"]:
        assert row["rank_bounds"] == [0, 0]
        assert row["smallest_lora_rank"] == [0, 0]
        assert row["frobenius_error"] == [0.0, 0.0]


# The smallest rank ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0.95", "0.5", "0.999", "0.75"])
def test_the_smallest_rank_for_an_energy_is_enclosed_ties_included(text: str) -> None:
    generator = np.random.default_rng(len(text))
    share, ties = Fraction(text), 0
    for _ in range(60):
        n = int(generator.integers(1, 21))
        s = np.sort(generator.integers(1, 4, size=n) if generator.random() < 0.7 else generator.random(n))[::-1]
        squares = [Fraction(float(x)) ** 2 for x in s]
        least = next(r for r in range(n + 1) if sum(squares[:r]) >= share * sum(squares))
        tie = sum(squares[:least]) == share * sum(squares)
        a, b = least_rank(certified(scaled(np.diag(s).astype(float))), energy(share))
        assert a <= least <= b
        assert b - a <= int(tie)
        ties += tie
    assert ties > 0 or text == "0.999"


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("norm", ["spectral", "frobenius"])
def test_the_smallest_rank_for_an_error_is_enclosed(norm: str, absolute: bool) -> None:
    generator = np.random.default_rng(7)
    for _ in range(60):
        n = int(generator.integers(1, 9))
        s = np.sort(generator.integers(1, 5, size=n))[::-1] * 2.0 ** int(generator.integers(-900, 400))
        exact = [Fraction(float(x)) for x in s]
        size = Fraction(int(generator.integers(1, 20)), 20) * (exact[0] if absolute else 1)

        def square(r: int, exact: list[Fraction] = exact) -> Fraction:
            left = exact[r:]
            return (
                sum((x * x for x in left), Fraction(0)) if norm == "frobenius" else max(left, default=Fraction(0)) ** 2
            )

        allowed = size * size * (1 if absolute else square(0))
        least = next(r for r in range(n + 1) if square(r) <= allowed)
        a, b = least_rank(certified(scaled(np.diag(s))), error(size, norm, absolute=absolute))
        assert a <= least <= b
        assert a == b or square(least) == allowed


def test_a_tie_is_printed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = save(tmp_path / "b", {"w": np.zeros((20, 20))})
    tuned = save(tmp_path / "t", {"w": np.eye(20)})
    assert main(["rank", str(base), str(tuned), "--energy", "0.95"]) == 0
    assert "19 or 20" in capsys.readouterr().out


def test_a_given_rank_is_taken_and_its_error_is_that_of_the_truncation(pair: Any, ran: Run) -> None:
    base, tuned, E = pair
    for row in ran(base, tuned, "--rank", 2)["layers"]:
        s = np.linalg.svd(E[row["tensor"]].reshape(row["shape"]), compute_uv=False)
        assert (row["lora_rank"], row["smallest_lora_rank"]) == (2, None)
        assert row["lora_parameters"] == 2 * sum(row["shape"])
        assert row["spectral_error"][0] <= s[2] * (1 + 1e-12)
        assert row["spectral_error"][1] == pytest.approx(s[2], rel=1e-5)


# The table and the plot ----------------------------------------------------------------------------------------------


def test_the_table_fits_and_folds_long_names_from_the_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "model.language_model.decoder.blocks.17.feed_forward.experts.11.down_projection.weight"
    base = save(tmp_path / "b", {name: np.zeros((40, 30)), "n": np.ones(3)})
    tuned = save(tmp_path / "t", {name: random(0, 40, 30) * 1e-7, "n": np.ones(3)})
    assert main(["rank", str(base), str(tuned)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100
    assert "down_projection.weight\n" in out
    assert "..." in out
    assert "do not apply" in out


def test_printed_bounds_are_rounded_up_and_names_folded() -> None:
    for x in (1.00001, 0.123456, 9.9999e-8, 123456.7, 1e-320):
        assert float(at_most(x)) >= x
        assert float(at_most(x)) <= x * 1.002
    assert (at_most(0.0), at_most(1.5)) == ("0", "1.500")
    assert folded("abcdefghij", 7) == "...ghij"


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_plot_is_written_whole(pair: Any, tmp_path: Path, ran: Run, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    base, tuned, _ = pair
    path = tmp_path / f"energy{suffix}"
    ran(base, tuned, "--plot", path)
    head = path.read_bytes()[:300]
    assert head.startswith(b"\x89PNG") if suffix == ".png" else b"<svg" in head or b"<?xml" in head
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("rate", ["8k", "16k"])
def test_the_real_pairs(ran: Run, rate: str) -> None:
    rows = ran(f"silero:{rate}", "--energy", "0.95")["layers"]
    assert len(rows) == 8
    for row in rows:
        assert row["shape"] == [128, 128]
        assert row["rank"] == 128
        low, high = row["smallest_lora_rank"]
        assert 60 < low == high < 80
        assert row["frobenius_error"][1] ** 2 <= 0.05 * row["frobenius_norm"][1] ** 2 * (1 + 1e-5)


# Bad input -----------------------------------------------------------------------------------------------------------


def test_checkpoints_that_do_not_match_are_refused(tmp_path: Path, refused: Run, ran: Run) -> None:
    one = save(tmp_path / "one", {"b": np.eye(2)})
    other = save(tmp_path / "other", {"c": np.eye(2)})
    assert f"{other} lacks tensor 'b'" in refused(one, other)
    shape = save(tmp_path / "shape", {"b": np.eye(3)})
    assert "'b' is 2 x 2 in BASE, 3 x 3 in TUNED" in refused(one, shape)
    assert "no tensor of two or more axes" in refused(*[save(tmp_path / "v", {"v": np.ones(3)})] * 2)


def test_files_that_are_none_are_refused(pair: Any, tmp_path: Path, refused: Run) -> None:
    base, tuned, _ = pair
    assert "no such file" in refused(base, tmp_path / "missing.safetensors")
    (tmp_path / "text").write_text("no weights here at all")
    assert "not a readable safetensors file" in refused(base, tmp_path / "text")
    for length in (4, 40, tuned.stat().st_size - 3):
        (tmp_path / "cut").write_bytes(tuned.read_bytes()[:length])
        assert "not a readable safetensors file" in refused(base, tmp_path / "cut")
    (tmp_path / "empty").mkdir()
    assert "no .safetensors file" in refused(base, tmp_path / "empty")
    save(tmp_path / "empty" / "a.safetensors", {"a": np.eye(2)})
    save(tmp_path / "empty" / "b.safetensors", {"a": np.eye(2)})
    assert "has 2 files" in refused(base, tmp_path / "empty")


def test_shards_that_are_missing_or_lack_a_tensor_are_refused(tmp_path: Path, refused: Run) -> None:
    base = save(tmp_path / "base", {"a": np.eye(2)})
    index = tmp_path / "model.safetensors.index.json"
    for content, line in (
        ({"weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors"}}, "missing shards 'x-1.safetensors', 'x-2"),
        ({"weight_map": {"b": "base"}}, "lacks tensor 'b'"),
        ({"weight_map": {"a": "../base"}}, "outside the folder"),
        ({"weight_map": ["a"]}, "no 'weight_map'"),
        (["a"], "not a JSON object"),
    ):
        index.write_text(json.dumps(content))
        assert line in refused(base, index)
    index.write_text("{")
    assert "not JSON" in refused(base, index)


def test_unsupported_types_and_bad_entries_name_the_tensor(tmp_path: Path, refused: Run) -> None:
    small = save_raw(tmp_path / "f8", {"w8": ("F8_E4M3", (2, 2), b"\0" * 4)})
    line = refused(small, small)
    assert "'w8'" in line
    assert "F8_E4M3" in line
    good = save(tmp_path / "good", {"w": np.eye(3)})
    for value in (np.nan, np.inf):
        bad = np.eye(3)
        bad[2, 1] = value
        for words in ((good, save(tmp_path / "bad", {"w": bad})), (tmp_path / "bad", good)):
            line = refused(*words)
            assert "'w'" in line
            assert "(2, 1)" in line


def test_outputs_that_exist_or_cannot_be_written_are_refused_before_anything_is_done(
    pair: Any, tmp_path: Path, refused: Run
) -> None:
    base, tuned, _ = pair
    before = sorted(tmp_path.iterdir())
    assert "exists already" in refused(base, tuned, "--write-peft", tmp_path)
    assert "no folder" in refused(base, tuned, "--write-peft", tmp_path / "none" / "p")
    assert "no layer that PEFT could adapt has changed" in refused(base, base, "--write-peft", tmp_path / "p")
    assert ".svg or .png" in refused(base, tuned, "--plot", tmp_path / "x.pdf")
    assert "no folder" in refused(base, tuned, "--plot", tmp_path / "none" / "x.svg")
    assert sorted(tmp_path.iterdir()) == before


def test_a_write_that_fails_leaves_nothing(
    pair: Any, tmp_path: Path, refused: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, tuned, _ = pair
    before = sorted(tmp_path.iterdir())

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("theorems.weights.peft_output.save_tensors", full)
    assert "No space left" in refused(base, tuned, "--write-peft", tmp_path / "p")
    assert sorted(tmp_path.iterdir()) == before


def test_factors_beyond_float32_are_not_written(tmp_path: Path, refused: Run, ran: Run) -> None:
    base, tuned = (
        save(tmp_path / "b", {"w.weight": np.zeros((2, 2))}),
        save(tmp_path / "t", {"w.weight": 1e200 * np.eye(2)}),
    )
    assert "beyond the range of float32" in refused(base, tuned, "--write-peft", tmp_path / "p")
    assert ran(base, tuned)["layers"][0]["factors_stored_as"] == "float64"


def test_a_change_beyond_the_range_of_floats_is_refused(tmp_path: Path, refused: Run) -> None:
    base, tuned = (
        save(tmp_path / "b", {"w": np.full((2, 2), -1.5e308)}),
        save(tmp_path / "t", {"w": np.full((2, 2), 1.5e308)}),
    )
    assert "exceeds the range of float64" in refused(base, tuned)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--energy", "1.5"), "between 0 and 1"),
        (("--energy", "0"), "between 0 and 1"),
        (("--energy", "nan"), "not a number"),
        (("--error", "2"), "share of the norm"),
        (("--error", "-1", "--absolute"), "share of the norm"),
        (("--error", "x"), "not a number"),
        (("--rank", "0"), "1 or larger"),
        (("--norm", "spectral"), "give it too"),
        (("--absolute",), "give it too"),
        (("--energy", "0.9", "--error", "0.1"), "not allowed with"),
        (("--relu",), "name them with --chain"),
        (("--second-moment", "1"), "--relu too"),
        (("--fan-in-fan-out",), "--write-peft"),
        (("--chain", "nothing"), "no tensor 'nothing'"),
        (("--chain", "layers.2.w.weight", "layers.2.w.weight"), "named twice"),
        (("--chain", "layers.2.w.weight", "layers.10.w.weight"), "square layers of one width"),
        (("--chain", "norm.weight"), "square layers of one width"),
        (("--chain", "layers.2.w.weight", "--relu", "--second-moment", "-1"), "positive number"),
        (("--chain", "layers.2.w.weight", "--relu", "--second-moment", "nowhere"), "no such file"),
        (("--only", "nothing*"), "no layer of that name"),
    ],
)
def test_options_are_checked(pair: Any, refused: Run, words: tuple[str, ...], line: str) -> None:
    assert line in refused(pair[0], pair[1], *words)


def test_pairs_are_pairs(pair: Any, refused: Run) -> None:
    assert "TUNED is missing" in refused(pair[0])
    assert "leave TUNED out" in refused("silero:8k", pair[1])
    assert "none of 8k, 16k" in refused("silero:44k")
