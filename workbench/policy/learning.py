"""How customers pay where nothing is known of them, and what is learned from decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

#: How a customer of whom nothing is known pays, in thousandths by hypothesis (``matching.hypotheses``), and
#: how often its payment is no exact sum of documents: a stated prior.
USUAL_HABITS: Mapping[str, int] = {
    "single-amount": 500,
    "whole-account": 80,
    "past-due": 20,
    "one-group": 20,
    "window": 120,
    "window-held-back": 25,
    "few-documents": 80,
    "due-together": 80,
    "any-documents": 25,
    "not-exact": 100,
}
#: How often, in thousandths, a payment of known documents is short in a way that is exact: a stated prior.
USUAL_DIFFERENCES: Mapping[str, int] = {
    "withheld": 60,
    "withheld-rounded": 10,
    "discount-earned": 20,
    "tolerance": 10,
    "exchange": 20,
}
#: Other things that customers are known for, in thousandths where nothing is known: the day of the week on
#: which they pay, crossing their credit notes in a payment, and sending round sums instead of exact ones.
USUAL_MANNERS: Mapping[str, int] = {
    "pays-mondays": 200,
    "pays-tuesdays": 200,
    "pays-wednesdays": 200,
    "pays-thursdays": 200,
    "pays-fridays": 200,
    "pays-saturdays": 0,
    "pays-sundays": 0,
    "nets-notes": 500,
    "pays-round-sums": 50,
}


#: What banks and payers write of any payment, and banks' own names: words that say nothing of who paid. As
#: ``references.parts_of`` gives them: capitals without accents.
USUAL_COMMON_WORDS: frozenset[str] = frozenset(
    """
    ABONO ABONOS ANTICIPO APLICACION AVISO BANCA BANCARIA BANCARIO BANCO BANK CAJA CANCELACION CANAL
    CANJE CARTERA CHEQUE CLIENTE COBRO COLOMBIA COMISION COMPENSACION COMPROBANTE CONCEPTO CONSIG
    CONSIGNACION CONSIGNACIONES CONVENIO CORRESPONSAL CORTE CREDITO CUENTA CUENTAS CUOTA DEBITO
    DEPOSITO DESDE DESCUENTO DEUDA DEVOLUCION DINERO DISPERSION DOCUMENTO EFECTIVO ELECTRONICA
    ELECTRONICO EMPRESA EMPRESARIAL EMPRESAS ENTRE ENVIO ESTADO EXTERIOR FACT FACTS FACTURA
    FACTURACION FACTURAS FECHA FONDOS GIRO INTERBANCARIA INTERBANCARIO INTERNACIONAL INTERNET LOCAL
    MONEDA MOVIL NACIONAL NEQUI NOMINA NOTA NUMERO OFICINA OPERACION ORDEN OTROS PAGO PAGOS PARA
    PARCIAL PEDIDO POR PORTAL PROVEEDOR PROVEEDORES RECAUDO RECAUDOS RECIBIDA RECIBIDO RECIBO
    REFERENCIA REFERENCIAS REMESA SALDO SERVICIO SERVICIOS SUCURSAL TARJETA TOTAL TRANSACCION TRANSF
    TRANSFER TRANSFERENCIA TRANSFERENCIAS TRASLADO VALOR VARIAS VARIOS VENCIDO VENTA VENTAS
    VENTANILLA VIRTUAL LTDA ACCOUNT CASH CHARGES CHECK CREDIT CUSTOMER DEBIT DEPOSIT FROM INCOMING
    INVOICE INVOICES ORDER PAYMENT PAYMENTS RECEIPT REFERENCE REMITTANCE SETTLEMENT STATEMENT
    SUPPLIER SWIFT WIRE WITH AGRARIO AVVILLAS VILLAS BANCAMIA BANCOLDEX BANCOLOMBIA BANCOOMEVA BBVA
    BOGOTA CAVIPETROL CITIBANK COLPATRIA COOPCENTRAL DAVIPLATA DAVIVIENDA FALABELLA FINANDINA ITAU
    MIBANCO OCCIDENTE PICHINCHA POPULAR SCOTIABANK SANTANDER SERFINANZA SUDAMERIS
    """.split()
)


@dataclass(frozen=True)
class HabitOverride:
    """A person's word on a customer's habit, in thousandths: who said it, when, and why."""

    company_id: str
    customer_id: str
    habit: str  # of USUAL_HABITS or USUAL_MANNERS
    permille: int
    who: str
    on: dt.date
    why: str


@dataclass(frozen=True)
class LearningPolicy:
    """What is learned from people's decisions and from history, and how much of it is believed.

    A rule without proof applies from ``decisions`` decisions on, ``permille`` of which agreed. A rule with
    proof promises ``permille`` from the first day; it is demoted where so many of what it applied were undone
    that a rule which keeps its promise would see it in fewer than ``surprise_permille`` of a thousand cases.
    Both look at the last ``months``; what was applied and stands after ``stands_days`` counts as right. A
    customer of ``decisions`` own ones is judged by them, others by all. ``prior_payments``: the stated prior
    of a habit weighs as much as so many payments of the customer. ``overrides``: habits as people set them.
    A word of ``common_words``, or one that stood in receipts of ``common_customers`` customers or more, says
    nothing of who paid, and is offered to nobody as an alias.
    """

    decisions: int = 30
    permille: int = 999
    surprise_permille: int = 10
    months: int = 12
    stands_days: int = 30
    prior_payments: int = 20
    common_words: frozenset[str] = USUAL_COMMON_WORDS
    common_customers: int = 3
    overrides: tuple[HabitOverride, ...] = ()
