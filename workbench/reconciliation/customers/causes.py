"""Why something differs: what claims, receipts, lists and dated rates say exactly; else it is unexplained.

A cause is taken from a fact or an exact amount, never from a likeness. Source: DOMAIN, section 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...money import round_half_away
from ...policy import CustomerReconciliationPolicy
from ...withholdings import Taxed
from .gaps import Evidence, Gap, Money, day_of
from .lines import NO_DAY, Ours


def name_causes(gaps: list[Gap], evidence: Evidence, policy: CustomerReconciliationPolicy) -> list[Gap]:
    """The gaps of one account, each with its cause; one may become several. Σ ``amount`` stays."""
    made = [part for gap in gaps for part in _disputed(gap, evidence)]
    made = _own_credits(made)
    return [gap if gap.cause else _named(gap, evidence, policy) for gap in made]


def _disputed(gap: Gap, evidence: Evidence) -> Iterable[Gap]:
    """What the customer disputes of a document, up to what differs."""
    if gap.cause or gap.amount <= 0 or len(gap.our) != 1:
        yield gap
        return
    for claim, amount, reason in evidence.claims_of(gap.our[0]):
        if amount == 0 or amount >= gap.amount:
            yield gap.named("disputed", claim=claim, reason=reason)
            return
        taken, gap = gap.split(amount, f"claim:{claim}", "disputed", claim=claim, reason=reason)
        yield taken
    yield gap


def _own_credits(gaps: list[Gap]) -> list[Gap]:
    """Credits of ours that they have taken off a document and we have not: both stand, and cancel."""
    made = list(gaps)
    for place, credit in enumerate(gaps):
        if credit.cause or credit.side != "ours" or credit.amount >= 0:
            continue
        own = credit.our[0]
        named = [at for at, one in enumerate(made) if _is_debit(one) and _names(own, one.our)]
        equal = [at for at, one in enumerate(made) if _is_debit(one) and one.amount == -credit.amount]
        chosen = named if len(named) == 1 and made[named[0]].amount >= -credit.amount else equal
        if len(chosen) != 1:
            if len(equal) > 1:
                told = tuple(made[at].our[0].reference for at in equal)
                made[place] = replace(credit, rivals=told)
            continue
        debit = made[chosen[0]]
        cause = "credit_not_applied"
        made[place] = credit.named(cause, taken_off=debit.our[0].reference)
        if debit.amount == -credit.amount:
            made[chosen[0]] = debit.named(cause, credit=own.reference)
        else:
            part = f"credit:{own.document_id}"
            taken, rest = debit.split(-credit.amount, part, cause, credit=own.reference)
            made[chosen[0]] = rest
            made.append(taken)
    return made


def _is_debit(gap: Gap) -> bool:
    return not gap.cause and gap.amount > 0 and bool(gap.our)


def _names(credit: Ours, lines: Iterable[Ours]) -> bool:
    """Whether a credit says that it is for one of these documents."""
    told = credit.refers_to
    return bool(told) and any(told in (line.reference, line.document_id) for line in lines)


def _named(gap: Gap, evidence: Evidence, policy: CustomerReconciliationPolicy) -> Gap:
    if gap.side == "theirs":
        return _only_theirs(gap, evidence, policy)
    listed = evidence.list_days.get(gap.account[:2], evidence.as_of)
    if gap.side == "ours" and gap.our[0].day > listed:
        return gap.named("cut_off", list_date=str(day_of(listed)))
    if gap.amount > 0:
        exact = _exact(gap, evidence)
        if exact is not None:
            return exact
        paid = _paid(gap, evidence, policy)
        if paid is not None:
            return paid
    return _amount_differs(gap, policy) if gap.side == "both" else _only_ours(gap, evidence)


def _exact(gap: Gap, evidence: Evidence) -> Gap | None:
    """A withholding, discount or bank charge that is exactly what differs, where it is the only one."""
    own = gap.our[0]
    if len(gap.our) != 1 or (gap.side == "ours" and not own.is_touched):
        return None
    found: list[Gap] = []
    if evidence.solver.currency == gap.account[2] and own.base:
        split = evidence.solver.solve([Taxed(0, own.base, own.tax, own.day)], gap.account[1], gap.amount)
        if len(split.found) == 1:
            said = [f"{one.code} {one.detail}" for one in split.found[0].deductions]
            found.append(gap.named("withholding", withheld=said))
    for term in evidence.differences.discounts:
        if term.terms != own.terms or own.day == NO_DAY:
            continue
        if term.valid_from <= day_of(own.day) <= term.valid_through:
            whole = own.original if term.of == "total" else own.base
            if round_half_away(whole * term.per_million, 1_000_000) == gap.amount:
                found.append(gap.named("discount", terms=term.terms, days=term.days))
                break
    fee = evidence.differences.wire_charges.get(gap.account[2], 0)
    if not found and own.is_touched and 0 < gap.amount <= fee:
        found.append(gap.named("bank_fee", most=fee))
    if len(found) > 1:
        return replace(gap, rivals=tuple(one.cause for one in found)).named("unexplained")
    return found[0] if found else None


def _paid(gap: Gap, evidence: Evidence, policy: CustomerReconciliationPolicy) -> Gap | None:
    """Money that says they have paid: here and not applied, on its way, advised, or gone from their list."""
    own = gap.our[0]
    first = own.day if own.day != NO_DAY else 0
    here = evidence.receipts(gap.account, gap.amount, first=first, last=evidence.as_of)
    if len(here) == 1 and evidence.is_alone(gap, here[0]):
        return gap.named("payment_not_identified", receipt=here[0].receipt_id)
    if here and here[0].customer_id:
        return with_rivals(gap, here, policy).named("payment_not_identified")
    last = evidence.as_of + policy.transit_days
    after = evidence.receipts(gap.account, gap.amount, first=evidence.as_of + 1, last=last)
    if len(after) == 1 and evidence.is_alone(gap, after[0]):
        return gap.named("payment_in_transit", receipt=after[0].receipt_id, date=str(day_of(after[0].day)))
    if gap.side == "ours" and not own.is_touched:
        whose = gap.account[:2]
        if any((*whose, name) in evidence.advised for name in own.names):
            return gap.named("payment_in_transit", advised=True)
        if any((*whose, name) in evidence.listed_before for name in own.names):
            return gap.named("payment_in_transit", listed_before=True)
    return None


def with_rivals(gap: Gap, money: list[Money], policy: CustomerReconciliationPolicy) -> Gap:
    """The receipts that it may be, where nobody can tell which."""
    return replace(gap, rivals=tuple(one.receipt_id for one in money[: policy.rivals]))


def _amount_differs(gap: Gap, policy: CustomerReconciliationPolicy) -> Gap:
    own, theirs = gap.our[0], sum(line.amount for line in gap.their)
    originals = sum(line.original for line in gap.our)
    if gap.amount < 0 and any(line.is_touched for line in gap.our) and theirs == originals:
        return gap.named("payment_in_transit", settled_here=True)
    is_whole = len(gap.our) == 1 and len(gap.their) == 1 and not own.is_touched and own.amount > 0
    if is_whole and abs(gap.amount) * 1000 <= own.original * policy.price_permille:
        return gap.named("price")
    return gap.named("unexplained")


def _only_ours(gap: Gap, evidence: Evidence) -> Gap:
    own = gap.our[0]
    if gap.amount < 0:
        if own.kind == "credit_note":
            return gap.named("not_received")
        return gap.named("payment_not_identified" if own.kind == "payment" else "unexplained")
    strays = evidence.strays_of(own)
    if len(strays) == 1:
        account = strays[0].account
        cause = "exchange" if account[:2] == gap.account[:2] else "entity_wrong"
        return gap.named(cause, company=account[0], customer=account[1], currency=account[2])
    if own.is_touched:
        return gap.named("unexplained")
    if own.reception_day != NO_DAY and own.reception_day <= evidence.as_of:
        return gap.named("in_their_approval", received=str(day_of(own.reception_day)))
    return gap.named("not_received" if own.kind in ("invoice", "debit_note") else "unexplained")


def _only_theirs(gap: Gap, evidence: Evidence, policy: CustomerReconciliationPolicy) -> Gap:
    line = gap.their[0]
    known = evidence.elsewhere(line)
    if known is not None:
        return _known_elsewhere(gap, known.account, known.document_id, known.day, evidence)
    if line.day > evidence.as_of:
        return gap.named("cut_off", date=str(day_of(line.day)))
    if line.amount > 0:
        return gap.named("unexplained")
    if line.kind == "withholding":
        return gap.named("withholding", certificate=False)
    if line.kind == "credit_note":
        notes = [note for note, amount in evidence.notes.get(gap.account, ()) if amount == line.amount]
        told = {"note": notes[0]} if len(notes) == 1 else {}
        return gap.named("credit_note_expected", **told)
    last = evidence.as_of + policy.transit_days
    found = evidence.receipts(gap.account, -line.amount, first=0, last=last)
    if len(found) == 1 and evidence.is_alone(gap, found[0]):
        is_here = found[0].day <= evidence.as_of
        cause = "payment_not_identified" if is_here else "payment_in_transit"
        return gap.named(cause, receipt=found[0].receipt_id, date=str(day_of(found[0].day)))
    if found:
        gap = with_rivals(gap, found, policy)
    if line.kind != "payment":
        return gap.named("unexplained")
    is_recent = line.day != NO_DAY and evidence.as_of - line.day <= policy.days
    return gap.named("payment_in_transit" if is_recent and not found else "payment_not_identified")


def _known_elsewhere(
    gap: Gap, account: tuple[str, str, str], document_id: str, day: int, evidence: Evidence
) -> Gap:
    """A line whose document we know, though it is not open in this account."""
    if account[:2] != gap.account[:2]:
        return gap.named("entity_wrong", document=document_id, customer=account[1], company=account[0])
    if account[2] != gap.account[2]:
        return gap.named("exchange", document=document_id, currency=account[2])
    if day > evidence.as_of:
        return gap.named("cut_off", document=document_id, date=str(day_of(day)))
    if gap.amount > 0:  # a credit of theirs that we have applied
        return gap.named("credit_not_applied", document=document_id, settled_here=True)
    return gap.named("payment_in_transit", document=document_id, settled_here=True)
