"""The control of what is over 180 days, and what is given up: thresholds, causes, limits, evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Why a debt stays unpaid (causa raíz): the codes of DOMAIN, section 11, in its order.
USUAL_CAUSES: tuple[str, ...] = (
    "PRC", "DOC", "CAN", "DAN", "SRV", "FLT", "DUP", "IMP", "ENT", "NCP", "PAG", "FX", "INS",
)  # fmt: skip


@dataclass(frozen=True)
class Over180Policy:
    """When an account is watched and when it is over; days count from the ageing basis.

    At ``watch_days`` an item is watched; at exactly ``over_days`` it is not over yet, one day later it is.
    ``crossings``: the limits whose crossing before the next close is listed. ``causes``: what a plan may say.
    ``roles``: who may approve a transfer, a hand-over to lawyers or an insurer, or an exception.
    """

    watch_days: int = 90
    over_days: int = 180
    crossings: tuple[int, ...] = (90, 120, 180, 360)
    causes: tuple[str, ...] = USUAL_CAUSES
    roles: tuple[str, ...] = ("controller", "director")


@dataclass(frozen=True)
class WriteOffReason:
    """Why a debt is given up (causal de castigo), and what must prove it."""

    code: str
    evidence: tuple[str, ...] = ("collection_efforts", "legal_opinion")


#: Insolvency, liquidation, prescription, debtor not found, dearer to collect than it is worth, settled for
#: less by agreement, no document that a judge would take.
USUAL_WRITE_OFF_REASONS: tuple[WriteOffReason, ...] = (
    WriteOffReason("INSO", ("collection_efforts", "insolvency_ruling")),
    WriteOffReason("LIQU", ("collection_efforts", "liquidation_record")),
    WriteOffReason("PRES"),
    WriteOffReason("ILOC"),
    WriteOffReason("COBE", ("collection_efforts",)),
    WriteOffReason("ACUE", ("collection_efforts", "settlement_agreement")),
    WriteOffReason("SOPO"),
)


@dataclass(frozen=True)
class WriteOffPolicy:
    """Who may give a debt up, and on what evidence.

    ``limits``: by role and currency, the most (minor units, the limit itself inside) that one person of the
    role approves alone; a role or currency that is not named approves nothing alone. Above it two people of
    ``joint_roles`` approve, neither of whom prepared it. ``reasons``: the codes with their evidence.
    """

    limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    joint_roles: tuple[str, ...] = ("controller", "director")
    reasons: tuple[WriteOffReason, ...] = USUAL_WRITE_OFF_REASONS

    def limit(self, role: str, currency: str) -> int:
        """What one person of this role approves alone, minor units; 0: nothing."""
        return self.limits.get(role, {}).get(currency, 0)

    def reason(self, code: str) -> WriteOffReason | None:
        """The reason of that code."""
        return next((one for one in self.reasons if one.code == code), None)
