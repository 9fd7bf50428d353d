"""What was written behind the bytes we issued: signatures and their fields, or something else.

pyHanko judges what came after a signature. A document that nobody has signed yet has no form at all, and its
policy takes a form that appears for a change; here the first signature brings one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffResult,
    FormUpdatingRule,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FormUpdate, _list_fields

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

#: What a form that a signing program makes has in it.
_FORM = frozenset({"/Fields", "/SigFlags", "/DR", "/DA", "/Type"})


class _FirstForm(FormUpdatingRule):
    """As pyHanko's rule; where there was no form, one of nothing but signature fields may appear."""

    def apply(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        if "/AcroForm" in old.root:
            yield from super().apply(old, new)
            return
        if "/AcroForm" not in new.root:
            return
        form = new.root["/AcroForm"]
        if not isinstance(form, DictionaryObject) or set(form) - _FORM or "/Fields" not in form:
            raise SuspiciousModification("a form of more than signatures")
        for holder, key in ((new.root, "/AcroForm"), (form, "/Fields"), (form, "/DR")):
            if key in holder and isinstance(value := holder.raw_get(key), IndirectObject):
                yield ModificationLevel.FORM_FILLING, FormUpdate(value.reference, field_name=None)
        context = FieldComparisonContext(
            field_specs=dict(_list_fields(ArrayObject(), form["/Fields"], old_path=None)), old=old, new=new
        )
        for rule in self.field_rules:
            yield from rule.apply(context)


_POLICY = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=_FirstForm(DEFAULT_DIFF_POLICY.form_rule.field_rules if DEFAULT_DIFF_POLICY.form_rule else []),
)


def is_only_signed(reader: PdfFileReader, issued_revisions: int) -> bool:
    """Whether everything after the issued revisions is signatures, their fields and their maintenance."""
    told = _POLICY.review_file(reader, issued_revisions - 1)
    return isinstance(told, DiffResult) and told.modification_level <= ModificationLevel.FORM_FILLING
