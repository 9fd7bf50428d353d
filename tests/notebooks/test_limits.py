"""What a run notebook may hold: thin, typed at the door, without logic of its own (ARCHITECTURE)."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest
import yaml
from runs_world import ROOT

from workbench import words
from workbench.runs.chain import CHAIN
from workbench.runs.parameters import checked_parameters, declared_parameters

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN_CALLS = frozenset(
    "merge groupby apply assign loc iloc query pivot pivot_table map eval exec".split()
)
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Try,
    ast.With,
    ast.Match,
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_every_step_of_the_close_has_its_notebook():
    assert {path.stem for path in NOTEBOOKS} >= set(CHAIN)


def test_cells_are_few_and_short(notebook):
    assert len(notebook.cells) <= 30
    assert max(len(source.splitlines()) for source in code(notebook)) <= 12


def test_there_is_one_parameters_cell_and_its_names_are_those_of_the_settings_file(path, notebook):
    declared = declared_parameters(path)
    settings = yaml.safe_load((ROOT / "parameters" / "runs" / f"{path.stem}.yaml").read_text())
    assert list(settings) == list(declared)
    assert checked_parameters(declared, notebook=path.stem, settings=settings)["write"] is False
    assert all(line.help for line in declared.values())


def test_papermill_reads_every_parameter_with_type_and_help(path):
    """Its reader chokes on an ``=`` in a comment, and then warns of a parameter that is there."""
    from papermill.inspection import inspect_notebook

    shown = inspect_notebook(str(path))
    assert list(shown) == list(declared_parameters(path))
    assert all(
        line["inferred_type_name"] in ("str", "bool", "int") and line["help"] for line in shown.values()
    )


def test_code_holds_no_logic_and_no_frame_handling(notebook):
    for source in code(notebook):
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, LOGIC), source
            if isinstance(node, ast.Attribute):
                assert node.attr not in FORBIDDEN_CALLS, source


def test_imports_stand_in_one_cell_and_come_from_the_workbench(notebook):
    importing = [
        source for source in code(notebook) if re.search(r"^\s*(import|from)\s", source, flags=re.MULTILINE)
    ]
    assert len(importing) == 1
    assert importing[0] == code(notebook)[0]
    statements = ast.parse(importing[0]).body
    assert len(importing[0].splitlines()) <= 8
    for statement in statements:
        assert isinstance(statement, ast.ImportFrom)
        assert (statement.module or "").split(".")[0] == "workbench"


def test_there_are_at_least_two_tie_outs_with_words_in_both_languages(path, notebook):
    names = re.findall(r'tie_out\(\s*"([a-z-]+)"', "\n".join(code(notebook)))
    assert len(set(names)) >= 2
    for name in names:
        for lang in words.LANGUAGES:
            assert words.has_words(f"notebooks.tie-{path.stem}-{name}", lang)


def test_every_result_table_chart_and_title_has_words_in_both_languages(path, notebook):
    source = "\n".join(code(notebook))
    tables = re.findall(r'^\s*(?:tables=\{)?"([a-z_]+)": ', source, flags=re.MULTILINE)
    tables += re.findall(r'[{,] ?"([a-z_]+)": ', source)
    charts = re.findall(r'chart_words\("([a-z-]+)"\)', source)
    assert tables
    keys = [
        path.stem,
        *(f"sheet-{name}" for name in tables),
        *(f"chart-{path.stem}-{name}" for name in charts),
    ]
    keys += [f"note-{path.stem}-1"]
    missing = [
        (key, lang)
        for key in keys
        for lang in words.LANGUAGES
        if not words.has_words(f"notebooks.{key}", lang)
    ]
    assert missing == []


def test_the_file_is_canonical_and_holds_no_outputs(path, notebook):
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_prose_has_one_sentence_a_line_and_both_languages(notebook):
    for source in prose(notebook):
        lines = source.splitlines()
        assert lines[0].startswith("#"), source
        assert re.fullmatch(r"\*[^*]+\*", lines[1]), "the English heading stands below the Spanish one"
        for line in lines:
            if not line.startswith("|"):
                assert not re.search(r"[.!?] +[A-ZÁÉÍÓÚÑ¿¡*]", re.sub(r"^#+ \d+\. |^\*\d+\. ", "", line)), (
                    line
                )


def test_the_head_says_what_is_read_written_and_when_it_stops(notebook):
    head = prose(notebook)[0]
    assert "| Lee | Escribe | Se detiene cuando |" in head
    assert prose(notebook)[-1].startswith("## Qué sigue")
