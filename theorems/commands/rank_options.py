"""The options of ``theorems rank``: what they are, and what they mean together."""

from __future__ import annotations

import argparse
import math
from fractions import Fraction
from pathlib import Path

from theorems.errors import InputError
from theorems.weights.device import NUMPY, device_of
from theorems.weights.least_rank import NORMS, Wanted, energy, error
from theorems.weights.model_layers import Told
from theorems.weights.pairing import Selection
from theorems.weights.rules import DTYPES, Rule

AUTO = "auto"


def add_options(parser: argparse.ArgumentParser) -> None:
    """All options but the two checkpoints."""
    aim = parser.add_mutually_exclusive_group()
    aim.add_argument("--energy", metavar="TAU", help="share of the energy to keep")
    aim.add_argument("--error", metavar="E", help="error allowed, as a share of the norm of the change")
    aim.add_argument("--rank", metavar="R", help="take this LoRA-rank; auto (default): the rank above rounding noise")
    parser.add_argument("--norm", choices=NORMS, help="of --error (default frobenius)")
    parser.add_argument("--absolute", action="store_true", help="--error is no share, but the error itself")
    parser.add_argument("--max-rank", type=int, metavar="R", help="take no larger LoRA-rank, whatever the rule")
    parser.add_argument("--round-up-to", type=int, metavar="K", help="round LoRA-ranks up to multiples of K (8, 16)")
    parser.add_argument("--only", metavar="GLOB", action="append", help="only layers whose name matches")
    parser.add_argument("--exclude", metavar="GLOB", action="append", help="no layers whose name matches")
    parser.add_argument(
        "--initial-adapter", metavar="DIR", help="what TUNED was before training (PiSSA, OLoRA: it is not zero)"
    )
    parser.add_argument(
        "--fast", action="store_true", help="randomised: enough for the rule, certified by the residual"
    )
    parser.add_argument(
        "--device", default=NUMPY, metavar="D",
        help="of the guesses: numpy (default), auto (a GPU, if torch finds one), or one of torch's (cuda, cpu)",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="layers at once, in processes (default 1)")
    parser.add_argument("--resume", metavar="DIR", help="keep finished layers there, and take those that are there")
    parser.add_argument("--chain", metavar="NAME", nargs="+", help="layers in the order of application")
    parser.add_argument("--relu", action="store_true", help="the chain is a ReLU network")
    parser.add_argument(
        "--second-moment", metavar="S", help="E x x^T of its input: a number times I (default 1), or a file"
    )
    written = parser.add_argument_group("the adapter")
    written.add_argument("--write-peft", metavar="DIR", help="write the factors as a PEFT adapter into a new folder")
    written.add_argument("--write-kohya", metavar="FILE", help="write them with kohya's names into a .safetensors file")
    written.add_argument("--dtype", choices=DTYPES, default=DTYPES[0], help="of the factors (default float32)")
    written.add_argument("--alpha", type=float, metavar="A", help="lora_alpha of all layers (default: its rank)")
    written.add_argument("--embedding", metavar="GLOB", action="append", help="tensors that are embeddings")
    written.add_argument("--linear", metavar="GLOB", action="append", help="tensors that are linear layers")
    written.add_argument("--prefix", metavar="P", help="of the modules in the model, where the names in BASE have none")
    written.add_argument("--fan-in-fan-out", action="store_true", help="BASE stores its matrices as (in, out)")
    written.add_argument("--save-changed", action="store_true", help="also what else has changed: norms, biases, whole")
    written.add_argument("--base-name", metavar="ID", help="the name of BASE in the adapter (default: its folder)")
    written.add_argument("--check", action="store_true", help="load it with peft, merge it, compare with the bounds")
    parser.add_argument("--plot", metavar="OUT", help="draw the energy kept over the rank into an .svg or .png file")
    parser.add_argument("--json", action="store_true", help="print one object, and nothing else")


def rule_of(arguments: argparse.Namespace) -> Rule:
    """How ranks are chosen and factors stored.  Raises `InputError` for options that say nothing together."""
    if arguments.max_rank is not None and arguments.max_rank < 1:
        raise InputError(f"--max-rank {arguments.max_rank}: a LoRA-rank is 1 or larger")
    if arguments.round_up_to is not None and arguments.round_up_to < 1:
        raise InputError(f"--round-up-to {arguments.round_up_to}: multiples of 1 or more")
    if arguments.alpha is not None and not 1e-6 <= arguments.alpha <= 1e6:
        raise InputError(f"--alpha {arguments.alpha}: a positive number, such as 16")
    wanted = _wanted(arguments)
    rank = None
    if arguments.rank not in (None, AUTO):
        if not arguments.rank.isdecimal() or int(arguments.rank) < 1:
            raise InputError(f"--rank {arguments.rank}: a LoRA-rank is 1 or larger, or {AUTO}")
        rank = int(arguments.rank)
    return Rule(
        wanted, rank, arguments.max_rank, arguments.round_up_to or 1, arguments.dtype, arguments.alpha, arguments.fast,
        device_of(arguments.device),
    )


