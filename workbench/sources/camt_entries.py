"""One entry of a bank statement in ISO 20022 (camt.053, camt.054): its money, its days, who paid and why.

The elements are those of versions 02 to 08; where the versions differ (a status as text or as a code, a
party with or without ``Pty``, a detail's amount in ``Amt`` or in ``AmtDtls``) either is read.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from ..errors import AmountOverflowError, FileRefusedError, ParameterRefusedError
from ..money import currency_decimals, to_minor
from .mappings import Mapping
from .safe_xml import Node

_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,5})?", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_SIGNS = {"CRDT": 1, "DBIT": -1}
_NO_REFERENCE = {"", "NOTPROVIDED", "NONREF", "NOTAVAILABLE"}
#: Schemes of an ``Othr/Id`` that say whose number it is for the tax office, the best first.
_TAX_SCHEMES = ("TXID", "NIT", "TAX", "VAT", "COID", "NIDN", "")


@dataclass(frozen=True)
class Payer:
    name: str = ""
    tax_id: str = ""
    account: str = ""


@dataclass
class Detail:
    """One transaction of an entry; ``amount`` as written, ``""`` where none is stated."""

    amount: str
    currency: str
    sign: str
    references: tuple[str, ...]  # structured ones first, the payer's own last
    words: tuple[str, ...]
    debtor: Payer
    creditor: Payer


@dataclass
class Entry:
    """One ``Ntry``: signed minor units, credit positive. ``is_booked`` false: never to be applied."""

    row: int
    amount: int
    currency: str
    is_reversal: bool
    status: str
    booking_date: dt.date | None
    value_date: dt.date | None
    line_id: str
    words: tuple[str, ...]
    transactions: int  # as its batches states it, else as many as have details
    details: list[Detail] = field(default_factory=list)

    @property
    def is_booked(self) -> bool:
        return self.status == "BOOK"


def read_entry(
    node: Node, details: list[Detail], stated: int, row: int, mapping: Mapping, file: str
) -> Entry:
    """An ``Ntry`` with the details that were cut out of it; what cannot be read raises.

    ``stated``: how many transactions its batches say they hold, 0 where they do not say.
    """
    status = node.said("Sts") or node.said("Sts/Cd") or node.said("Sts/Prtry")
    if not status:
        raise FileRefusedError("camt-element", file=file, row=row, column="Sts", value="")
    amount, currency = signed_amount(node, mapping, row, file)
    booking = read_day(node.find("BookgDt"), "BookgDt", mapping, row, file)
    value = read_day(node.find("ValDt"), "ValDt", mapping, row, file)
    if status == "BOOK" and booking is None and value is None:
        raise FileRefusedError("date-missing", file=file, row=row, column="BookgDt")
    reference, own = node.said("AcctSvcrRef"), node.said("NtryRef")
    if reference in _NO_REFERENCE and own not in _NO_REFERENCE:
        # Many banks count entries anew in each statement: the number is the entry's only with its day.
        reference = f"{own}@{booking or value}"
    codes = [node.said(f"BkTxCd/{path}") for path in ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")]
    code = "-".join(part for part in codes if part) or node.said("BkTxCd/Prtry/Cd")
    words = [node.said("AddtlNtryInf"), *_exchanged(node, currency), *_charges(node)]
    told = tuple(word for word in words if word)
    return Entry(
        row=row,
        amount=amount,
        currency=currency,
        is_reversal=node.said("RvslInd") in ("true", "1"),
        status=status,
        booking_date=booking or value,
        value_date=value or booking,
        line_id="" if reference in _NO_REFERENCE else reference,
        words=told or ((code,) if code and not any(detail.words for detail in details) else ()),
        transactions=stated or len(details),
        details=details,
    )


def read_detail(node: Node) -> Detail:
    """A ``TxDtls``; its amount is judged only where the entry is split."""
    amount = node.find("Amt") or node.find("AmtDtls/TxAmt/Amt")
    structured = [text.text for text in node.all("RmtInf/Strd/CdtrRefInf/Ref")]
    structured += [text.text for text in node.all("RmtInf/Strd/RfrdDocInf/Nb")]
    own = [node.said("Refs/EndToEndId"), node.said("Refs/InstrId"), node.said("Refs/ChqNb")]
    words = [text.text for text in node.all("RmtInf/Ustrd")]
    words += structured
    words += [node.said("Refs/EndToEndId")] if structured else []
    words += [text.text for text in node.all("RmtInf/Strd/AddtlRmtInf")]
    words += [node.said("AddtlTxInf"), node.said("RtrInf/AddtlInf"), node.said("RtrInf/Rsn/Cd")]
    currency = amount.attributes.get("Ccy", "") if amount else ""
    words += [*_exchanged(node, currency), *_charges(node)]
    return Detail(
        amount=amount.text if amount else "",
        currency=currency,
        sign=node.said("CdtDbtInd"),
        references=tuple(reference for reference in [*structured, *own] if reference not in _NO_REFERENCE),
        words=tuple(dict.fromkeys(word for word in words if word not in _NO_REFERENCE)),
        debtor=_payer(node, "Dbtr"),
        creditor=_payer(node, "Cdtr"),
    )


def _payer(node: Node, side: str) -> Payer:
    """Who stands on that side; the ultimate party where the direct one is not named."""
    party = Payer()
    for name in (side, f"Ultmt{side}"):
        found = node.find(f"RltdPties/{name}")
        if found is None:
            continue
        person = found.find("Pty") or found.find("Agt/FinInstnId") or found
        party = Payer(party.name or person.said("Nm"), party.tax_id or _tax_id(person))
    account = node.find(f"RltdPties/{side}Acct/Id")
    number = (account.said("IBAN") or account.said("Othr/Id")) if account else ""
    return Payer(party.name, party.tax_id, number)


def _tax_id(person: Node) -> str:
    """The number that the tax office knows; a bank's own customer number or an employee's is none."""
    others = [*person.all("Id/OrgId/Othr"), *person.all("Id/PrvtId/Othr")]
    found: dict[str, str] = {}
    for other in others:
        scheme = (other.said("SchmeNm/Cd") or other.said("SchmeNm/Prtry")).upper()
        found.setdefault(scheme, other.said("Id"))
    return next((found[scheme] for scheme in _TAX_SCHEMES if found.get(scheme)), "")


def _exchanged(node: Node, currency: str) -> list[str]:
    """What the payer ordered, where it was another currency: words for a person, never an amount."""
    told = []
    for path in ("InstdAmt", "CntrValAmt"):
        amount = node.find(f"AmtDtls/{path}/Amt")
        if amount and amount.attributes.get("Ccy", "") not in ("", currency):
            rate = node.said(f"AmtDtls/{path}/CcyXchg/XchgRate") or node.said(
                "AmtDtls/TxAmt/CcyXchg/XchgRate"
            )
            told.append(
                " ".join([path, amount.attributes["Ccy"], amount.text, *(["@", rate] if rate else [])])
            )
    return told


def _charges(node: Node) -> list[str]:
    total = node.find("Chrgs/TtlChrgsAndTaxAmt")
    return [f"Chrgs {total.attributes.get('Ccy', '')} {total.text}"] if total and total.text else []


def signed_amount(node: Node, mapping: Mapping, row: int, file: str) -> tuple[int, str]:
    """``Amt`` with ``CdtDbtInd``: minor units, credit positive, and the currency.

    The side is the one that the bank says: an entry that takes a credit back says DBIT (and ``RvslInd``).
    """
    amount = node.find("Amt")
    text, currency = (amount.text, amount.attributes.get("Ccy", "")) if amount else ("", "")
    side = node.said("CdtDbtInd")
    if side not in _SIGNS:
        raise FileRefusedError("camt-element", file=file, row=row, column="CdtDbtInd", value=side[:40])
    return _SIGNS[side] * read_amount(text, currency, mapping, row, file), currency


def read_amount(text: str, currency: str, mapping: Mapping, row: int, file: str) -> int:
    """Unsigned minor units by the standard's grammar; decimals that the currency lacks must be zeros."""
    if not _AMOUNT.fullmatch(text):
        raise FileRefusedError("amount-format", file=file, row=row, column="Amt", value=text[:60])
    if currency_decimals(currency) is None:
        raise FileRefusedError("currency", file=file, row=row, column="Amt", value=currency[:40])
    amount = Decimal(text)
    try:
        if amount > mapping.amounts.largest:
            raise FileRefusedError("amount-too-large", file=file, row=row, column="Amt", value=text)
        return to_minor(amount, currency)
    except AmountOverflowError:
        raise FileRefusedError("amount-too-large", file=file, row=row, column="Amt", value=text) from None
    except ParameterRefusedError:
        raise FileRefusedError("amount-precision", file=file, row=row, column="Amt", value=text) from None


def read_day(node: Node | None, name: str, mapping: Mapping, row: int, file: str) -> dt.date | None:
    """The local day of a ``Dt`` or ``DtTm``; ``None`` where there is none.

    A day is the bank's, as written, and so is the day of an instant with the bank's own offset or none. An
    instant in UTC (``Z`` or ``+00:00``) names no place: it becomes the day in the mapping's time zone, but
    for midnight sharp, which is how a bare day is written as an instant.
    """
    if node is None:
        return None
    text = node.said("Dt") or node.said("DtTm") or node.text
    day, instant = _DAY.fullmatch(text), _INSTANT.fullmatch(text)
    try:
        if day:
            return dt.date.fromisoformat(day[1])
        if instant:
            moment = dt.datetime.fromisoformat(f"{instant[1]}T{instant[2]}+00:00")
            if instant[3] in ("Z", "+00:00") and moment.time() != dt.time():
                return moment.astimezone(ZoneInfo(mapping.dates.time_zone)).date()
            return moment.date()
    except (ValueError, OverflowError):
        pass
    raise FileRefusedError("date-invalid", file=file, row=row, column=name, value=text[:40]) from None
