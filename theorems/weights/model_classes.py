"""The modules of a model as the transformers library builds it: on the meta device, without weights.

Nothing is downloaded, and no code of a checkpoint is run.  Everything here is optional: where torch or transformers
cannot be imported, or do not know the architecture, there are no classes, and the tables have to do.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from theorems.weights import model_tables as tables
from theorems.weights.model_layers import (
    BY_MODEL,
    CONV1D,
    CONVOLUTION,
    EMBEDDING,
    LINEAR,
    PARAMETER,
    WEIGHT,
    Slot,
    Taken,
)

#: One matrix of a stack, as `theorems.weights.pairing` names it.
_STACKED = re.compile(r"(.+)\[(\d+)\]")


@dataclass(frozen=True)
class ModelClasses:
    """The modules of a model, by name, and how transformers turns names in files into names of parameters.

    twins  parameter -> the names of it, where it has several: tied weights
    """

    model: Any
    modules: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    twins: dict[str, list[str]]
    renamings: list[Any]
    converters: list[Any]

    def taken(self, name: str, shape: tuple[int, ...]) -> Taken:
        """What the tensor of this name and shape is in the model."""
        stack = _STACKED.fullmatch(name)
        parameter, pattern = self._renamed(stack[1] if stack else name)
        if stack and not pattern:
            return self._part(parameter, shape, int(stack[2]), 0)
        if pattern:
            return self._converted(name, shape, parameter, pattern)
        if not name.endswith(WEIGHT):
            return Taken("", "", BY_MODEL, "not the .weight of a module")
        found = parameter.removesuffix(WEIGHT)
        module = self.modules.get(found) if parameter.endswith(WEIGHT) else None
        if module is None or parameter not in self.shapes:
            why = "part of a parameter that is not the weight of a module"
            if parameter not in self.shapes:
                why = f"{type(self.model).__name__} has no module of this name"
            return Taken("", "", BY_MODEL, why)
        if self.shapes[parameter] != shape and self.shapes[parameter][1:] != shape[1:]:
            return Taken("", found, BY_MODEL, "of another shape in the model")
        twin = next((name for name in self.twins.get(parameter, ()) if name != parameter), "")
        if twin:
            return Taken("", found, BY_MODEL, tables.TIED.format(twin.removesuffix(WEIGHT)))
        kind, why = self._kind(found, module)
        leaf = found.rpartition(".")[2]
        moved = kind == PARAMETER or (kind == LINEAR and self._fuses and tables.RETARGETED.fullmatch(leaf))
        made = Taken(kind, found, BY_MODEL, why, self._slot(parameter) if moved or _has_own_way(module) else None)
        return self._if_kept(made)

    def _if_kept(self, taken: Taken) -> Taken:
        """Left out where PEFT, which renames keys of adapters as transformers does those of checkpoints, loses it."""
        try:
            from transformers.core_model_loading import rename_source_key

            key = f"{taken.module}.{'base_layer.' if taken.slot else ''}lora_A.weight"
            kept = rename_source_key(key, self.renamings, self.converters)[0] == key
        except (ImportError, TypeError):  # another version, which renames nothing
            kept = True
        return taken if kept else Taken("", taken.module, BY_MODEL, "PEFT would rename its factors when it loads them")

    @cached_property
    def _fuses(self) -> bool:
        """Whether experts that are modules in files are parameters here: PEFT looks for others of their names then."""
        return any(target.endswith("gate_up_proj") for each in self.converters for target in each.target_patterns)

    def _converted(self, name: str, shape: tuple[int, ...], parameter: str, pattern: str) -> Taken:
        """A tensor that is stacked with those of other experts, perhaps below that of another layer of its expert."""
        [converter] = [each for each in self.converters if pattern in each.source_patterns][:1]
        steps = [(type(step).__name__, getattr(step, "dim", None)) for step in converter.operations]
        number = re.search(r"experts\.(\d+)\.", name)
        below = steps == [("MergeModulelist", 0), ("Concatenate", 1)]
        if number is None or not (below or steps == [("MergeModulelist", 0)]):
            return Taken("", "", BY_MODEL, "part of a parameter that transformers makes of several tensors")
        first = shape[0] * converter.source_patterns.index(pattern) if below else 0
        rows = shape[0] * len(converter.source_patterns)
        whole = self.shapes.get(parameter, ())
        if len(whole) != 3 or len(shape) != 2 or rows != whole[1]:
            return Taken("", "", BY_MODEL, "of another shape in the model")
        return self._part(parameter, (rows, *shape[1:]), int(number[1]), first)

    def _part(self, parameter: str, shape: tuple[int, ...], expert: int, first: int) -> Taken:
        """A matrix of a stack of experts, or its rows from `first` on; `shape` is the whole matrix's."""
        module = parameter.rpartition(".")[0]
        whole = self.shapes.get(parameter, ())
        if len(whole) != 3 or whole[1:] != shape or expert >= whole[0] or module not in self.modules:
            return Taken("", "", BY_MODEL, "of another shape in the model")
        slot = replace(self._slot(parameter), expert=expert, first=first)
        if slot.turned and whole[0] == 1:
            return Taken("", module, BY_MODEL, "a single expert, stored (in, out): PEFT adapts none")
        if any(other.endswith(f".{parameter}") for other in self.shapes):
            return Taken("", module, BY_MODEL, "its name is the end of another's, which PEFT would adapt as well")
        if len(self.twins.get(parameter, ())) > 1:
            return Taken("", module, BY_MODEL, tables.TIED.format("another parameter"))
        return self._if_kept(Taken(PARAMETER, module, BY_MODEL, "", slot))

    def _slot(self, parameter: str) -> Slot:
        module, _, leaf = parameter.rpartition(".")
        owner = self.modules[module]
        turned = len(self.shapes[parameter]) == 3 and bool(getattr(owner, "is_transposed", False))
        return Slot(leaf, list(owner._parameters).index(leaf), self.shapes[parameter], turned=turned)

    def place(self, name: str) -> tuple[str, str]:
        """The module that has the tensor, and its name there; empty where none has."""
        parameter, pattern = self._renamed(name)
        module, _, part = parameter.rpartition(".")
        owner = self.modules.get(module)
        known = owner is not None and (part in owner._parameters or part in owner._buffers)
        return (module, part) if known and not pattern else ("", "")

    def _renamed(self, name: str) -> tuple[str, str]:
        """The parameter that a tensor in a file becomes, and the pattern of a conversion where it is a part of it."""
        if name in self.shapes and not self.renamings and not self.converters:
            return name, ""
        try:
            from transformers.core_model_loading import rename_source_key

            meta = dict.fromkeys(self.shapes, True)
            new, pattern = rename_source_key(name, self.renamings, self.converters, self.model.base_model_prefix, meta)
        except (ImportError, TypeError):  # another version
            body = f"{self.model.base_model_prefix}."
            choices = (name, body + name, name.removeprefix(body))
            return next((choice for choice in choices if choice in self.shapes), name), ""
        return str(new), pattern or ""

    def _kind(self, name: str, module: Any) -> tuple[str, str]:
        import torch
        from transformers.pytorch_utils import Conv1D

        leaf, kind = name.rpartition(".")[2], getattr(self.model.config, "model_type", "")
        if kind in tables.MAMBA_TYPES and leaf in tables.MAMBA_REFUSED:
            return "", "PEFT refuses this module in models of the Mamba kind"
        if tables.is_passed_by(kind, name):
            return "", tables.READ
        if isinstance(module, torch.nn.Embedding):
            return EMBEDDING, ""
        if isinstance(module, Conv1D):
            return CONV1D, ""
        if isinstance(module, torch.nn.modules.conv._ConvNd):
            if isinstance(module, torch.nn.modules.conv._ConvTransposeNd):
                return "", "a transposed convolution: PEFT adapts none"
            if module.groups > 1:
                return "", "a convolution in groups: PEFT merges none"
            return (
                (CONVOLUTION, "")
                if _has_usual_arguments(module)
                else ("", f"a {type(module).__name__}: PEFT adapts none")
            )
        if isinstance(module, torch.nn.Linear):
            inside = name.rpartition(".")[0]
            if isinstance(self.modules.get(inside), torch.nn.MultiheadAttention):
                return "", "inside a MultiheadAttention: PEFT adapts that as a whole"
            return LINEAR, ""
        if module.weight.ndim == 2 and ("Router" in type(module).__name__ or leaf in ("gate", "router")):
            return PARAMETER, ""
        return "", f"a {type(module).__name__}: PEFT adapts none"