def _wanted(arguments: argparse.Namespace) -> Wanted | None:
    """The error that is wanted; None where a rank is given, or none of them."""
    if arguments.error is None and (arguments.norm or arguments.absolute):
        raise InputError("--norm and --absolute say how --error is meant: give it too")
    if arguments.error is not None:
        size = _fraction("--error", arguments.error)
        if size <= 0 or (size >= 1 and not arguments.absolute):
            raise InputError(
                f"--error {arguments.error}: a share of the norm between 0 and 1 (with --absolute, any positive error)"
            )
        return error(size, arguments.norm or NORMS[0], absolute=arguments.absolute)
    if arguments.energy is None:
        return None
    share = _fraction("--energy", arguments.energy)
    if not 0 < share < 1:
        raise InputError(f"--energy {arguments.energy}: a share of the energy between 0 and 1, such as 0.95")
    return energy(share)


def _fraction(option: str, text: str) -> Fraction:
    """The number exactly as it is written."""
    try:
        if len(text) <= 40 and math.isfinite(float(text)) and (float(text) or not text.strip("0.+-")):
            return Fraction(text)
    except ValueError:
        pass
    raise InputError(f"{option} {text}: not a number: write it as 0.05")


def selection_of(arguments: argparse.Namespace) -> Selection:
    """Which layers are measured."""
    return Selection(tuple(arguments.only or ()), tuple(arguments.exclude or ()), tuple(arguments.chain or ()))


def told(arguments: argparse.Namespace) -> Told:
    """What the user says of the model."""
    return Told(
        tuple(arguments.embedding or ()), tuple(arguments.linear or ()), arguments.prefix, arguments.fan_in_fan_out
    )


def check_options(arguments: argparse.Namespace) -> None:
    """Raises `InputError` for options that need, or exclude, others."""
    if arguments.relu and not arguments.chain:
        raise InputError(
            "--relu says what the layers of --chain are: name them with --chain, in the order of application"
        )
    if arguments.second_moment and not arguments.relu:
        raise InputError("--second-moment is that of the input of a ReLU network: give --chain and --relu too")
    if not arguments.write_peft:
        given = {
            "--fan-in-fan-out": arguments.fan_in_fan_out and not arguments.write_kohya, "--check": arguments.check,
            "--save-changed": arguments.save_changed, "--base-name": arguments.base_name,
            "--prefix": arguments.prefix is not None and not arguments.write_kohya,
            "--embedding": arguments.embedding and not arguments.write_kohya,
            "--linear": arguments.linear and not arguments.write_kohya,
        }  # fmt: skip
        for option, present in given.items():
            if present:
                raise InputError(f"{option} is for --write-peft: give that too")
    if arguments.chain and arguments.relu and arguments.write_peft:
        raise InputError("--write-peft writes the adapters of a linear chain: leave --relu out, or --chain with it")
    if arguments.chain and arguments.fan_in_fan_out:
        raise InputError("--chain multiplies matrices as (out, in): it cannot be used with --fan-in-fan-out")
    if arguments.chain and (arguments.dtype != DTYPES[0] or arguments.alpha is not None or arguments.fast):
        raise InputError("--chain: its adapters are float32, of scaling 1, exactly: leave --dtype, --alpha, --fast out")
    if arguments.chain and arguments.write_kohya:
        raise InputError("--write-kohya writes factors layer by layer: leave --chain out")
    if not 1 <= arguments.jobs <= 256:
        raise InputError(f"--jobs {arguments.jobs}: a number of processes from 1 to 256")
    if arguments.write_kohya:
        path = Path(arguments.write_kohya)
        if path.exists() or path.suffix != ".safetensors" or not path.absolute().parent.is_dir():
            raise InputError(f"--write-kohya {path}: give a new .safetensors file in a folder that is there")


def wanted_json(arguments: argparse.Namespace) -> dict[str, str | int]:
    """The error or the rank that was asked for."""
    row: dict[str, str | int]
    if arguments.error is not None:
        kind = "absolute" if arguments.absolute else "share of the norm"
        row = {"error": arguments.error, "norm": arguments.norm or "frobenius", "as": kind}
    elif arguments.energy is not None:
        row = {"energy": arguments.energy}
    else:
        row = {"rank": AUTO if arguments.rank in (None, AUTO) else int(arguments.rank)}
    if arguments.max_rank is not None:
        row["max_rank"] = arguments.max_rank
    if arguments.round_up_to is not None:
        row["round_up_to"] = arguments.round_up_to
    return row
