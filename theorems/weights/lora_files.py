"""LoRA files without a configuration: kohya's names (lora_unet_..., lora_down, lora_up, alpha) and diffusers'.

A file of this kind says its ranks by its shapes and its scalings by `alpha` tensors (alpha / r; one without).
kohya writes the dots of a module's name as underscores, so that the base is needed to read them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from theorems.errors import InputError
from theorems.weights.changes import Changes, Factored, Skipped, matrix_shape, natural, sized
from theorems.weights.factors import Factors
from theorems.weights.pairing import Selection
from theorems.weights.peft_output import save_tensors
from theorems.weights.stored import Checkpoint, Stored, listed

#: A factor: kohya's, the old one of diffusers, or the one that diffusers shares with PEFT.
_FACTOR = re.compile(
    r"(?P<module>.+?)[._](lora_(?P<side>down|up|A|B)|lora(_linear_layer)?\.(?P<old>down|up))(\.[^.]+)?\.weight"
)
_ALPHA = re.compile(r"(?P<module>.+)\.alpha")
#: What kohya puts before the name of a module, and diffusers before that of a model's.
_PREFIXES = ("lora_unet_", "lora_te1_", "lora_te2_", "lora_te_", "lora_transformer_", "lycoris_", "unet.",
             "transformer.",
             "text_encoder.", "text_encoder_2.", "diffusion_model.")  # fmt: skip
#: What a checkpoint of a whole pipeline puts before the names of the model that is trained.
_BODIES = ("model.diffusion_model.", "diffusion_model.", "unet.", "transformer.")
#: Other products than B A.
_UNLIKE = re.compile(r".+\.(hada_|lokr_|lora_mid|oft_|dora_scale|glora|on_input)\w*(\.weight)?")


def is_lora_file(names: Iterable[str]) -> bool:
    """Whether there are factors among the tensors of a file."""
    return any(_FACTOR.fullmatch(name) or _UNLIKE.fullmatch(name) for name in names)


def lora_file_changes(base: Checkpoint, path: Path, tensors: Mapping[str, Stored], selection: Selection) -> Changes:
    """The changes that a LoRA file makes to its base.

    Raises `InputError` for other products than B A, for factors that do not fit, and where no layer is one of the base.
    """
    odd = [name for name in tensors if _UNLIKE.fullmatch(name)]
    if odd:
        raise InputError(f"{path}: {listed('tensor', odd, 2)}: no plain LoRA: merge it, and give the merged checkpoint")
    sides: dict[str, dict[str, Stored]] = {}
    alphas: dict[str, float] = {}
    skipped: list[Skipped] = []
    for name, tensor in tensors.items():
        factor, alpha = _FACTOR.fullmatch(name), _ALPHA.fullmatch(name)
        if factor:
            side = {"down": "A", "up": "B"}.get(factor["side"] or factor["old"], factor["side"])
            sides.setdefault(factor["module"], {})[side] = tensor
        elif alpha and np.prod(tensor.shape) == 1:
            alphas[alpha["module"]] = float(tensor.rows(0, 1)[0, 0])
        else:
            skipped.append(Skipped(name, "neither a LoRA factor nor its alpha", changed=True))
    single = [module for module, found in sides.items() if len(found) == 1]
    if single:
        raise InputError(f"{path}: {listed('module', single)} with one factor of two: save the file again")
    places: dict[str, str] = {}
    for name in base.tensors:
        whole = name.removesuffix(".weight")
        inside = next((whole.removeprefix(prefix) for prefix in _BODIES if whole.startswith(prefix)), whole)
        for module in (whole, whole.replace(".", "_"), inside, inside.replace(".", "_")):
            if name.endswith(".weight") and (module not in places or module in (whole, whole.replace(".", "_"))):
                places[module] = name
    layers = []
    for module in sorted(sides, key=natural):
        place = _place(module, places)
        if place is None:
            skipped.append(Skipped(module, "no module of BASE has this name", changed=True))
        elif selection.takes(place):
            layers.append(_layer(base, path, module, place, sides[module], alphas.get(module)))
    if not layers:
        raise InputError(f"{path}: a LoRA of another base: {base.source} lacks {listed('module', list(sides))}")
    layers.sort(key=lambda layer: natural(layer.name))
    without = sum(module not in alphas for module in sides)
    said = f"{path}: a LoRA file" + (f"; {without} layers without an alpha, taken with scaling 1" if without else "")
    return Changes(base, tuple(layers), dict(base.tensors), tuple(skipped), (said,))


def _place(module: str, places: Mapping[str, str]) -> str | None:
    """The tensor of the base that a module of the file is the weight of."""
    names = [module, *(module.removeprefix(prefix) for prefix in _PREFIXES if module.startswith(prefix))]
    names += [re.sub(r"\.processor\.(to_\w+)$", r".\1", name) for name in names]
    return next((places[name] for name in names if name in places), None)


def _layer(
    base: Checkpoint, path: Path, module: str, name: str, sides: Mapping[str, Stored], alpha: float | None
) -> Factored:
    B, A = sides["B"], sides["A"]
    shape = base.tensors[name].shape
    fit = len(B.shape) >= 2 and len(A.shape) >= 2 and matrix_shape(B.shape)[1] == A.shape[0] > 0 and len(shape) >= 2
    if not fit or (B.shape[0], matrix_shape(A.shape)[1]) != matrix_shape(shape):
        raise InputError(
            f"{path}: the factors of {module!r} are {sized(B.shape)} and {sized(A.shape)}, and {name!r} is "
            f"{sized(shape)}: a LoRA of another base"
        )
    r = A.shape[0]
    if alpha is not None and not np.isfinite(alpha):
        raise InputError(f"{path}: the alpha of {module!r} is {alpha}: save the file again")
    return Factored(name, base.tensors[name], B, A, 1.0 if alpha is None else alpha / r)


def write_lora_file(path: Path, factors: Sequence[Factors]) -> None:
    """Write factors under kohya's names: lora_unet_MODULE.lora_down.weight, .lora_up.weight and .alpha.

    Raises `InputError` where there is nothing to write.
    """
    if not factors:
        raise InputError(f"--write-kohya {path}: no linear layer or convolution has changed: nothing to write")
    tensors = {}
    for factor in factors:
        key = "lora_unet_" + factor.taken.module.replace(".", "_")
        ones = (1,) * len(factor.shape[2:])
        up, down = factor.B.reshape(*factor.B.shape, *ones), factor.A.reshape(len(factor.A), *factor.shape[1:])
        r = factor.B.shape[1]
        tensors[f"{key}.lora_up.weight"] = (factor.dtype, up)
        tensors[f"{key}.lora_down.weight"] = (factor.dtype, down)
        tensors[f"{key}.alpha"] = ("float32", np.array(r * factor.alpha / factor.r, dtype=np.float32))
    save_tensors(tensors, path)