def _has_own_way(module: Any) -> bool:
    """Whether a linear layer or an embedding does more than its kind, which PEFT would not do beside it.

    As a parameter it is adapted inside.  PEFT knows the scale of an embedding.
    """
    import torch

    kind = next((kind for kind in (torch.nn.Linear, torch.nn.Embedding) if isinstance(module, kind)), None)
    return kind is not None and type(module).forward is not kind.forward and not hasattr(module, "embed_scale")


def _has_usual_arguments(module: Any) -> bool:
    """Whether a convolution can be made as PEFT makes its factor A: of its own class."""
    import torch

    try:
        with torch.device("meta"):
            type(module)(module.in_channels, 1, module.kernel_size, module.stride, module.padding, bias=False)
    except TypeError:
        return False
    return True


def classes_of(folder: Path, architecture: str) -> ModelClasses | None:
    """The modules of the model whose `config.json` is in the folder; None where transformers cannot tell."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            return _built(folder, architecture)
    except Exception:  # whatever a library of another version raises: the tables are there for that
        return None


def _built(folder: Path, architecture: str) -> ModelClasses | None:
    import torch
    import transformers

    kind = getattr(transformers, architecture, None)
    if kind is None:
        return None
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    with torch.device("meta"):
        model = kind(config)
    renamings: list[Any] = []
    converters: list[Any] = []
    with contextlib.suppress(ImportError):
        from transformers.conversion_mapping import get_model_conversion_mapping
        from transformers.core_model_loading import WeightConverter

        for each in get_model_conversion_mapping(model):
            (converters if isinstance(each, WeightConverter) else renamings).append(each)
    parameters = dict(model.named_parameters(remove_duplicate=False))
    shapes = {name: tuple(parameter.shape) for name, parameter in parameters.items()}
    owners: dict[int, list[str]] = {}
    for name, parameter in parameters.items():
        owners.setdefault(id(parameter), []).append(name)
    twins = {name: names for names in owners.values() if len(names) > 1 for name in names}
    modules = dict(model.named_modules(remove_duplicate=False))
    return ModelClasses(model, modules, shapes, twins, renamings, converters)
