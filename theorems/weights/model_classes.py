"""The modules of a model as the transformers library builds it: on the meta device, without weights.

Nothing is downloaded, and no code of a checkpoint is run.  Everything here is optional: where torch or transformers
cannot be imported, or do not know the architecture, there are no classes, and the tables have to do.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theorems.weights import model_tables as tables
from theorems.weights.model_layers import BY_MODEL, CONV1D, CONVOLUTION, EMBEDDING, LINEAR, WEIGHT, Taken


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
        parameter, converted = self._renamed(name)
        module = self.modules.get(parameter.removesuffix(WEIGHT)) if parameter.endswith(WEIGHT) else None
        found = parameter.removesuffix(WEIGHT)
        if converted or module is None or parameter not in self.shapes:
            if parameter in self.shapes or converted:
                return Taken("", "", BY_MODEL, "part of a parameter that is not the weight of a module")
            return Taken("", "", BY_MODEL, f"{type(self.model).__name__} has no module of this name")
        if self.shapes[parameter] != shape and self.shapes[parameter][1:] != shape[1:]:
            return Taken("", found, BY_MODEL, "of another shape in the model")
        twin = next((name for name in self.twins.get(parameter, ()) if name != parameter), "")
        if twin:
            return Taken("", found, BY_MODEL, tables.TIED.format(twin.removesuffix(WEIGHT)))
        kind, why = self._kind(found, module)
        return Taken(kind, found, BY_MODEL, why)

    def place(self, name: str) -> tuple[str, str]:
        """The module that has the tensor, and its name there; empty where none has."""
        parameter, converted = self._renamed(name)
        module, _, part = parameter.rpartition(".")
        owner = self.modules.get(module)
        known = owner is not None and (part in owner._parameters or part in owner._buffers)
        return (module, part) if known and not converted else ("", "")

    def _renamed(self, name: str) -> tuple[str, bool]:
        """The parameter that a tensor in a file becomes, and whether it is only a part of it."""
        if name in self.shapes and not self.renamings and not self.converters:
            return name, False
        try:
            from transformers.core_model_loading import rename_source_key

            meta = dict.fromkeys(self.shapes, True)
            new, pattern = rename_source_key(name, self.renamings, self.converters, self.model.base_model_prefix, meta)
        except (ImportError, TypeError):  # another version
            body = f"{self.model.base_model_prefix}."
            choices = (name, body + name, name.removeprefix(body))
            return next((choice for choice in choices if choice in self.shapes), name), False
        return str(new), pattern is not None

    def _kind(self, name: str, module: Any) -> tuple[str, str]:
        import torch
        from transformers.pytorch_utils import Conv1D

        leaf = name.rpartition(".")[2]
        if getattr(self.model.config, "model_type", "") in tables.MAMBA_TYPES and leaf in tables.MAMBA_REFUSED:
            return "", "PEFT refuses this module in models of the Mamba kind"
        if isinstance(module, torch.nn.Embedding):
            return EMBEDDING, ""
        if isinstance(module, Conv1D):
            return CONV1D, ""
        if isinstance(module, torch.nn.modules.conv._ConvNd):
            if isinstance(module, torch.nn.modules.conv._ConvTransposeNd):
                return "", "a transposed convolution: PEFT adapts none"
            return (CONVOLUTION, "") if module.groups == 1 else ("", "a convolution in groups: PEFT merges none")
        if isinstance(module, torch.nn.Linear):
            inside = name.rpartition(".")[0]
            if isinstance(self.modules.get(inside), torch.nn.MultiheadAttention):
                return "", "inside a MultiheadAttention: PEFT adapts that as a whole"
            return LINEAR, ""
        return "", f"a {type(module).__name__}: PEFT adapts none"


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
