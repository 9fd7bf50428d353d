"""How one kind of file is read: a mapping of ``parameters/sources/``, checked word by word.

A mapping is what an analyst changes when a bank or an ERP changes its report; nothing of it is guessed from
the data but what the mapping offers as a choice (encodings in order, delimiters in order, amount styles).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from ..calendar import BOGOTA
from ..errors import MappingError, ParameterRefusedError
from ..tables import LINE_KINDS
from .fixed_lines import FixedRule, read_fixed_rule
from .limits import Limits, read_largest, read_limits
from .mapping_rules import (
    STYLES,
    AmountRule,
    BankRule,
    DateRule,
    ExtractDateRule,
    IdRule,
    LineKind,
    TotalsRule,
)
from .strict_yaml import read_yaml
from .strictness import StrictRule, read_strictness
from .yaml_shapes import Shape, short

Kind = Literal[
    "items", "customers", "receipts", "bank_statement", "bank_ledger", "remittances", "rates",
    "orders", "notes", "claims", "control_balances", "wires", "decisions", "aliases",
    "customer_ledger",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMATS = (
    "table",
    "csv",
    "xlsx",
    "mt940",
    "ecb",
    "asobancaria",
    "ofx",
    "bai2",
    "pse",
    "fixed",
    "mt942",
    "camt053",
    "camt054",
)
#: Formats whose columns a mapping names; the others know their own.
TABLE_FORMATS = ("table", "csv", "xlsx", "fixed")
NEGATIVES = ("leading", "trailing", "parentheses", "plus")
#: What a check does where its rule is met, and what it does when a mapping says nothing.
CHECKS: dict[str, str] = {
    "zero-amount": "accept",
    "sign": "accept",
    "date-future": "accept",
    "period-closed": "accept",
    "unknown-customer": "accept",
    "open-gt-original": "reject",
    "duplicate-in-file": "count",
    "id-not-text": "accept",
    "totals-differ": "warn",
    "formula-cell": "accept",  # with the value that the workbook keeps; without one it is refused
}
#: Fields that a layout of fixed places must name.
_FIXED_NEEDS = {"pse": ("cycle_date", "state", "cus", "amount")}
CHECK_ACTIONS = ("accept", "warn", "reject", "count")


@dataclass(frozen=True)
class Mapping:
    """One source. ``columns``: field → the headings it may have, the first that is found counts."""

    name: str
    kind: Kind
    format: str
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    encodings: tuple[str, ...] = ("utf-8",)
    delimiters: tuple[str, ...] = (",",)
    sheet: str = ""
    sheets_aside: tuple[str, ...] = ()
    skip_rows: int = 0
    header_search_rows: int = 30
    amounts: AmountRule = field(default_factory=AmountRule)
    dates: DateRule = field(default_factory=DateRule)
    ids: IdRule = field(default_factory=IdRule)
    totals: TotalsRule = field(default_factory=TotalsRule)
    sign: str = "as_is"
    debit_words: tuple[str, ...] = ()  # of a debit_credit column: what makes an amount positive
    credit_words: tuple[str, ...] = ()
    amount_alone: str = "original"
    identity: str = "reference"
    complete: bool = False
    extract_date: ExtractDateRule = field(default_factory=ExtractDateRule)
    customers_from_extract: bool = False
    kinds: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)  # a source's word of a status → the trade's
    checks: dict[str, str] = field(default_factory=dict)
    bank: BankRule = field(default_factory=BankRule)
    fixed: FixedRule = field(default_factory=FixedRule)
    missing_words: tuple[str, ...] = ()
    last_valid_days: int = 7
    strict: StrictRule = field(default_factory=StrictRule)
    limits: Limits = field(default_factory=Limits)

    def action(self, check: str) -> str:
        """What this mapping does where ``check`` is met."""
        return self.checks.get(check, CHECKS[check])


def mapping_names(directory: Path) -> list[str]:
    """The mappings there are in a parameters directory."""
    return sorted(path.stem for path in (directory / "sources").glob("*.yaml"))


def load_mapping(directory: Path, name: str) -> Mapping:
    """The mapping ``sources/<name>.yaml`` of a parameters directory; unknown names and settings raise."""
    names = mapping_names(directory)
    if name not in names:
        raise ParameterRefusedError("source-unknown", name="source", value=name, known=", ".join(names))
    return read_mapping(directory / "sources" / f"{name}.yaml")


def read_mapping(path: Path) -> Mapping:
    """A mapping file, checked; :class:`MappingError` names the file, the setting and what is wrong."""
    top = Shape.of(read_yaml(path), file=path.name, error=MappingError)
    kind = cast(Kind, top.choice("kind", KINDS))
    rates = top.inner("rates")
    mapping = Mapping(
        name=path.stem,
        kind=kind,
        format=top.choice("format", FORMATS, "table"),
        columns={name: headings.texts() for name, headings in top.items("columns")},
        required=top.texts_of("required"),
        constants={name: value.text() for name, value in top.items("constants")},
        defaults={name: value.text() for name, value in top.items("defaults")},
        encodings=top.texts_of("encodings", ("utf-8",)),
        delimiters=top.texts_of("delimiters", (",",)),
        sheet=top.text_of("sheet", ""),
        sheets_aside=top.texts_of("sheets_aside", ()),
        skip_rows=top.integer_of("skip_rows", 0, least=0),
        header_search_rows=top.integer_of("header_search_rows", 30, least=1),
        amounts=_amounts(top.inner("amounts")),
        dates=_dates(top.inner("dates")),
        ids=_ids(top.inner("ids")),
        totals=_totals(top.inner("totals")),
        sign=top.choice("sign", ("as_is", "reversed", "by_side", "by_kind"), "as_is"),
        debit_words=top.texts_of("debit_words"),
        credit_words=top.texts_of("credit_words"),
        amount_alone=top.choice("amount_alone", ("original", "open"), "original"),
        identity=top.choice("identity", ("reference", "content"), "reference"),
        complete=top.truth_of("complete", False),
        extract_date=_extract_date(top.inner("extract_date")),
        customers_from_extract=top.truth_of("customers_from_extract", False),
        kinds={code: value.text() for code, value in top.items("kinds")},
        states={word: value.text() for word, value in top.items("states")},
        checks={name: value.one_of(CHECK_ACTIONS) for name, value in top.items("checks")},
        bank=_bank(top.inner("bank")),
        fixed=read_fixed_rule(top.inner("fixed")),
        strict=read_strictness(top.inner("strict")),
        limits=read_limits(top.inner("limits")),
        missing_words=rates.texts_of("missing"),
        last_valid_days=rates.integer_of("last_valid_days", 7, least=0),
    )
    rates.nothing_else()
    top.nothing_else()
    _hold_together(mapping, path.name)
    return mapping


def _amounts(part: Shape) -> AmountRule:
    rule = AmountRule(
        styles=part.choices("style", tuple(STYLES), ("plain",)),
        negative=part.choices("negative", NEGATIVES, ("leading",)),
        currency_sign=part.text_of("currency_sign", ""),
        blank_before_minus=part.truth_of("blank_before_minus", True),
        largest=read_largest(part),
    )
    part.nothing_else()
    return rule


def _dates(part: Shape) -> DateRule:
    from .grammar import date_pattern

    rule = DateRule(
        part.texts_of("formats", ("yyyy-mm-dd",)),
        part.truth_of("serials", False),
        part.text_of("time_zone", BOGOTA),
        part.texts_of("blank"),
    )
    part.nothing_else()
    shapes = [date_pattern(form)[0] for form in rule.formats]
    if any(not shape for shape in shapes):
        part.wrong("formats", ", ".join(rule.formats))
    if len(set(shapes)) < len(shapes):  # dd/mm and mm/dd together: nobody could tell them apart
        part.wrong("formats", ", ".join(rule.formats))
    return rule


def _ids(part: Shape) -> IdRule:
    rule = IdRule(
        part.texts_of("drop_decimal_zero"), {name: value.integer() for name, value in part.items("pad")}
    )
    part.nothing_else()
    return rule


def _totals(part: Shape) -> TotalsRule:
    rule = TotalsRule(part.texts_of("words"), part.texts_of("blank"))
    part.nothing_else()
    return rule


def _extract_date(part: Shape) -> ExtractDateRule:
    rule = ExtractDateRule(
        part.choice("rule", ("given", "latest-date", "file-name"), "given"),
        part.texts_of("columns"),
        part.text_of("pattern", ""),
    )
    part.nothing_else()
    return rule


def _bank(part: Shape) -> BankRule:
    default = part.inner("default_kind")
    rule = BankRule(
        proof=part.choice("proof", ("required", "when-stated", "controls"), "required"),
        labels={name: words.texts() for name, words in part.items("labels")},
        line_kinds=tuple(_line_kind(entry) for entry in part.entries("line_kinds")),
        positive_kind=default.text_of("positive", "deposit"),
        negative_kind=default.text_of("negative", "other"),
        unknown_account=part.choice("unknown_account", ("accept", "reject"), "accept"),
        extract={name: _pattern(value) for name, value in part.items("extract")},
        interim=part.choice("interim", ("reject", "accept"), "reject"),
    )
    default.nothing_else()
    part.nothing_else()
    return rule


def _pattern(value: Shape) -> str:
    try:
        groups = re.compile(value.text()).groups
    except re.error:
        groups = 0
    if groups != 1:
        value.wrong("", value.value)
    return value.text()


def _line_kind(part: Shape) -> LineKind:
    rule = LineKind(
        part.choice("kind", LINE_KINDS),
        part.texts_of("patterns"),
        part.choice("side", ("any", "debit", "credit"), "any"),
    )
    part.nothing_else()
    return rule


def _hold_together(mapping: Mapping, file: str) -> None:
    """What one setting alone cannot show to be wrong."""
    from .fields import FIELDS, KIND_WORDS, STATES

    def refuse(setting: str, value: object, allowed: Iterable[str] = ()) -> None:
        raise MappingError(
            "mapping-setting-wrong",
            file=file,
            setting=setting,
            value=short(value),
            allowed_note=", ".join(allowed),
        )

    known = FIELDS[mapping.kind]
    for setting, names in (
        ("columns", mapping.columns),
        ("constants", mapping.constants),
        ("defaults", mapping.defaults),
        ("ids.pad", mapping.ids.pad),
        ("ids.drop_decimal_zero", mapping.ids.drop_decimal_zero),
        ("totals.blank", mapping.totals.blank),
        ("extract_date.columns", mapping.extract_date.columns),
        ("strict.filled", mapping.strict.filled),
    ):
        for name in names:
            if name not in known:
                refuse(setting, name, known)
    if mapping.format in TABLE_FORMATS:
        for name in mapping.required:
            if name not in mapping.columns:
                refuse("required", name, mapping.columns)
        if not mapping.columns:
            refuse("columns", "")
    needed = _FIXED_NEEDS.get(mapping.format, ())
    for name in needed:
        if name not in mapping.fixed.fields and name not in mapping.fixed.header_fields:
            refuse("fixed.fields", name)
    for state in mapping.states.values():
        if state not in STATES.get(mapping.kind, ()):
            refuse("states", state, STATES.get(mapping.kind, ()))
    for kind in mapping.kinds.values():
        if kind not in KIND_WORDS.get(mapping.kind, (kind,)):
            refuse("kinds", kind, KIND_WORDS[mapping.kind])
    for kind in mapping.kinds.values() if mapping.kind == "bank_statement" else ():
        if kind not in LINE_KINDS:
            refuse("kinds", kind, LINE_KINDS)
    for check in mapping.checks:
        if check not in CHECKS:
            refuse("checks", check, CHECKS)
    if any(len(delimiter) != 1 for delimiter in mapping.delimiters):
        refuse("delimiters", ", ".join(mapping.delimiters))
    for encoding in mapping.encodings:
        try:
            "".encode(encoding)
        except LookupError:
            refuse("encodings", encoding)
