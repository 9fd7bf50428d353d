"""``provision:`` of ``policy.yaml``: what is provided for, at which rates, and the exceptions."""

from __future__ import annotations

from ..policy import ProvisionException, ProvisionPolicy
from .withholdings_file import day_of
from .yaml_shapes import Shape


def read_provision(part: Shape) -> ProvisionPolicy:
    """Rates in thousandths, days whole; an exception needs who approved it, why, and until when."""
    usual = ProvisionPolicy()
    policy = ProvisionPolicy(
        over_days=part.integer_of("over_days", usual.over_days, least=0),
        rate_permille=_permille(part, usual.rate_permille),
        exceptions=tuple(_exception(entry) for entry in part.entries("exceptions")),
    )
    part.nothing_else()
    return policy


def _exception(part: Shape) -> ProvisionException:
    exception = ProvisionException(
        company_id=part.text_of("company_id"),
        customer_id=part.text_of("customer_id"),
        rate_permille=_permille(part),
        reason=part.text_of("reason"),
        approved_by=part.text_of("approved_by"),
        valid_through=day_of(part, "valid_through"),
    )
    part.nothing_else()
    return exception


def _permille(part: Shape, default: int | None = None) -> int:
    rate = part.integer_of("rate_permille", default)
    if not 0 <= rate <= 1000:
        part.wrong("rate_permille", rate)
    return rate
