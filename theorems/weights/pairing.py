"""Two whole checkpoints of one model: which tensors are layers of both, and why the others are passed over.

What people have differs in ways that are no change of a layer: a wrapper's prefix before all names, a vocabulary that
grew, a head that one file ties to an embedding, buffers, quantised tensors.  Each is named, and the rest is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from theorems.errors import InputError
from theorems.weights import model_tables as tables
from theorems.weights.changes import Change, Changes, Difference, Skipped, differ, natural, not_a_layer, sized
from theorems.weights.stored import Checkpoint, Part, Weights, listed

#: Stacks of experts: one tensor of three axes, a matrix an expert.
_STACK = re.compile(r"(.*\.)?experts\.(?!\d)(\w+)(\.weight)?|.*\.block_sparse_moe\.(input|output)_linear\.weight")


@dataclass(frozen=True)
class Selection:
    """Which layers are wanted, by globs of their names; those of `always` in any case."""

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    always: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        """Whether the layer is wanted."""
        if name in self.always:
            return True
        if any(fnmatchcase(name, glob) for glob in self.exclude):
            return False
        return not self.only or any(fnmatchcase(name, glob) for glob in self.only)


def differences(base: Checkpoint, tuned: Checkpoint, selection: Selection | None = None) -> Changes:
    """The changes between two whole checkpoints of one model, in the layers that are wanted.

    Raises `InputError` where they have no layer in common.
    """
    selection = selection or Selection()
    old_names, new_names, remarks = _paired(base, tuned)
    layers: list[Change] = []
    skipped: list[Skipped] = []
    everything: dict[str, Weights] = {}
    for common in sorted(old_names.keys() | new_names.keys(), key=natural):
        name = old_names.get(common) or new_names[common]
        if not selection.takes(name):
            continue
        pair = base.tensors.get(old_names.get(common, "")), tuned.tensors.get(new_names.get(common, ""))
        kinds = base.others.get(old_names.get(common, "")), tuned.others.get(new_names.get(common, ""))
        if pair[0] is not None and pair[1] is not None:
            everything[name] = pair[1]
            _take(name, pair[0], pair[1], layers, skipped, remarks)
        else:
            skipped.append(Skipped(name, _unpaired(pair, kinds)))
    if not layers:
        _refuse(base, tuned, skipped, selection)
    return Changes(base, tuple(layers), everything, tuple(skipped), tuple(remarks))


def _take(
    name: str, old: Weights, new: Weights, layers: list[Change], skipped: list[Skipped], remarks: list[str]
) -> None:
    """One tensor that both have: a layer, several, or none."""
    why = not_a_layer(new.shape) or not_a_layer(old.shape)
    if why:
        skipped.append(Skipped(name, why, changed=differ(old, new)))
    elif old.shape == new.shape:
        if len(new.shape) == 3 and _STACK.fullmatch(name):
            remarks.append(f"{name}: {new.shape[0]} experts in one tensor, a matrix each")
            layers += [
                Difference(f"{name}[{i}]", *(Part(each, each.shape[1], i) for each in (old, new)))
                for i in range(new.shape[0])
            ]
        else:
            layers.append(Difference(name, old, new))
    elif old.shape[1:] == new.shape[1:] and len(old.shape) == 2 and _has_vocabulary(name):
        count = min(old.shape[0], new.shape[0])
        remarks.append(f"{name}: {old.shape[0]} rows in BASE, {new.shape[0]} in TUNED: the first {count} are compared")
        layers.append(Difference(name, *(Part(each, count) for each in (old, new))))
    else:
        skipped.append(Skipped(name, f"{sized(old.shape)} in BASE, {sized(new.shape)} in TUNED", changed=True))


def _has_vocabulary(name: str) -> bool:
    leaf = name.removesuffix(".weight").rpartition(".")[2]
    return bool(tables.EMBEDDING.fullmatch(leaf) or tables.HEAD.fullmatch(leaf)) and "classifier" not in leaf


def _unpaired(pair: tuple[Weights | None, Weights | None], kinds: tuple[str | None, str | None]) -> str:
    """Why a name has no two tensors that can be compared."""
    has = [tensor is not None or kind is not None for tensor, kind in zip(pair, kinds, strict=True)]
    if all(has):
        return f"there, as {kinds[0] or kinds[1]}: no type that is compared"
    return f"only in {'BASE' if has[0] else 'TUNED'}"


def _refuse(base: Checkpoint, tuned: Checkpoint, skipped: list[Skipped], selection: Selection) -> None:
    """Raises `InputError` that says why there is nothing to measure."""
    if selection.only or selection.exclude:
        globs = " ".join((*selection.only, *(f"--exclude {glob}" for glob in selection.exclude)))
        raise InputError(f"--only {globs}: no layer of that name: '*q_proj*', say, takes all that contain it")
    for side, one, other in (("TUNED", tuned, base), ("BASE", base, tuned)):
        missing = [skip.name for skip in skipped if skip.why == f"only in {'BASE' if side == 'TUNED' else 'TUNED'}"]
        if missing:
            raise InputError(
                f"{one.source} lacks {listed('tensor', missing)} of {other.source}: give two checkpoints of one model"
            )
    odd = [skip for skip in skipped if skip.why != "not a matrix"]
    if odd:
        named = "; ".join(f"{skip.name!r} is {skip.why}" for skip in odd[:3])
        raise InputError(f"{base.source}: no layer to compare: {named}: give two checkpoints of one model")
    raise InputError(f"{base.source}: no tensor of two or more axes: give checkpoints with weight matrices")


# Names ---------------------------------------------------------------------------------------------------------------


def _paired(base: Checkpoint, tuned: Checkpoint) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Common name -> name, for both; and what to say of a prefix that only one of them has."""
    names = [set(each.tensors) | set(each.others) for each in (base, tuned)]
    cuts = aligned(*names)
    remarks = [
        f"{side}: the prefix {cut!r} of its names is not in the other file, and was taken off"
        for side, cut in zip(("BASE", "TUNED"), cuts, strict=True)
        if cut
    ]
    first, second = ({name.removeprefix(cut): name for name in each} for each, cut in zip(names, cuts, strict=True))
    return first, second, remarks


def aligned(one: set[str], other: set[str]) -> tuple[str, str]:
    """The prefixes to take off the names of either, so that most of them agree; mostly none.

    A prefix is taken off only where more names agree without it, and no two become one.
    """
    best, found = len(one & other), ("", "")
    for a in _heads(one):
        for b in _heads(other):
            if bool(a) == bool(b):
                continue  # one side has the prefix
            cut = [{name.removeprefix(head) for name in names} for names, head in ((one, a), (other, b))]
            if len(cut[0]) < len(one) or len(cut[1]) < len(other):
                continue
            if len(cut[0] & cut[1]) > best:
                best, found = len(cut[0] & cut[1]), (a, b)
    return found


def _heads(names: Iterable[str]) -> list[str]:
    """Prefixes of up to three parts that half of the names share, and none."""
    names = list(names)
    counts: dict[str, int] = {}
    for name in names:
        parts = name.split(".")
        for k in range(1, min(4, len(parts))):
            head = ".".join(parts[:k]) + "."
            counts[head] = counts.get(head, 0) + 1
    return ["", *sorted((head for head, count in counts.items() if 2 * count >= len(names)), key=len)]
