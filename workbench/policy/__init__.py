"""The rules a company chooses, as types with defaults; ``sources`` reads ``parameters/policy.yaml``.

A room's settings are a module here; ``whole.Policy`` holds them all.
"""

from __future__ import annotations

from .accounts import Accounts
from .actions import DIFFERENCE_ACTIONS, DifferenceAction
from .acts import ActPolicy
from .aging import BASES, CREDITS_MODES, AgingBasis, AgingPolicy, Buckets, CreditsMode
from .credit_notes import CreditNotePolicy
from .customer_reconciliation import CustomerReconciliationPolicy, DifferencePlan
from .differences import (
    BEARERS,
    CHARGED_KINDS,
    DISCOUNT_BASES,
    REASON_CODES,
    REASON_EFFECTS,
    USUAL_REASONS,
    Bearer,
    DifferencePolicy,
    DiscountBase,
    DiscountTerm,
    Reason,
    ReasonEffect,
    Tolerance,
    reasons_on,
)
from .exchange import ExchangePolicy
from .learning import USUAL_DIFFERENCES, USUAL_HABITS, USUAL_MANNERS, HabitOverride, LearningPolicy
from .matching import MatchingPolicy
from .over_180 import USUAL_CAUSES, USUAL_WRITE_OFF_REASONS, Over180Policy, WriteOffPolicy, WriteOffReason
from .provision import (
    CALCULATIONS,
    SAMPLE_RATES,
    SEGMENT_COLUMNS,
    TAX_METHODS,
    Calculation,
    Insured,
    MatrixPolicy,
    ProvisionException,
    ProvisionPolicy,
    TaxMethod,
    TaxPolicy,
)
from .reconciliation import ReconciliationPolicy
from .whole import Policy
from .withholdings import WITHHELD_TAXES, WITHHOLDING_SCALE, WithheldTax, WithholdingRate, Withholdings

__all__ = [
    "BASES",
    "BEARERS",
    "CALCULATIONS",
    "CHARGED_KINDS",
    "CREDITS_MODES",
    "DIFFERENCE_ACTIONS",
    "DISCOUNT_BASES",
    "REASON_CODES",
    "REASON_EFFECTS",
    "SAMPLE_RATES",
    "SEGMENT_COLUMNS",
    "TAX_METHODS",
    "USUAL_CAUSES",
    "USUAL_DIFFERENCES",
    "USUAL_HABITS",
    "USUAL_MANNERS",
    "USUAL_REASONS",
    "USUAL_WRITE_OFF_REASONS",
    "WITHHELD_TAXES",
    "WITHHOLDING_SCALE",
    "Accounts",
    "ActPolicy",
    "AgingBasis",
    "AgingPolicy",
    "Bearer",
    "Buckets",
    "Calculation",
    "CreditNotePolicy",
    "CreditsMode",
    "CustomerReconciliationPolicy",
    "DifferenceAction",
    "DifferencePlan",
    "DifferencePolicy",
    "DiscountBase",
    "DiscountTerm",
    "ExchangePolicy",
    "HabitOverride",
    "Insured",
    "LearningPolicy",
    "MatchingPolicy",
    "MatrixPolicy",
    "Over180Policy",
    "Policy",
    "ProvisionException",
    "ProvisionPolicy",
    "Reason",
    "ReasonEffect",
    "ReconciliationPolicy",
    "TaxMethod",
    "TaxPolicy",
    "Tolerance",
    "WithheldTax",
    "WithholdingRate",
    "Withholdings",
    "WriteOffPolicy",
    "WriteOffReason",
    "reasons_on",
]
