"""What ``theorems rank`` writes: which factors go into an adapter, which are left out and why, and the model card."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from theorems.commands.rank_numbers import about, at_most
from theorems.commands.rank_options import told, wanted_json
from theorems.errors import InputError
from theorems.weights.certified import Truncation
from theorems.weights.chain_report import ChainAdapters
from theorems.weights.changes import Changes
from theorems.weights.factors import Factors, float32_factors
from theorems.weights.layers import Layer
from theorems.weights.lora_files import write_lora_file
from theorems.weights.model_layers import CONFIG, CONVOLUTION, LINEAR, Model, config_beside, model_of
from theorems.weights.peft_check import Checked, check_adapter
from theorems.weights.peft_output import NOTHING, write_adapter
from theorems.weights.peft_stacks import unlike
from theorems.weights.rules import Rule
from theorems.weights.saved_whole import saved_whole
from theorems.weights.stored import listed


@dataclass(frozen=True)
class Written:
    """An adapter that was written.

    left_out  layers that are not in it -> why
    saved     tensors that it holds whole
    checked   what merging it with PEFT gave; None where that was not asked for
    """

    factors: list[Factors]
    left_out: dict[str, str]
    saved: list[str]
    model: Model
    checked: dict[str, object] | None = None


def model_for(arguments: argparse.Namespace, changes: Changes) -> Model:
    """The model that BASE belongs to, as far as it is known."""
    names = frozenset(changes.base.tensors) | frozenset(changes.base.others)
    return model_of(changes.base.source, names, told(arguments))


def write_peft(
    arguments: argparse.Namespace, changes: Changes, layers: Sequence[Layer], factors: Sequence[Factors],
    left_out: dict[str, str], model: Model,
) -> Written:  # fmt: skip
    """Write the adapter.  Raises `InputError` where it cannot be written, or does not pass --check."""
    folder = Path(arguments.write_peft)
    base_name = arguments.base_name or _base_folder(changes.base.source)
    saved, names, beside = (
        (NOTHING, [], {}) if not arguments.save_changed else saved_whole(changes, model, factors, left_out)
    )
    left_out = {name: why for name, why in left_out.items() if name not in names} | beside
    written = Written([f for f in factors if f.r], left_out, names, model)
    if not written.factors and left_out:
        name, why = next(iter(left_out.items()))
        raise InputError(f"--write-peft: no layer can be adapted: {name!r}: {why}")
    result: list[Checked] = []
    bounded = () if arguments.chain else layers

    def check(made: Path) -> None:
        result.append(check_adapter(made, changes.base.source, model, bounded, written.factors, changes, saved))

    card = model_card(arguments, base_name, layers, written)
    write_adapter(folder, model, base_name, written.factors, card, saved, check if arguments.check else None)
    return replace(written, checked=result[0].as_dict() if result else None)


def _base_folder(source: str) -> str:
    """The folder of BASE, by which transformers can load it; its name as it was given where it is no model folder."""
    folder, config = config_beside(source)
    return str(folder.resolve()) if config or (folder / CONFIG).is_file() else source


def require_modules(changes: Changes, model: Model, chain: Sequence[str] | None) -> None:
    """Raises `InputError` where PEFT could adapt nothing, or only a part of a chain: before anything is measured."""
    names = list(chain or ()) or [layer.name for layer in changes.layers]
    shapes = {name: tensor.shape for name, tensor in changes.base.tensors.items()}
    shapes |= {layer.name: layer.base.shape for layer in changes.layers}
    taken = {name: model.taken(name, shapes[name]) for name in names if name in shapes}
    unfit = {name: found.why for name, found in taken.items() if not found.kind}
    if unfit and (chain or len(unfit) == len(taken)):
        named, why = listed("tensor", list(unfit), 2), next(iter(unfit.values()))
        raise InputError(f"--write-peft: PEFT adapts the .weight of modules, and cannot adapt {named} ({why})")


def factors_of(
    changes: Changes, layers: Sequence[Layer], made: Sequence[Truncation], model: Model, rule: Rule,
    adapters: ChainAdapters | None,
) -> tuple[list[Factors], dict[str, str]]:  # fmt: skip
    """The factors that can be written, and why the other layers are left out."""
    if adapters is not None:
        return [replace(f, taken=model.taken(f.name, f.shape)) for f in adapters.factors], {}
    factors: list[Factors] = []
    left_out: dict[str, str] = {}
    for layer, truncation in zip(layers, made, strict=True):
        taken = model.taken(layer.name, layer.tensor_shape)
        stored = changes.base.tensors.get(layer.name)
        if layer.frobenius_norm.high == 0:
            continue  # unchanged
        if not layer.chosen:
            left_out[layer.name] = "its change is within the rounding of its entries: rank 0"
        elif not taken.kind:
            left_out[layer.name] = taken.why
        elif stored is not None and stored.shape != layer.tensor_shape:
            left_out[layer.name] = "TUNED has fewer rows than BASE"
        else:
            factor = float32_factors(
                layer.name, layer.tensor_shape, truncation.B, truncation.A, taken,
                r=layer.chosen, alpha=rule.alpha, dtype=truncation.dtype,
            )  # fmt: skip
            if factor is None:
                left_out[layer.name] = "its factors are beyond the range of float32, which PEFT stores"
            else:
                factors.append(factor)
    odd = unlike(factors)
    return [factor for factor in factors if factor.name not in odd], left_out | odd


def model_card(arguments: argparse.Namespace, base_name: str, layers: Sequence[Layer], written: Written) -> str:
    """A model card: what the adapter is, and the certified errors of its layers."""
    by_name = {layer.name: layer for layer in layers}
    wanted = ", ".join(f"{key} {value}" for key, value in wanted_json(arguments).items())
    lines = [
        "---", "library_name: peft", "tags:", "- lora", "---", "",
        "# A LoRA adapter of the change between two checkpoints", "",
        f"- base: {_code(base_name)}", f"- tuned: {_code(str(arguments.tuned))}", f"- asked for: {wanted}",
        f"- layers: {len(written.factors)}, left out: {len(written.left_out)}, saved whole: {len(written.saved)}", "",
        "The errors are certified upper bounds of the norms of (tuned - base - scaling B A), with B and A as they are",
        "stored here and multiplied exactly.", "",
        "| layer | kind | r | norm of the change | spectral error <= | Frobenius error <= |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for factor in written.factors:
        layer = by_name.get(factor.name)
        cells = ["", "", ""] if layer is None or arguments.chain else [
            about(layer.frobenius_norm), at_most(layer.spectral_error.high), at_most(layer.frobenius_error.high)
        ]  # fmt: skip
        lines.append("| " + " | ".join([_code(factor.name), str(factor.taken), str(factor.r), *cells]) + " |")
    if written.left_out:
        lines += ["", "Left out:", ""]
        lines += [f"- {_code(name)}: {why}" for name, why in written.left_out.items()]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """A name in a Markdown table: printable, and without what ends a cell."""
    return "`" + "".join(c if c.isprintable() and c not in "`|" else "?" for c in text) + "`"


def write_kohya(
    arguments: argparse.Namespace, factors: Sequence[Factors], left_out: dict[str, str], model: Model,
    beside: Written | None,
) -> Written:  # fmt: skip
    """Write one file with kohya's names, those of linear layers and convolutions."""
    held = [factor for factor in factors if factor.r and factor.taken.kind in (LINEAR, CONVOLUTION)]
    why = "kohya's names are for linear layers and convolutions"
    rest = left_out | {factor.name: why for factor in factors if factor.taken.kind not in (LINEAR, CONVOLUTION)}
    write_lora_file(Path(arguments.write_kohya), held)
    return beside or Written(held, rest, [], model)
