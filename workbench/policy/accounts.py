"""The ledger accounts that proposed entries go to, by the trade's names (PUC, Decreto 2650 de 1993)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Accounts:
    """Account numbers of the usual Colombian chart; a company's own stand in ``policy.yaml``.

    Source: DOMAIN, Colombia checklist, where the numbers are marked as a parameter: an accountant of the
    company confirms them before the first posting.
    """

    receivables: str = "130505"  # clientes nacionales
    foreign_receivables: str = "130510"  # clientes del exterior
    over_180: str = "139005"  # deudas de difícil cobro
    impairment: str = "139905"  # deterioro de cartera
    impairment_expense: str = "519910"
    impairment_income: str = "425035"  # recuperación de deterioro
    written_off_income: str = "425005"  # recuperación de cartera castigada
    advances: str = "280505"  # anticipos recibidos
    old_credits: str = "238095"  # acreedores varios: saldos a favor de más de 180 días
    exchange_gain: str = "421020"
    exchange_loss: str = "530525"
    bank: str = "111005"
    bank_charges: str = "530505"
    commissions: str = "530515"
    financial_tax: str = "531520"  # GMF, 4×1000
    bank_item_income: str = "429505"  # aprovechamientos: partidas del banco que nadie aclara, dadas de baja
    bank_item_expense: str = "539595"  # gastos diversos: lo mismo, a cargo
    input_vat: str = "240810"
    prepaid_withholding: str = "135515"  # retención en la fuente que nos practican
    interest_income: str = "421005"
    discounts: str = "530535"
    deferred_tax: str = "171095"
    deferred_tax_result: str = "540505"
