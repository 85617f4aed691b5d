"""How the claims on the steps of a proof are written down."""

from __future__ import annotations

from theorems.claim import Claim, Source, Verdict
from theorems.statement import Statement

STANDS, FALLS = Verdict.CORROBORATED, Verdict.REFUTED


def proof_claim(
    key: str, statement: Statement, label: str, verdict: Verdict, reason: str, repaired_by: str | None = None
) -> Claim:
    """A claim of Zeng and Lee, Appendix D, with its key and that of its repair after ``zeng-lee/``."""
    return Claim(
        key=f"zeng-lee/{key}",
        statement=statement,
        source=Source("zeng-lee", label, "Appendix D"),
        verdict=verdict,
        reason=reason,
        repaired_by=None if repaired_by is None else f"zeng-lee/{repaired_by}",
    )
