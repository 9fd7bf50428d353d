"""What the sample company looks like, all its proportions in one place.

``MIX`` is the workload that the matching benchmark is measured on (PERFORMANCE, "Peers on one generated
workload"); change it here or pass another :class:`Shape`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Share of each kind of receipt.
MIX: Mapping[str, float] = {
    "clean_reference": 0.24,  # one invoice, named as printed
    "noisy_reference": 0.14,  # one invoice, its number split, prefixed otherwise or one digit wrong
    "single_amount": 0.14,  # one invoice, not named
    "several_amounts": 0.16,  # 2 to 6 invoices, none named
    "several_references": 0.10,  # 2 to 6 invoices, all named
    "credit_note_netting": 0.02,  # invoices less a credit note
    "withheld": 0.05,  # one invoice less retefuente, reteIVA, reteICA (abroad: less the wire's charges)
    "whole_statement": 0.04,  # everything open, or everything due
    "unrelated": 0.11,  # no document answers it: see UNRELATED
}
#: What a receipt without a document is.
UNRELATED: Mapping[str, float] = {"unidentified": 0.40, "duplicate": 0.20, "advance": 0.20, "other": 0.20}
#: Unpaid items by days overdue on the last day: first day, last day, share. Both ends belong to the range.
AGES: tuple[tuple[int, int, float], ...] = (
    (-75, 0, 0.40),
    (1, 30, 0.20),
    (31, 60, 0.11),
    (61, 90, 0.08),
    (91, 120, 0.06),
    (121, 180, 0.06),
    (181, 360, 0.06),
    (361, 620, 0.03),
)


@dataclass(frozen=True)
class Shape:
    """Every proportion of the sample. Shares are of 1; amounts are major units of the currency."""

    mix: Mapping[str, float] = field(default_factory=lambda: MIX)
    unrelated: Mapping[str, float] = field(default_factory=lambda: UNRELATED)
    ages: tuple[tuple[int, int, float], ...] = AGES
    # people
    export_share: float = 0.20  # customers of the Exportación cluster, in USD
    child_share: float = 0.12
    parent_pays_share: float = 0.50  # of a child's receipts
    round_price_share: float = 0.10  # customers whose prices are multiples of 50,000 pesos
    recurring_share: float = 0.08  # customers billed the same fee every month
    weight_tail: float = 1.7  # Pareto exponent of a customer's business
    largest_weight: float = 12.0  # of the smallest customer's business
    # volumes, a customer a month or in all
    receipts_a_month: float = 4.2
    unpaid_items: float = 16.0
    largest_unpaid: int = 300
    credit_notes: float = 0.9
    ledger_credits: float = 0.5  # payments on account that stand open in the ledger
    # documents
    cop_median: float = 6_000_000.0
    cop_range: tuple[int, int] = (420_000, 67_000_000)  # before IVA
    usd_median: float = 9_000.0
    usd_range: tuple[int, int] = (1_000, 60_000)
    debit_note_share: float = 0.02
    instalment_share: float = 0.03
    partly_paid_share: float = 0.03
    no_due_date_share: float = 0.01
    special_gl_share: float = 0.012
    blocked_share: float = 0.015
    # payments
    discount_share: float = 0.05  # of clean references, within the discount's days
    wire_fee_share: float = 0.15  # of clean references in USD
    late_identified_share: float = 0.04  # of the month before: deposits nobody identified until now
    unidentified_months: int = 3  # how far back unidentified deposits are still looked for
    returned_cheque_share: float = 0.012
    advice_share: Mapping[str, float] = field(
        default_factory=lambda: {
            "several_references": 0.35,
            "several_amounts": 0.15,
            "credit_note_netting": 0.25,
            "withheld": 0.40,
            "whole_statement": 0.20,
        }
    )
    # withholdings, per 100,000 of the base (retefuente, reteICA) or of the IVA (reteIVA)
    iva: int = 19_000
    retefuente: int = 2_500
    rete_iva: int = 15_000
    rete_ica: tuple[int, ...] = (0, 966, 690, 414)
    discount: int = 2_000
    rows_a_workbook: int = 80_000  # an unpacked sheet stays below what intake accepts


#: The workload of PERFORMANCE ("Peers on one generated workload"): payers known, one currency, 5 to some 300
#: items a customer, two receipts a month each; short pays are 2.5 % withheld and nothing else.
WORKLOAD = Shape(
    unrelated={"duplicate": 0.2, "advance": 0.2, "other": 0.6},
    export_share=0.0,
    child_share=0.0,
    weight_tail=1.3,
    largest_weight=40.0,
    receipts_a_month=2.0,
    unpaid_items=18.0,
    ledger_credits=0.0,
    instalment_share=0.0,
    partly_paid_share=0.0,
    special_gl_share=0.0,
    blocked_share=0.0,
    discount_share=0.0,
    late_identified_share=0.0,
    advice_share={},
    rete_iva=0,
    rete_ica=(0,),
)
