"""The ``exchange`` section of ``policy.yaml``: what is revalued and taxed, and when a wire is late."""

from __future__ import annotations

from ..policy import ExchangePolicy
from ..tables import CASH_KINDS, OTHER_KINDS
from .yaml_shapes import Shape


def read_exchange(part: Shape) -> ExchangePolicy:
    """What the section leaves out keeps its default."""
    usual = ExchangePolicy()
    policy = ExchangePolicy(
        not_revalued=frozenset(part.texts_of("not_revalued", tuple(usual.not_revalued))),
        not_taxed=frozenset(
            part.choices("not_taxed", (*CASH_KINDS, *OTHER_KINDS, "clearing"), tuple(usual.not_taxed))
        ),
        posts_realised=part.truth_of("posts_realised", usual.posts_realised),
        legalisation_days=part.integer_of("legalisation_days", usual.legalisation_days, least=0),
        needs_review=part.truth_of("needs_review", usual.needs_review),
        wire_days=part.integer_of("wire_days", usual.wire_days, least=0),
    )
    part.nothing_else()
    return policy
