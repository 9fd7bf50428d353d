"""A file judged without a book: may it be used as what it is meant to be, and if not, why not.

Parameter files are judged by the same readers that use them; a file of a source by its mapping, against the
organisation only, so customers and what is stored are not asked for. Source: COMMANDS, ``check``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from .errors import ParameterRefusedError, RefusedError
from .intake import ImportResult, refusal_finding, sha256_of
from .runs.parameters import checked_parameters, declared_parameters
from .sources import Context, load_mapping, mapping_names, read_file, read_mapping
from .sources.close_parameters import read_close_parameters
from .sources.closing_calendar import read_closing_calendar
from .sources.organisation import ORGANISATION_FILE, Organisation, load_organisation, read_organisation
from .sources.policy_file import read_policy
from .sources.strict_yaml import read_yaml


def check_file(
    path: Path,
    kind: str,
    *,
    parameters: Path,
    today: dt.date,
    notebooks: Path = Path("notebooks"),
) -> ImportResult:
    """``accepted``, or ``rejected`` with the first thing wrong; of a source's file also its rows and sums.

    ``kind``: ``close_params``, ``policy``, ``mapping``, ``organisation``, ``closing_calendar``, ``run``
    (the parameters of the notebook that the file is named after), or a name in ``parameters/sources``.
    """
    judges: dict[str, Callable[[], object]] = {
        "close_params": lambda: read_close_parameters(path, _organisation(parameters)),
        "policy": lambda: read_policy(path),
        "mapping": lambda: read_mapping(path),
        "organisation": lambda: read_organisation(path),
        "closing_calendar": lambda: read_closing_calendar(path),
        "run": lambda: _read_run(path, notebooks),
    }
    sources = mapping_names(parameters)
    if kind not in judges and kind not in sources:
        known = ", ".join([*judges, *sources])
        raise ParameterRefusedError("check-kind-unknown", name="as", value=kind, known=known)
    path = Path(path) if Path(path).name else Path(path).resolve()
    sha256 = sha256_of(path)
    try:
        if kind not in judges:
            return _judge_source(path, sha256, kind, parameters, today)
        judges[kind]()
    except RefusedError as refusal:
        finding = refusal_finding(refusal, path.name, kind)
        return ImportResult(path.name, sha256, "rejected", findings=finding)
    return ImportResult(path.name, sha256, "accepted")


def _organisation(parameters: Path) -> Organisation:
    if not (parameters / ORGANISATION_FILE).is_file():
        return Organisation({}, {}, {}, {})
    return load_organisation(parameters)


def _read_run(path: Path, notebooks: Path) -> object:
    settings = read_yaml(path)
    if settings is not None and not isinstance(settings, dict):
        raise ParameterRefusedError("parameter-unknown", name=path.name, notebook=path.stem, known="–")
    if not notebooks.is_dir():
        raise ParameterRefusedError("notebooks-missing", folder=f"{notebooks}/")
    declared = declared_parameters(notebooks / f"{path.stem}.ipynb")
    return checked_parameters(declared, notebook=path.stem, settings=settings)


def _judge_source(path: Path, sha256: str, source: str, parameters: Path, today: dt.date) -> ImportResult:
    """What an import would read of the file; nothing is known of customers or of what is stored."""
    organisation = _organisation(parameters)
    closed = organisation.closed_through
    context = Context(
        as_of=today,
        closed_through={"": closed} if closed else {},
        accounts=organisation.accounts or None,
        currencies=organisation.currencies or None,
        tax_ids=organisation.tax_ids or None,
    )
    parsed = read_file(path, load_mapping(parameters, source), context=context)
    refused = len(parsed.rejected)
    taken = parsed.rows_in - refused - parsed.rows_duplicate
    return ImportResult(
        path.name,
        sha256,
        "accepted" if not refused else "partial" if taken else "rejected",
        parsed.rows_in,
        taken,
        parsed.rows_duplicate,
        refused,
        dict(parsed.sums),
        parsed.findings,
    )
