"""What a statement reads of its case: a counterexample shows that, and no array beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from theorems.arithmetic.base import Arithmetic
from theorems.claim import Claim
from theorems.errors import Unsupported
from theorems.judge.driver import check
from theorems.statement import Conclude, Suppose


def fields_read(claim: Claim, case: Any, num: Arithmetic) -> set[str] | None:
    """The fields of the case that its statement reads, also through properties; None where that cannot be seen."""
    read: set[str] = set()

    def watched(loaded: Any, num: Any) -> Iterator[Suppose | Conclude]:
        yield from claim.statement(_watched(loaded, read), num)

    if not dataclasses.is_dataclass(case) or not hasattr(case, "__dict__"):
        return None
    try:
        check(watched, case, num, skip=claim.skip)
    except (Unsupported, ArithmeticError):  # a finer arithmetic judged it: what was read until here is not all
        return None
    return read or None


def _watched(case: Any, read: set[str]) -> Any:
    """The case as an object of the same type that notes which of its fields are asked for."""
    names = {field.name for field in dataclasses.fields(case)}

    def asked(self: Any, name: str) -> Any:
        if name in names:
            read.add(name)
        return object.__getattribute__(self, name)

    kind = type(type(case).__name__, (type(case),), {"__getattribute__": asked, "__module__": type(case).__module__})
    copy: Any = object.__new__(kind)
    copy.__dict__.update(case.__dict__)
    return copy
