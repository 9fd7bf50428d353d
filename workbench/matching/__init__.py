"""Payments matched to open items (aplicación de pagos), by exact facts with their evidence.

``matching.match_receipts`` decides; ``matching.prove_conservation`` shows that no cash was lost;
``matching.summarise_rules`` says which rule took what, ``matching.explain_received`` what became of the
money, ``matching.advances_by_order`` what payers gave to orders and how much of it is left,
``matching.compare_rivals`` sets the answers to one receipt side by side; ``matching.learn`` gives what
decisions and payments teach (``learned_aliases``, ``standings``, ``habits``, ``history``). Inside: ``pool``
(what is open), ``parties`` (who paid; ``names``, ``aliases``, ``payer_ids``), ``returns`` (what came back),
``advices``, ``rules`` and ``readings`` (why), ``differences`` (short and over), ``receipts`` (one after the
other), ``results``, ``rivals``, ``waterfall`` and ``unidentified`` (what comes out); ``mentions``, ``links``,
``partitions`` and ``executors`` (many at once).
"""

from .differences import (
    EXCHANGE_DIFFERENCES,
    TOLERANCES,
    Realised,
    ledger_of_tolerances,
    realise_exchanges,
    tolerated_by_month,
)
from .habits import HABITS
from .learned import Learned, learn
from .learned_aliases import CANDIDATES
from .match import Progress, match_receipts
from .orders import ADVANCES, advances_by_order, tables_of_orders
from .proofs import prove_conservation, summarise_rules
from .results import SUGGESTED, UNAPPLIED, UNIDENTIFIED, Matched
from .rivals import RIVALS, compare_rivals
from .standings import STANDINGS
from .waterfall import WATERFALL, explain_received, received_of

__all__ = [
    "ADVANCES",
    "CANDIDATES",
    "EXCHANGE_DIFFERENCES",
    "HABITS",
    "RIVALS",
    "STANDINGS",
    "SUGGESTED",
    "TOLERANCES",
    "UNAPPLIED",
    "UNIDENTIFIED",
    "WATERFALL",
    "Learned",
    "Matched",
    "Progress",
    "Realised",
    "advances_by_order",
    "compare_rivals",
    "explain_received",
    "learn",
    "ledger_of_tolerances",
    "match_receipts",
    "prove_conservation",
    "realise_exchanges",
    "received_of",
    "summarise_rules",
    "tables_of_orders",
    "tolerated_by_month",
]
