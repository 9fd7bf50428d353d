"""Short pays and over-pays (pagos cortos, mayores valores): how known documents and other money agree.

Each way is a hypothesis of its own with its own number of sets, weighed in the same proof (``proof``), and
never joined to a search for subsets: ``withholdings`` (retenciones), ``discounts`` (pronto pago),
``allowances`` (charges of wires, tolerances, parts and surpluses, as far as the policy allows),
``single`` (one document that nobody named), ``named`` (documents that are known), ``crossing`` (documents of
another currency; ``stated`` reads what the bank says, ``crossed`` brings the answer back). ``exchanges`` and
``tolerances`` give frames: realised differences in exchange, and what tolerances ate.
Source: DOMAIN, section 4.
"""

from ...withholdings import TO_REVIEW, WithholdingSolver
from .exchanges import (
    EXCHANGE_DIFFERENCES,
    REALISED,
    Realised,
    realise_exchanges,
    realised_differences,
)
from .named import Differences, deductions_text
from .tolerances import TOLERANCES, TOLERATED, ledger_of_tolerances, tolerated_by_month

__all__ = [
    "EXCHANGE_DIFFERENCES",
    "REALISED",
    "TOLERANCES",
    "TOLERATED",
    "TO_REVIEW",
    "Differences",
    "Realised",
    "WithholdingSolver",
    "deductions_text",
    "ledger_of_tolerances",
    "realise_exchanges",
    "realised_differences",
    "tolerated_by_month",
]
