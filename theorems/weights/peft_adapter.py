"""PEFT's LoRA adapters, read: `adapter_config.json` and `adapter_model.safetensors` in one folder.

The change of a layer is scaling B A, scaling = alpha / r (or alpha / sqrt(r), rank-stabilised), with r and alpha of the
layer's own pattern where there is one.  It stays in factors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from theorems.errors import InputError
from theorems.weights.changes import (
    Change,
    Changes,
    Difference,
    Factored,
    Skipped,
    differ,
    matrix_shape,
    natural,
    not_a_layer,
    sized,
    whole,
)
from theorems.weights.dora import Rescaled
from theorems.weights.pairing import Selection
from theorems.weights.patterns import Patterns
from theorems.weights.stored import (
    ADAPTER_CONFIG,
    Checkpoint,
    Floats,
    Held,
    Stored,
    Weights,
    listed,
    read_header,
    read_object,
)

ADAPTER_WEIGHTS = "adapter_model.safetensors"
PREFIX = "base_model.model."
MAX_CONFIG_BYTES = 1 << 24
#: A factor's key: the module, and perhaps the adapter's name, which PEFT leaves out when it saves.
_FACTOR = re.compile(r"(?P<module>.+)\.lora_(?P<side>[AB])(\.[^.]+)?\.weight")
_EMBEDDING = re.compile(r"(?P<module>.+)\.lora_embedding_(?P<side>[AB])(\.[^.]+)?")
_MAGNITUDE = re.compile(r"(?P<module>.+)\.lora_magnitude_vector(\..+)?")
#: Variants whose change is not scaling B A.
_UNLIKE = {
    "use_qalora": "inputs are pooled first",
    "layer_replication": "layers are replicated",
}
#: Initialisations that leave the base as it is; others take something out of it.
_PLAIN_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")


@dataclass(frozen=True)
class Config:
    """What a LoRA configuration says about the scaling of each layer.

    base       the name that the adapter gives its base; shown, not used
    start      how the factors were initialised
    r, alpha   of all layers without a pattern of their own
    """

    base: str
    start: object
    r: int
    alpha: float
    ranks: Mapping[str, int]
    alphas: Mapping[str, float]
    rank_patterns: Patterns
    alpha_patterns: Patterns
    stabilised: bool
    transposed: bool
    magnitudes: bool
    parameters: tuple[str, ...]

    def rank_of(self, module: str) -> int:
        """r of a module, by its name without `PREFIX`."""
        return self.ranks.get(self.rank_patterns.first(self.target(module)) or "", self.r)

    def has_parameters_of(self, module: str) -> bool:
        """Whether PEFT adapts parameters of this module that are not its weight: a stack of experts, say."""
        return any(f".{module}".endswith(f".{target.rpartition('.')[0]}") for target in self.parameters)

    def target(self, module: str) -> str:
        """What patterns are compared with: the parameter, where it is adapted as one."""
        weight = f"{module}.weight"
        return weight if any(f".{weight}".endswith(f".{target}") for target in self.parameters) else module

    def scaling_of(self, module: str) -> float:
        """alpha / r, or alpha / sqrt(r)."""
        r = self.rank_of(module)
        alpha = self.alphas.get(self.alpha_patterns.first(self.target(module)) or "", self.alpha)
        return alpha / (math.sqrt(r) if self.stabilised else r)


def read_config(folder: Path) -> Config:
    """The adapter's configuration.  Raises `InputError` where it is not a LoRA whose change is scaling B A."""
    path = folder / ADAPTER_CONFIG
    values = read_object(path, MAX_CONFIG_BYTES)
    kind = values.get("peft_type")
    if kind != "LORA":
        raise InputError(f"{path}: the adapter is of the type {kind!r}: only LORA has a change of low rank B A")
    for key, why in _UNLIKE.items():
        if values.get(key):
            raise InputError(f"{path}: {key} is set ({why}): merge the adapter, and give the merged checkpoint")
    try:
        ranks = {str(key): _integer(r) for key, r in (values.get("rank_pattern") or {}).items()}
        alphas = {str(key): _number(alpha) for key, alpha in (values.get("alpha_pattern") or {}).items()}
        config = Config(
            str(values.get("base_model_name_or_path") or ""),
            values.get("init_lora_weights"),
            _integer(values["r"]),
            _number(values["lora_alpha"]),
            ranks,
            alphas,
            Patterns(tuple(ranks)),
            Patterns(tuple(alphas)),
            bool(values.get("use_rslora")),
            bool(values.get("fan_in_fan_out")),
            bool(values.get("use_dora")),
            tuple(map(str, values.get("target_parameters") or ())),
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: r, lora_alpha or a pattern of them is unusable ({error}): save it again") from None
    return config


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1 << 30:
        raise ValueError(f"{value!r} is no rank")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= abs(value) < 1e100:
        raise ValueError(f"{value!r} is no scaling")
    return float(value)


def adapter_changes(
    base: Checkpoint, folder: Path, selection: Selection | None = None, initial: Path | None = None, *,
    is_initial: bool = False,
) -> Changes:  # fmt: skip
    """The changes that an adapter makes to its base.

    initial     the adapter that training began with: its change was taken out of the base first (PiSSA, OLoRA)
    is_initial  whether this one is that: B A is wanted, whatever was taken out

    Raises `InputError` for an adapter of another base: modules that it lacks, or factors that do not fit.
    """
    config = read_config(folder)
    path = folder / ADAPTER_WEIGHTS
    if not path.is_file():
        raise InputError(f"{path}: no such file: an adapter has its weights there, as safetensors")
    tensors, _ = read_header(path)
    pairs, rest = _pairs(path, tensors)
    magnitudes = {found["module"]: rest.pop(name) for name in list(rest) if (found := _MAGNITUDE.fullmatch(name))}
    if config.start not in _PLAIN_STARTS and initial is None and not is_initial:
        raise InputError(
            f"{folder}: initialised by {config.start!r}, which changes the base too: give the adapter as it was then "
            "with --initial-adapter, or merge, and give the merged checkpoint"
        )
    skipped: list[Skipped] = []
    for module, embedding in sorted(pairs):
        if config.has_parameters_of(module.removesuffix(".base_layer")) and f"{module}.weight" not in base.tensors:
            del pairs[module, embedding]
            why = "factors of a parameter (target_parameters): merge the adapter to measure them"
            skipped.append(Skipped(module, why, changed=True))
    cut = _common_prefix(base, [module for module, _ in pairs], folder)
    layers: list[Change] = []
    for (module, embedding), (B, A) in sorted(pairs.items()):
        plain = _factored(base, config, module, module[cut:] + ".weight", embedding, B, A, path)
        if config.magnitudes:
            if module not in magnitudes:
                raise InputError(f"{path}: DoRA, and no lora_magnitude_vector of {module!r}: save the adapter again")
            layers.append(Rescaled(plain, magnitudes[module], plain.transposed))
        else:
            layers.append(plain)
    if initial is not None:
        layers = _without(layers, adapter_changes(base, initial, is_initial=True), folder, initial)
    tuned: dict[str, Weights] = dict(base.tensors)
    for key, tensor in rest.items():
        _take_saved(base, key, tensor, cut, layers, skipped, tuned, path)
    if not layers and skipped and not pairs and config.parameters:
        raise InputError(f"{path}: nothing to measure: {skipped[0].name!r}: {skipped[0].why}")
    if not layers:
        raise InputError(f"{path}: no lora_A and lora_B in it: give a LoRA adapter")
    said = f"{folder}: LoRA adapter of {config.base!r}" if config.base else f"{folder}: LoRA adapter"
    remarks = [said]
    if initial is not None:
        remarks.append(f"{initial}: the initial adapter, whose change was taken out of the base")
    layers = [layer for layer in layers if selection is None or selection.takes(layer.name)]
    if not layers:
        globs = " ".join(selection.only if selection else ())
        raise InputError(f"--only {globs}: no layer of that name: '*q_proj*', say, takes all that contain it")
    layers.sort(key=lambda layer: natural(layer.name))
    return Changes(base, tuple(layers), tuned, tuple(skipped), tuple(remarks))


def adapter_products(folder: Path) -> dict[str, Callable[[], Floats]]:
    """The changes of an adapter by module, factor B A, multiplied out when called: for an adapter without its base.

    Raises `InputError` for an adapter whose change depends on the base.
    """
    config, path = read_config(folder), folder / ADAPTER_WEIGHTS
    if config.magnitudes:
        raise InputError(f"{folder}: DoRA, whose change depends on the base: `theorems rank BASE {folder}` measures it")
    pairs, _ = _pairs(path, read_header(path)[0])
    stacks = [module for module, _ in pairs if config.has_parameters_of(module.removesuffix(".base_layer"))]
    if any(config.target(module) == module for module in stacks):
        raise InputError(f"{folder}: it adapts parameters of {stacks[0]!r} (target_parameters): merge it first")

    def product(module: str, B: Stored, A: Stored) -> Floats:
        made: Floats = config.scaling_of(module) * (whole(B, module) @ whole(A, module))
        return made

    return {module: partial(product, module, B, A) for (module, _), (B, A) in pairs.items()}


def _without(layers: Sequence[Change], first: Changes, folder: Path, initial: Path) -> list[Change]:
    """The changes less those of the initial adapter: factor B A - factor_0 B_0 A_0, in factors again."""
    before = {layer.name: layer for layer in first.layers}
    made: list[Change] = []
    for layer in layers:
        old = before.get(layer.name)
        if not isinstance(layer, Factored) or not isinstance(old, Factored) or old.transposed != layer.transposed:
            raise InputError(
                f"{initial}: no factors of {layer.name!r} like those in {folder}: give the adapter it began with"
            )
        B, B_0, A, A_0 = (whole(side, layer.name) for side in (layer.B, old.B, layer.A, old.A))
        if layer.factor != old.factor:
            raise InputError(
                f"{initial}: another scaling of {layer.name!r} than in {folder}: give the adapter it began with"
            )
        kind = layer.B.kind
        both = (
            Held(np.concatenate([B, -B_0], axis=1), kind, str(folder)),
            Held(np.concatenate([A, A_0]), kind, str(folder)),
        )
        made.append(Factored(layer.name, layer.base, *both, layer.factor, layer.transposed))
    return made


def _pairs(
    path: Path, tensors: Mapping[str, Stored]
) -> tuple[dict[tuple[str, bool], tuple[Stored, Stored]], dict[str, Stored]]:
    """The factors (B, A) by (module, whether it is an embedding), and all other tensors."""
    halves: dict[tuple[str, bool], dict[str, Stored]] = {}
    rest: dict[str, Stored] = {}
    for key, tensor in tensors.items():
        name = key.removeprefix(PREFIX)
        factor, embedding = _FACTOR.fullmatch(name), _EMBEDDING.fullmatch(name)
        found = factor or embedding
        if found:
            sides = halves.setdefault((found["module"], factor is None), {})
            if found["side"] in sides:
                raise InputError(f"{path}: module {found['module']!r} has two adapters: save one of them alone")
            sides[found["side"]] = tensor
        else:
            rest[name] = tensor
    single = sorted(module for (module, _), sides in halves.items() if len(sides) == 1)
    if single:
        raise InputError(f"{path}: {listed('module', single)} without one of lora_A, lora_B: save the adapter again")
    return {key: (sides["B"], sides["A"]) for key, sides in halves.items()}, rest


def _common_prefix(base: Checkpoint, modules: list[str], folder: Path) -> int:
    """How many leading characters of the adapter's modules the base leaves out (``transformer.`` in some files)."""
    cuts = [0, *(i + 1 for i, letter in enumerate(modules[0] if modules else "") if letter == ".")]
    for cut in cuts:
        head = modules[0][:cut] if modules else ""
        if all(module.startswith(head) and module[cut:] + ".weight" in base.tensors for module in modules):
            return cut
    missing = sorted((m for m in modules if m + ".weight" not in base.tensors), key=natural)
    raise InputError(f"{folder}: an adapter of another base: {base.source} lacks {listed('module', missing)}")


def _factored(
    base: Checkpoint, config: Config, module: str, name: str, embedding: bool, B: Stored, A: Stored, path: Path
) -> Factored:
    shape, r = base.tensors[name].shape, config.rank_of(module)
    for side, tensor, axis in (("B", B, 1), ("A", A, 0)):
        if not_a_layer(tensor.shape) or matrix_shape(tensor.shape)[axis] != r:
            raise InputError(
                f"{path}: lora_{side} of {module!r} is {sized(tensor.shape)} and r is {r}: they must agree"
            )
    made = Factored(name, base.tensors[name], B, A, config.scaling_of(module), embedding or config.transposed)
    if not_a_layer(shape) or made.shape != matrix_shape(shape):
        raise InputError(
            f"{path}: the change of {name!r} is {sized(made.shape)}, but in {base.source} it is {sized(shape)}: "
            "an adapter of another base"
        )
    return made


def _take_saved(
    base: Checkpoint,
    key: str,
    tensor: Weights,
    cut: int,
    layers: list[Change],
    skipped: list[Skipped],
    tuned: dict[str, Weights],
    path: Path,
) -> None:
    """A tensor that the adapter holds whole (`modules_to_save`, biases): a difference like any other."""
    name = key[cut:].replace(".modules_to_save.", ".").replace(".base_layer.", ".")
    old = base.tensors.get(name)
    if old is None or old.shape != tensor.shape:
        why = "neither a LoRA factor nor a tensor of the base"
        if old is not None:
            why = f"saved whole, {sized(tensor.shape)}; {sized(old.shape)} in BASE"
        skipped.append(Skipped(key, why, changed=True))
        return
    tuned[name] = tensor
    why = not_a_layer(tensor.shape)
    if why:
        skipped.append(Skipped(name, why, changed=differ(old, tensor)))
    elif name in {layer.name for layer in layers}:  # PEFT saves embeddings with their factors
        if differ(old, tensor):
            raise InputError(
                f"{path}: {name!r} has factors, and is saved whole with other entries than in {base.source}"
            )
    else:
        layers.append(Difference(name, old, tensor))
