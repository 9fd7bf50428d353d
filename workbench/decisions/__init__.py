"""What a person decides of a suggestion (decisiones): accept, change, split, on account, reject.

``decisions.offer_decisions`` lays out what may be decided, sealed by a hash of its content;
``decisions.apply_decisions`` turns what came back into legs to post, or says of each row why not;
``decisions.prove_conservation`` shows that no cash was lost. Inside: ``offered`` (the rows and their seals),
``wishes`` (what a receipt's rows say together), ``results`` (what comes out).
"""

from .applied import apply_decisions, prove_conservation
from .offered import OFFERED, SHEET_COLUMNS, WRITTEN, cell_name, offer_decisions
from .results import DECIDED, Decided
from .wishes import DECISIONS

__all__ = [
    "DECIDED",
    "DECISIONS",
    "OFFERED",
    "SHEET_COLUMNS",
    "WRITTEN",
    "Decided",
    "apply_decisions",
    "cell_name",
    "offer_decisions",
    "prove_conservation",
]
