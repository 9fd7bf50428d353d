"""How the commands speak: help, tables and refusals in the reader's language.

``help`` (click's own texts and refusals), ``files`` (what came in and left), ``findings``, ``runs`` (runs,
the close, checks), ``tables``. Sentences of evidence are ``words.evidence``: pages and sheets need them too.
"""

from .files import show_export, show_imports, show_match, show_statements
from .findings import show_findings
from .help import SpokenCommand, SpokenGroup, as_refusal, choose_language, refuse
from .runs import (
    named_check,
    show_checks,
    show_close,
    show_doctor,
    show_ready,
    show_rules,
    show_run,
    show_runs,
)
from .tables import money, show_table

__all__ = [
    "SpokenCommand",
    "SpokenGroup",
    "as_refusal",
    "choose_language",
    "money",
    "named_check",
    "refuse",
    "show_checks",
    "show_close",
    "show_doctor",
    "show_export",
    "show_findings",
    "show_imports",
    "show_match",
    "show_ready",
    "show_rules",
    "show_run",
    "show_runs",
    "show_statements",
    "show_table",
]
