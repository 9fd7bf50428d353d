"""Bank statements: one file a month and account, CSV in pesos and MT940 in dollars."""

from __future__ import annotations

from pathlib import Path

from ..money import to_text
from .bank_lines import BankLines
from .days import day_number, to_date
from .history import History

HEADINGS = (
    "Fecha;Fecha valor;Documento;Referencia;Descripción;NIT ordenante;Ordenante;Cuenta ordenante;Valor;Saldo"
)
#: Kind of movement in :61: and of the text in :86:, a sort of line.
SWIFT = {
    "deposit": ("TRF", "051", "TRANSFER"),
    "fee": ("CHG", "808", "CHARGES"),
    "transfer": ("TRF", "020", "TRANSFER"),
    "other": ("CHK", "010", "CHECK"),
}


def spanish(minor: int, currency: str) -> str:
    """``-1.234.567,89``."""
    whole, _, part = to_text(abs(minor), currency).partition(".")
    return f"{'-' if minor < 0 else ''}{int(whole):,}".replace(",", ".") + (f",{part}" if part else "")


def write_statements(folder: Path, lines: BankLines, history: History) -> list[Path]:
    """The statements of every month, oldest first."""
    write = _write_csv if lines.currency == "COP" else _write_mt940
    suffix = "csv" if lines.currency == "COP" else "sta"
    paths = []
    for month, period in enumerate(history.months.periods):
        paths.append(folder / f"extracto_{lines.account}_{period}.{suffix}")
        paths[-1].write_text(write(lines, history, month), encoding="utf-8", newline="")
    return paths


def payer(history: History, receipt: int) -> tuple[str, str, str]:
    """Tax id, name and account that the bank shows for a receipt; nothing where it does not know."""
    who = int(history.receipts.payer[receipt])
    if who < 0:
        return "", "", ""
    table = history.customers.table
    return table["tax_id"].iat[who], history.customers.payer_names[who], table["payer_account"].iat[who]


def _write_csv(lines: BankLines, history: History, month: int) -> str:
    period = history.months.periods[month]
    balance = lines.balance_before(month)
    rows = [
        f"Cuenta;{lines.account}",
        f"Moneda;{lines.currency}",
        f"Desde;{period.first_day:%d/%m/%Y}",
        f"Hasta;{period.last_day:%d/%m/%Y}",
        f"Saldo inicial;{spanish(balance, lines.currency)}",
        HEADINGS,
    ]
    for place in lines.of_month(month).tolist():
        amount = int(lines.amount[place])
        balance += amount
        receipt = int(lines.receipt[place])
        day = f"{to_date(lines.day[place]):%d/%m/%Y}"
        who = payer(history, receipt) if receipt >= 0 else ("", "", "")
        money = (spanish(amount, lines.currency), spanish(balance, lines.currency))
        rows.append(
            ";".join(
                (day, day, lines.line_id[place], lines.reference[place], lines.text[place], *who, *money)
            )
        )
    rows.append(f"Saldo final;{spanish(balance, lines.currency)}")
    return "\r\n".join(rows) + "\r\n"


def _write_mt940(lines: BankLines, history: History, month: int) -> str:
    period = history.months.periods[month]
    balance = lines.balance_before(month)
    before = to_date(day_number(period.first_day) - 1)
    rows = [
        "{1:F01BANKCOBBAXXX0000000000}{2:I940BANKCOBBXXXXN}{4:",
        f":20:EXT{period.year % 100:02d}{period.month:02d}",
        f":25:{lines.account}",
        f":28C:{month + 1:05d}/001",
        f":60F:{_swift_balance(balance, before.strftime('%y%m%d'), lines.currency)}",
    ]
    for place in lines.of_month(month).tolist():
        amount = int(lines.amount[place])
        balance += amount
        day = to_date(lines.day[place])
        movement, code, posting = SWIFT[str(lines.sort[place])]
        mark = "D" if amount < 0 else "C"
        value = to_text(abs(amount), lines.currency).replace(".", ",")
        rows.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{value}N{movement}NONREF//{lines.line_id[place]}")
        rows.append(f":86:{code}?00{posting}?20{_fields(lines, history, place)}")
    rows.append(f":62F:{_swift_balance(balance, period.last_day.strftime('%y%m%d'), lines.currency)}")
    rows.append("-}")
    return "\r\n".join(rows) + "\r\n"


def _swift_balance(balance: int, day: str, currency: str) -> str:
    mark = "D" if balance < 0 else "C"
    return f"{mark}{day}{currency}{to_text(abs(balance), currency).replace('.', ',')}"


def _fields(lines: BankLines, history: History, place: int) -> str:
    """Text in subfields of 27 characters, then account and name of who paid, on lines of 65."""
    said = " ".join(part for part in (lines.reference[place], lines.text[place]) if part)
    pieces = [said[start : start + 27] for start in range(0, min(len(said), 270), 27)]
    text = pieces[0] + "".join(f"?{21 + index}{piece}" for index, piece in enumerate(pieces[1:9]))
    receipt = int(lines.receipt[place])
    if receipt >= 0:
        _, name, account = payer(history, receipt)
        if name:
            text += f"?31{account}?32{name[:27]}" + (f"?33{name[27:54]}" if name[27:] else "")
    return text
