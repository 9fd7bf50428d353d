"""Payments matched to open items (aplicación de pagos), by exact facts with their evidence.

``matching.match_receipts`` decides; ``matching.prove_conservation`` shows that no cash was lost;
``matching.summarise_rules`` says which rule took what, ``matching.explain_received`` what became of the
money, ``matching.compare_rivals`` sets the answers to one receipt side by side. Inside: ``pool`` (what is
open), ``parties`` (who paid; ``names``, ``aliases``, ``payer_ids``), ``returns`` (what came back),
``advices``, ``rules`` and ``readings`` (why), ``differences`` (short and over), ``receipts`` (one after the
other), ``results``, ``rivals``, ``waterfall`` and ``unidentified`` (what comes out).
"""

from .differences import (
    EXCHANGE_DIFFERENCES,
    TOLERANCES,
    Realised,
    ledger_of_tolerances,
    realise_exchanges,
    tolerated_by_month,
)
from .proofs import prove_conservation, summarise_rules
from .receipts import match_receipts
from .results import SUGGESTED, UNAPPLIED, UNIDENTIFIED, Matched
from .rivals import RIVALS, compare_rivals
from .waterfall import WATERFALL, explain_received

__all__ = [
    "EXCHANGE_DIFFERENCES",
    "RIVALS",
    "SUGGESTED",
    "TOLERANCES",
    "UNAPPLIED",
    "UNIDENTIFIED",
    "WATERFALL",
    "Matched",
    "Realised",
    "compare_rivals",
    "explain_received",
    "ledger_of_tolerances",
    "match_receipts",
    "prove_conservation",
    "realise_exchanges",
    "summarise_rules",
    "tolerated_by_month",
]
