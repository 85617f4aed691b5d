"""How the claims on the steps of a proof are written down."""

from __future__ import annotations

from theorems.claim import Claim, Kind, Source, Verdict
from theorems.statement import Statement

STANDS, GAP, MISPRINT = Verdict.CORROBORATED, Kind.GAP, Kind.MISPRINT


def proof_claim(
    key: str, statement: Statement, label: str, verdict: Verdict | Kind, reason: str, repaired_by: str | None = None,
    *, place: str = "", printed: str = "", why: str = "",
) -> Claim:  # fmt: skip
    """A claim of Zeng and Lee, Appendix D, with its key and that of its repair after ``zeng-lee/``.

    One that falls has the kind of its refutation for its verdict.
    """
    return Claim(
        key=f"zeng-lee/{key}",
        statement=statement,
        source=Source("zeng-lee", label, "Appendix D"),
        verdict=Verdict.REFUTED if isinstance(verdict, Kind) else verdict,
        kind=verdict if isinstance(verdict, Kind) else None,
        reason=reason,
        place=place,
        printed=printed,
        why=why,
        repaired_by=None if repaired_by is None else f"zeng-lee/{repaired_by}",
    )
