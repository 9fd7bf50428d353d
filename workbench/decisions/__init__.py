"""What a person decides of a suggestion (decisiones): accept, change, split, paid in part, on account…

``decisions.offer_decisions`` lays out what may be decided, sealed by a hash of its content;
``decisions.apply_decisions`` turns what came back into legs to post, or says of each row why not;
``decisions.prove_conservation`` shows that no cash was lost. ``offer_set_offs`` and ``apply_set_offs`` are
the same for credit notes, which take no cash. Inside: ``offered`` (the rows and their seals),
``wishes`` (what a receipt's rows say together), ``rests`` (what becomes of what is not paid), ``results``
(what comes out).
"""

from .applied import apply_decisions, prove_conservation
from .offered import CONTEXT, OFFERED, SHEET_COLUMNS, WRITTEN, cell_name, offer_decisions
from .offered_notes import SET_OFF, offer_set_offs
from .results import DECIDED, Decided
from .set_offs import apply_set_offs
from .wishes import DECISIONS, NOTE_DECISIONS, SHORT

__all__ = [
    "CONTEXT",
    "DECIDED",
    "DECISIONS",
    "NOTE_DECISIONS",
    "OFFERED",
    "SET_OFF",
    "SHEET_COLUMNS",
    "SHORT",
    "WRITTEN",
    "Decided",
    "apply_decisions",
    "apply_set_offs",
    "cell_name",
    "offer_decisions",
    "offer_set_offs",
    "prove_conservation",
]
