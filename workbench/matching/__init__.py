"""Payments matched to open items (aplicación de pagos), by exact facts with their evidence.

``matching.match_receipts`` decides; ``matching.prove_conservation`` shows that no cash was lost;
``matching.summarise_rules`` says which rule took what. Inside: ``pool`` (what is open), ``parties`` (who
paid; ``names``, ``aliases``, ``payer_ids``), ``returns`` (what came back), ``advices``, ``rules`` and
``readings`` (why), ``differences`` (short and over), ``receipts`` (one after the other), ``results`` and
``unidentified`` (what comes out).
"""

from .differences import tolerated_by_month
from .proofs import prove_conservation, summarise_rules
from .receipts import match_receipts
from .results import SUGGESTED, UNAPPLIED, UNIDENTIFIED, Matched

__all__ = [
    "SUGGESTED",
    "UNAPPLIED",
    "UNIDENTIFIED",
    "Matched",
    "match_receipts",
    "prove_conservation",
    "summarise_rules",
    "tolerated_by_month",
]
