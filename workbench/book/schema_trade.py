"""What surrounds a debt in the trade, and what leaves for the ERP: portable SQLAlchemy Core.

Orders, notes of the distribution centres, claims and control balances change as days go by: each row is
what one extract said on its day, and the latest day holds. An export to the ERP is a fact; its lines say
which application left in which file, and a second departure of the same application is another attempt.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from .schema_records import BIG, TEXT, from_batch, key_column, metadata, number_column, text_column, trail

orders = Table(
    "orders",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("order_id"),
    text_column("customer_id"),
    text_column("order_date"),
    text_column("requested_date"),
    text_column("promised_date"),
    text_column("currency"),
    number_column("ordered_amount"),
    number_column("confirmed_amount"),
    number_column("delivered_amount"),
    number_column("invoiced_amount"),
    number_column("margin"),
    text_column("status"),
    text_column("status_text"),
    text_column("delivery_block"),
    text_column("centre_id"),
    text_column("payment_terms"),
    text_column("seller_id"),
    text_column("reference"),
    text_column("text"),
    text_column("observed_date"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index("orders_by_id", "company_id", "order_id", "observed_date"),
    Index("orders_by_customer", "company_id", "customer_id"),
)

notes = Table(
    "notes",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("note_id"),
    text_column("note_kind"),
    text_column("centre_id"),
    text_column("customer_id"),
    text_column("document_id"),
    text_column("order_id"),
    text_column("currency"),
    number_column("note_amount"),
    text_column("reason_code"),
    text_column("requested_date"),
    text_column("promised_date"),
    text_column("issued_date"),
    text_column("issued_document_id"),
    text_column("status"),
    text_column("status_text"),
    text_column("owner"),
    text_column("text"),
    text_column("observed_date"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index("notes_by_id", "company_id", "note_id", "observed_date"),
    Index("notes_by_customer", "company_id", "customer_id"),
)

claims = Table(
    "claims",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("claim_id"),
    text_column("claim_kind"),
    text_column("customer_id"),
    text_column("document_id"),
    text_column("currency"),
    number_column("disputed_amount"),
    text_column("reason_code"),
    text_column("root_cause"),
    text_column("opened_date"),
    text_column("due_date"),
    text_column("closed_date"),
    text_column("area"),
    text_column("owner"),
    text_column("contact"),
    text_column("priority"),
    text_column("status"),
    text_column("status_text"),
    text_column("text"),
    text_column("observed_date"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index("claims_by_id", "company_id", "claim_id", "observed_date"),
    Index("claims_by_customer", "company_id", "customer_id"),
)

#: The ledger's own balance of customers (cuenta de control) on a day: debit positive.
control_balances = Table(
    "control_balances",
    metadata,
    key_column("version_key"),
    text_column("company_id"),
    text_column("account_id"),
    text_column("balance_date"),
    text_column("currency"),
    number_column("balance_amount"),
    from_batch(),
    number_column("row"),
    *trail(),
    Index(
        "control_balances_by_id", "company_id", "account_id", "currency", "balance_date", "version_key"
    ),
)  # fmt: skip

erp_exports = Table(
    "erp_exports",
    metadata,
    key_column("export_key"),
    text_column("company_id"),
    text_column("period"),
    text_column("layout"),
    text_column("file"),
    text_column("file_sha256"),
    text_column("posting_date"),
    number_column("documents"),
    number_column("lines"),
    text_column("sums"),  # JSON object: currency → minor units as text
    text_column("who"),
    *trail(),
)

#: ``attempt`` 1 is the first departure; the unique key is what makes "exported once" hold under a race.
erp_export_lines = Table(
    "erp_export_lines",
    metadata,
    key_column("export_line_key"),
    Column("export_key", BIG, ForeignKey("erp_exports.export_key"), nullable=False),
    Column("application_id", TEXT, ForeignKey("applications.application_id"), nullable=False),
    text_column("posting"),  # application, reversal
    number_column("attempt"),
    text_column("erp_document"),  # the number that the posting carries in its file
    number_column("line"),
    number_column("exported_amount"),  # sign of the document it reduces; a reversal the other one
    *trail(),
    UniqueConstraint("application_id", "posting", "attempt", name="erp_export_lines_key"),
    Index("erp_export_lines_by_export", "export_key"),
)

#: What people and files said of the trade; a refused file leaves it as it leaves the ledger.
TRADE_TABLES = ("orders", "notes", "claims", "control_balances")
