"""Made-up ISO 20022 statements in the dialects of their versions, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from workbench.money import to_text


@dataclass
class Payment:
    """A detail of an entry; ``amount`` in minor units, unsigned."""

    amount: int
    name: str = ""
    words: str = ""
    tax_id: str = ""
    account: str = ""
    reference: str = ""


@dataclass
class Movement:
    """An entry; ``amount`` signed minor units, ``day`` a day or an instant."""

    amount: int
    reference: str = ""
    day: str = "2026-10-03"
    words: str = "PAGO"
    status: str = "BOOK"
    is_reversal: bool = False
    payments: list[Payment] = field(default_factory=list)
    currency: str = ""


@dataclass
class Made:
    """One statement; ``closing`` ``None``: what its booked movements make."""

    movements: list[Movement]
    opening: int = 100000
    closing: int | None = None
    account: str = "CO-BOG-001"
    currency: str = "COP"
    first: str = "OPBD"
    last: str = "CLBD"
    first_day: str = "2026-10-01"
    last_day: str = "2026-10-31"
    summary: str = ""

    @property
    def end(self) -> int:
        booked = sum(one.amount for one in self.movements if one.status == "BOOK")
        return self.opening + booked if self.closing is None else self.closing


def _money(minor: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{to_text(abs(minor), currency)}</Amt>'


def _side(minor: int) -> str:
    return f"<CdtDbtInd>{'CRDT' if minor >= 0 else 'DBIT'}</CdtDbtInd>"


def _balance(kind: str, minor: int, currency: str, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_money(minor, currency)}{_side(minor)}"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _payment(one: Payment, currency: str, version: int, *, is_credit: bool) -> str:
    amount = f'<Amt Ccy="{currency}">{to_text(one.amount, currency)}</Amt>'
    if version == 2:
        amount = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
    else:
        amount += f"<CdtDbtInd>{'CRDT' if is_credit else 'DBIT'}</CdtDbtInd>"
    side = "Dbtr" if is_credit else "Cdtr"
    person = f"<Nm>{escape(one.name)}</Nm>"
    if one.tax_id:
        person += (
            "<Id><OrgId><Othr><Id>CLIENTE-77</Id><SchmeNm><Cd>CUST</Cd></SchmeNm></Othr>"
            f"<Othr><Id>{one.tax_id}</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr></OrgId></Id>"
        )
    person = f"<Pty>{person}</Pty>" if version == 8 else person
    account = f"<{side}Acct><Id><IBAN>{one.account}</IBAN></Id></{side}Acct>" if one.account else ""
    told = f"<Ustrd>{escape(one.words)}</Ustrd>" if one.words else ""
    if one.reference:
        told += f"<Strd><CdtrRefInf><Ref>{one.reference}</Ref></CdtrRefInf></Strd>"
    return (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>{amount}"
        f"<RltdPties><{side}>{person}</{side}>{account}</RltdPties><RmtInf>{told}</RmtInf></TxDtls>"
    )


def _entry(one: Movement, made: Made, version: int) -> str:
    currency = one.currency or made.currency
    status = f"<Sts><Cd>{one.status}</Cd></Sts>" if version == 8 else f"<Sts>{one.status}</Sts>"
    kind = "DtTm" if "T" in one.day else "Dt"
    is_credit = (one.amount >= 0) != one.is_reversal
    details = "".join(_payment(each, currency, version, is_credit=is_credit) for each in one.payments)
    return (
        f"<Ntry>{_money(one.amount, currency)}{_side(one.amount)}"
        + ("<RvslInd>true</RvslInd>" if one.is_reversal else "")
        + f"{status}<BookgDt><{kind}>{one.day}</{kind}></BookgDt>"
        + f"<ValDt><Dt>{one.day[:10]}</Dt></ValDt>"
        + (f"<AcctSvcrRef>{escape(one.reference)}</AcctSvcrRef>" if one.reference else "")
        + (f"<NtryDtls>{details}</NtryDtls>" if details else "")
        + f"<AddtlNtryInf>{escape(one.words)}</AddtlNtryInf></Ntry>"
    )


def camt(*made: Made, version: int = 8, message: str = "053", namespace: str | None = None) -> str:
    """The file's text; ``message`` 054 leaves the balances out."""
    outer, inner = ("BkToCstmrStmt", "Stmt") if message == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    if namespace is None:
        namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version:02d}"
    parts = []
    for one in made:
        balances = _balance(one.first, one.opening, one.currency, one.first_day)
        balances += _balance(one.last, one.end, one.currency, one.last_day)
        parts.append(
            f"<{inner}><Id>S</Id><Acct><Id><Othr><Id>{one.account}</Id></Othr></Id><Ccy>{one.currency}</Ccy>"
            f"</Acct>{balances if message == '053' else ''}{one.summary}"
            + "\n".join(_entry(movement, one, version) for movement in one.movements)
            + f"</{inner}>"
        )
    named = f' xmlns="{namespace}"' if namespace else ""
    body = "\n".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document{named}><{outer}>'
        f"<GrpHdr><MsgId>M</MsgId></GrpHdr>\n{body}</{outer}></Document>"
    )
