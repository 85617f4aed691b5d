"""What each stored tensor is in the model: the module that has it, and of which kind that module is.

PEFT puts an adapter on modules of a model, by their names there, and writes it differently for linear layers,
embeddings, Conv1D and convolutions.  A checkpoint has tensors, by names that need not be those of modules.  Three
sources tell, the first that can: the caller (globs); the transformers library, which builds the model of the
`config.json` beside the checkpoint without its weights; tables of model types and names.  What none of them tells for
certain is said to be assumed; a tensor that PEFT could not adapt is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from theorems.weights import model_tables as tables
from theorems.weights.stored import read_object

CONFIG = "config.json"
MAX_CONFIG_BYTES = 1 << 24
WEIGHT = ".weight"
LINEAR, CONV1D, EMBEDDING, CONVOLUTION = "Linear", "Conv1D", "Embedding", "Conv"
#: Of a module that PEFT can adapt in single parameters only: experts, routers.
PARAMETER = "Parameter"
#: Who says so.
BY_OPTION, BY_MODEL, BY_CONFIG, BY_NAME, ASSUMED = "option", "transformers", "config.json", "name", "assumed"
#: Prefixes that wrappers put before all names of a model.
WRAPPERS = ("module.", "_orig_mod.", "base_model.model.")


@dataclass(frozen=True)
class Slot:
    """A parameter that PEFT adapts by its own name (`target_parameters`), and which part of it a tensor is.

    parameter  its name in the module
    order      its place there: PEFT wraps the parameters of a module in this order, each around the last
    shape      all axes; of three the first counts experts
    expert     which of them
    first      the first row that the tensor has
    turned     whether PEFT takes the matrices for (in, out), and swaps A and B
    """

    parameter: str
    order: int
    shape: tuple[int, ...]
    expert: int = 0
    first: int = 0
    turned: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        expert = self.expert if len(self.shape) == 3 else None
        return {"name": self.parameter, "expert": expert, "first_row": self.first}


@dataclass(frozen=True)
class Taken:
    """What a tensor is taken for.

    kind    of the module that has it as its weight: one of `LINEAR`, ...; empty where PEFT cannot adapt it
    module  the module's name in the model
    by      who says so: one of `BY_OPTION`, ..., `ASSUMED`
    why     why it is left out
    slot    where PEFT adapts it as a parameter
    """

    kind: str
    module: str
    by: str
    why: str = ""
    slot: Slot | None = None

    @property
    def parameter(self) -> str:
        """The name in the model of the parameter that has it."""
        return f"{self.module}.{self.slot.parameter}" if self.slot else self.module + WEIGHT

    def __str__(self) -> str:
        return (self.kind or "left out") + ("?" if self.kind and self.by == ASSUMED else "")


@dataclass(frozen=True)
class Told:
    """What the caller says: globs of tensor names, the prefix of module names, and how matrices are stored."""

    embeddings: Sequence[str] = ()
    linears: Sequence[str] = ()
    prefix: str | None = None
    transposed: bool = False


class Classes(Protocol):
    """The modules of a model that was built from its configuration."""

    @property
    def modules(self) -> Mapping[str, Any]:
        """All of them, by name."""

    def taken(self, name: str, shape: tuple[int, ...]) -> Taken:
        """What the tensor of this name and shape is in the model."""

    def place(self, name: str) -> tuple[str, str]:
        """The module that has the tensor, and its name there; empty where none has."""


@dataclass(frozen=True)
class Model:
    """The model that a checkpoint belongs to, as far as it is known.

    config   `config.json`, empty without one
    classes  the model's own modules, where transformers could build it
    names    all tensors of the checkpoint
    """

    config: Mapping[str, Any]
    classes: Classes | None
    told: Told
    names: frozenset[str]

    @property
    def model_type(self) -> str:
        """As in `config.json`; empty without one."""
        return str(self.config.get("model_type") or "")

    @property
    def architecture(self) -> str:
        """The class of the model; empty where the configuration has none."""
        names = self.config.get("architectures")
        return str(names[0]) if isinstance(names, list) and names else ""

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names of the modules that there are, or of those that have a tensor."""
        if self.classes is not None:
            return frozenset(self.classes.modules)
        return frozenset(self._module(name.rpartition(".")[0] + WEIGHT) for name in self.names if "." in name)

    def taken(self, name: str, shape: tuple[int, ...]) -> Taken:
        """What the tensor is taken for."""
        found = self._found(name, shape)
        if self.told.prefix is not None:
            kind, why = (found.kind, found.why) if found.kind != PARAMETER else ("", "its parameter has another name")
            found = Taken(kind, self.told.prefix + name.removesuffix(WEIGHT), found.by, why)
        if not name.endswith(WEIGHT) or len(shape) != 2:
            return found
        for globs, kind in ((self.told.embeddings, EMBEDDING), (self.told.linears, LINEAR)):
            if any(fnmatchcase(name, glob) for glob in globs):
                slot = found.slot if found.kind == kind else None
                return Taken(kind, found.module or self._module(name), BY_OPTION, "", slot)
        if self.told.transposed and found.kind == LINEAR and found.by in (BY_NAME, ASSUMED):
            return Taken(CONV1D, found.module, BY_OPTION)
        return found

    def place(self, name: str) -> tuple[str, str]:
        """The module that has a tensor (a weight, a bias, a buffer), and its name there; empty where none has."""
        if self.told.prefix is None and self.classes is not None:
            return self.classes.place(_unwrapped(name))
        head, _, part = name.rpartition(".")
        return (self._module(head + WEIGHT) if self.told.prefix is None else self.told.prefix + head), part

    def _found(self, name: str, shape: tuple[int, ...]) -> Taken:
        if self.classes is not None:
            return self.classes.taken(_unwrapped(name), shape)
        if not name.endswith(WEIGHT):
            return Taken("", "", BY_NAME, "not the .weight of a module")
        module = self._module(name)
        why = self._unfit(module, shape)
        if why:
            return Taken("", module, BY_CONFIG if self.config else BY_NAME, why)
        leaf = module.rpartition(".")[2]
        kind, certain = self._kind(module, shape)
        known = BY_CONFIG if self.model_type in tables.PLAIN else BY_NAME
        moved = (kind == EMBEDDING and tables.SHIFTED.fullmatch(leaf)) or (
            kind == LINEAR and self.model_type in tables.FUSED_TYPES and tables.RETARGETED.fullmatch(leaf)
        )
        return Taken(kind, module, known if certain else ASSUMED, "", Slot("weight", 0, shape) if moved else None)

    def _module(self, name: str) -> str:
        """The name in the model: without a wrapper's prefix, with that of the body where the file leaves it out."""
        module = _unwrapped(name).removesuffix(WEIGHT)
        body = tables.BODIES.get(self.model_type)
        if not body or not self.architecture:
            return module
        below, inside = f"{body}.", self._has_body
        if self.architecture.endswith("Model") and not self.architecture.endswith("LMHeadModel"):
            return module.removeprefix(below) if inside else module
        is_head = tables.HEAD.fullmatch(module.split(".")[0]) or module.split(".")[0] in (
            "cls",
            "classifier",
            "projector",
        )
        return module if inside or is_head else below + module

    @cached_property
    def _has_body(self) -> bool:
        """Whether the names in the file have the attribute of the model's body."""
        below = f"{tables.BODIES.get(self.model_type, '')}."
        return any(_unwrapped(other).startswith(below) for other in self.names)

    def _unfit(self, module: str, shape: tuple[int, ...]) -> str:
        """Why PEFT could not adapt the module, by the tables; empty where it could."""
        leaf, kind = module.rpartition(".")[2], self.model_type
        moved = (
            kind in tables.RENAMED
            or (kind, leaf) in tables.RENAMED_MODULES
            or (kind not in tables.UNMOVED and any(isinstance(self.config.get(key), dict) for key in tables.SEVERAL))
        )
        if moved:
            return "transformers names this module differently from the file: install it here, so that it can be asked"
        if kind in tables.QUANTISED_TYPES:
            return "a quantised layer: PEFT adapts none"
        if tables.EXPERT.fullmatch(module) or (len(shape) == 3 and tables.STACK.fullmatch(leaf)):
            return "an expert: transformers holds all experts of a layer in one parameter"
        if tables.ROUTER.fullmatch(leaf) and (leaf == "router" or any(self.config.get(key) for key in tables.EXPERTS)):
            return "a router of experts: no linear layer"
        if kind in tables.MAMBA_TYPES and leaf in tables.MAMBA_REFUSED:
            return "PEFT refuses this module in models of the Mamba kind"
        if tables.is_passed_by(kind, module):
            return tables.READ
        if not kind and tables.CONV1D.fullmatch(leaf) and len(shape) == 2 and not self.told.transposed:
            return "Conv1D as in GPT-2, or linear: no config.json tells (--fan-in-fan-out, or --linear)"
        if tables.BILINEAR.fullmatch(leaf):
            return "a bilinear layer: PEFT adapts none"
        if len(shape) < 3:
            return tables.TIED.format("the head") if self._is_tied(leaf) else ""
        if tables.GROUPED.fullmatch(leaf) or kind in tables.GROUPED_TYPES or (shape[1] == 1 and shape[0] > 1):
            return "a convolution in groups, or of one channel: PEFT merges none in groups"
        if tables.TRANSPOSED.fullmatch(leaf):
            return "a transposed convolution: PEFT adapts none"
        return "" if len(shape) <= 5 else "of more than five axes"

    def _is_tied(self, leaf: str) -> bool:
        """Whether this is an input embedding, and the file has no head of its own."""
        tied = self.config.get("tie_word_embeddings")
        if (
            tied is False
            or not self.architecture
            or not tables.INPUT.fullmatch(leaf)
            or tables.HEADLESS.fullmatch(self.architecture)
        ):
            return False
        ends = {name.removesuffix(WEIGHT).rpartition(".")[2] for name in self.names if name.endswith(WEIGHT)}
        return tied is True or not ends & set(tables.HEADS)

    def _kind(self, name: str, shape: tuple[int, ...]) -> tuple[str, bool]:
        """The kind of a module that PEFT can adapt, and whether name or configuration tell it for certain."""
        leaf = name.rpartition(".")[2]
        if len(shape) > 2:
            return CONVOLUTION, "conv" in leaf or self.model_type in tables.PLAIN
        if self.model_type in tables.CONV1D_TYPES and tables.CONV1D.fullmatch(leaf):
            return CONV1D, True
        if tables.EMBEDDING.fullmatch(leaf) or (self.model_type == "ctrl" and leaf == "w"):
            return EMBEDDING, True
        if tables.LINEAR.fullmatch(leaf) or tables.HEAD.fullmatch(leaf):
            return LINEAR, True
        if tables.PROBABLY_EMBEDDING.fullmatch(name):
            return EMBEDDING, False
        counts = ("vocab_size", "max_position_embeddings", "n_positions", "type_vocab_size")
        if shape[0] in [self.config[key] for key in counts if isinstance(self.config.get(key), int)]:
            return EMBEDDING, False
        return LINEAR, False


def _unwrapped(name: str) -> str:
    """A name without the prefixes of wrappers."""
    while True:
        shorter = name
        for wrapper in WRAPPERS:
            shorter = shorter.removeprefix(wrapper)
        if shorter == name:
            return name
        name = shorter


def config_beside(source: str | Path) -> tuple[Path, dict[str, Any]]:
    """The folder of a checkpoint and its `config.json`, empty where there is none.

    Raises `InputError` for one that is no JSON object.
    """
    path = Path(source)
    folder = path if path.is_dir() else path.parent
    file = folder / CONFIG
    return folder, read_object(file, MAX_CONFIG_BYTES) if path.exists() and file.is_file() else {}


def model_of(source: str | Path, names: frozenset[str], told: Told, *, ask: bool = True) -> Model:
    """The model of a checkpoint; with `ask`, transformers is asked for its modules where it can be imported."""
    folder, config = config_beside(source)
    classes: Classes | None = None
    if ask and config.get("architectures"):
        from theorems.weights.model_classes import classes_of  # here, since it imports torch

        classes = classes_of(folder, Model(config, None, told, names).architecture)
    return Model(config, classes, told, names)
