"""LoRA files without a configuration: kohya's names (lora_unet_..., lora_down, lora_up, alpha) and diffusers'.

A file of this kind says its ranks by its shapes and its scalings by `alpha` tensors (alpha / r; one where there is none).
kohya writes the dots of a module's name as underscores, so that the base is needed to read them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from theorems.errors import InputError
from theorems.weights.peft_output import Factors, save_tensors


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
