"""One notebook through the runner: its folder, its manifest, and how it fails. Real kernels."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from runs_world import ROOT, START, empty_book, write_notebook

from workbench.errors import MissingBookError, ParameterRefusedError, PolicyError
from workbench.runs import runner
from workbench.runs.execution import KernelHost, base_environment, execute
from workbench.runs.manifest import RunResult
from workbench.runs.surroundings import Surroundings

IMPORTS = "from workbench import runs"


@pytest.fixture(scope="module")
def host():
    with KernelHost.open(forked=True) as host:
        yield host


@pytest.fixture
def world(tmp_path):
    return {
        "book_url": empty_book(tmp_path),
        "out": tmp_path / "outputs",
        "parameters_dir": ROOT / "parameters",
        "notebooks_dir": tmp_path / "notebooks",
    }


def run(
    world, host, *cells: str, write: bool = True, timeout_seconds: float = 60.0, **given: str
) -> RunResult:
    """The runner's own way, with the module's kernels so that the tests stay quick."""
    from workbench.book import open_book
    from workbench.runs.progress import Progress

    write_notebook(world["notebooks_dir"], "tiny", IMPORTS, START, *cells)
    prepared = runner.prepare(
        "tiny",
        {**given, "write": str(write).lower()},
        **world,
        lang="es",
        timeout_seconds=timeout_seconds,
    )
    with open_book(world["book_url"]) as book, Progress.open(shown=False) as progress:
        return runner.perform(prepared, book=book, host=host, progress=progress)


def manifest_of(result: RunResult) -> dict:
    return json.loads((Path(result.folder) / "manifest.json").read_text())


FINISH = (
    'run.tie_out("count", 3, 3)\n'
    'run.tie_out("money", {"COP": 100}, {"COP": 100, "USD": 0})\n'
    "run.finish(tables={})"
)


def test_a_good_run_leaves_a_folder_with_manifest_report_and_latest(world, host):
    result = run(world, host, FINISH)
    folder = Path(result.folder)
    assert (result.status, result.exit_code) == ("done", 0)
    assert folder.parent == world["out"] / "2026-10" / "all" / "tiny"
    names = {path.name for path in folder.iterdir()}
    assert names == {"findings.csv", "tiny.xlsx", "notebook.ipynb", "notebook.html", "manifest.json"}
    assert (folder.parent / "LATEST").read_text() == f"{result.run_id}\n"
    manifest = manifest_of(result)
    assert [*manifest][:5] == ["run_id", "notebook", "company", "period", "status"]
    assert manifest["content_sha256"] == result.content_sha256
    assert manifest["tie_outs"][1] == {
        "name": "money",
        "expected": {"COP": "1.00", "USD": "0.00"},
        "actual": {"COP": "1.00", "USD": "0.00"},
        "passed": True,
    }
    assert {"who", "started_at", "finished_at", "versions", "git_commit"} <= set(manifest["run"])
    assert RunResult.from_manifest(folder) == result


def test_without_write_nothing_is_written(world, host):
    result = run(world, host, FINISH, write=False)
    assert (result.status, result.folder) == ("done", "")
    assert not world["out"].exists()


def test_the_report_asks_nothing_of_the_internet_and_runs_no_script(world, host):
    result = run(world, host, FINISH)
    html = (Path(result.folder) / "notebook.html").read_text()
    assert "<script" not in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
    assert "Content-Security-Policy" in html


def test_a_tie_out_that_fails_stops_the_run_and_names_both_figures(world, host):
    result = run(world, host, 'run.tie_out("money", {"COP": 100}, {"COP": 101})', FINISH)
    assert (result.status, result.exit_code) == ("stopped", 4)
    assert result.failed_step == "Prueba"
    assert "1,00 COP" in result.message
    assert "1,01 COP" in result.message
    assert result.remedy
    assert [tie_out.passed for tie_out in result.tie_outs] == [False]
    manifest = manifest_of(result)
    assert manifest["failure"]["message"] == result.message
    assert manifest["failure"]["error"] == "TieOutError"
    assert not (Path(result.folder).parent / "LATEST").exists()
    assert result.message in (Path(result.folder) / "notebook.html").read_text()


FOUND = (
    "from workbench.applications import collect_findings, finding\n"
    'found = collect_findings([finding("run-missing", table="runs", key="x", notebook="provision")])\n'
)


@pytest.mark.parametrize("stop", ['run.tie_out("count", 2, 3)', 'run.check(found, "run-missing")'])
def test_a_run_that_stops_leaves_what_it_has_found_in_its_folder(world, host, stop):
    result = run(world, host, f"{FOUND}run.check(found)\n{stop}", FINISH)
    assert result.exit_code == 4
    left = pd.read_csv(Path(result.folder) / "findings.csv", dtype=str)
    assert set(left["rule"]) == {"run-missing"}
    assert left["message"].notna().all()
    (told,) = manifest_of(result)["outputs"]
    assert (told["file"], told["rows"]) == ("findings.csv", len(left))
    assert told["sha256"]


def test_a_gate_stops_the_run_with_the_findings_words_and_remedy(world, host):
    cells = (
        "from workbench.applications import collect_findings, finding\n"
        'found = collect_findings([finding("run-missing", table="runs", key="x", notebook="provision")])\n'
        'run.check(found, "run-missing")'
    )
    result = run(world, host, cells, FINISH)
    assert (result.status, result.exit_code) == ("stopped", 4)
    assert "provision" in result.message
    assert "workbench close" in result.remedy
    assert result.findings[0]["rule"] == "run-missing"


def test_findings_without_a_gate_leave_the_run_done_with_code_three(world, host):
    cells = (
        "from workbench.applications import collect_findings, finding\n"
        'run.check(collect_findings([finding("run-missing", table="runs", key="x", notebook="provision")]))'
    )
    result = run(world, host, cells, FINISH)
    assert (result.status, result.exit_code) == ("done", 3)


def test_an_error_of_python_fails_the_run_with_its_name_and_cell(world, host):
    result = run(world, host, "1 / 0", FINISH)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "ZeroDivisionError" in result.message
    assert result.remedy
    assert manifest_of(result)["failure"]["cell"] == 5  # papermill's cell of injected parameters counts


def test_an_error_of_ours_keeps_its_own_exit_code(world, host):
    cell = "from workbench.errors import PolicyError\nraise PolicyError('buckets-wrong', upper='1')"
    result = run(world, host, cell, FINISH)
    assert (result.status, result.exit_code) == ("failed", 2)
    assert "parameters/policy.yaml" in result.remedy


def test_a_run_over_its_time_fails_though_its_metadata_would_say_completed(world, host):
    result = run(world, host, "import time; time.sleep(60)", FINISH, timeout_seconds=3.0)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "3 segundos" in result.message


def test_a_kernel_that_dies_fails_the_run(world, host):
    result = run(world, host, "import os; os._exit(9)", FINISH)
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "Prueba" in result.message


def test_a_notebook_that_never_finishes_its_run_has_no_result(world, host):
    result = run(world, host, "1 + 1")
    assert (result.status, result.exit_code) == ("failed", 1)
    assert "run.finish" in result.message


def test_what_a_dead_run_left_is_gone_after_the_next_and_named_in_its_manifest(world, host):
    dead = world["out"] / "2026-10" / "all" / "tiny" / "20260101T000000Z-abcdef.partial"
    dead.mkdir(parents=True)
    (dead / "half.csv").write_text("1")
    result = run(world, host, FINISH)
    assert not dead.exists()
    assert manifest_of(result)["run"]["dead_runs_removed"] == ["20260101T000000Z-abcdef"]


def test_results_for_machines_are_decimal_text_and_formulas_are_disarmed(world, host):
    cells = (
        "import pandas as pd\n"
        "rows = pd.DataFrame({'document_id': ['0007', '=1+1'], 'document_key': [1, 2], 'currency': 'JPY',\n"
        "    'open_amount': [-5, 123456]})\n"
        'run.tie_out("count", 2, len(rows))\n'
        "run.finish(tables={'items': rows})"
    )
    result = run(world, host, cells)
    text = (Path(result.folder) / "items.csv").read_text()
    assert text == "document_id,currency,open_amount\n0007,JPY,-5\n'=1+1,JPY,123456\n"
    output = manifest_of(result)["outputs"][0]
    assert (output["file"], output["rows"], output["totals"]) == ("items.csv", 2, {"JPY": "123451"})


def test_two_runs_of_the_same_have_the_same_content_hash_and_other_ids(world, host):
    first, second = run(world, host, FINISH), run(world, host, FINISH)
    assert first.run_id != second.run_id
    assert first.content_sha256 == second.content_sha256


def test_the_run_is_in_the_books_history(world, host):
    from workbench.book import open_book, read

    result = run(world, host, FINISH)
    with open_book(world["book_url"]) as book:
        runs = read.runs(book)
    assert runs["run_id"].tolist() == [result.run_id]
    assert runs["as_of"].tolist() == [pd.Timestamp(dt.date(2026, 10, 31))]


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"perod": "2026-10"}, "parameter-misspelt"),
        ({"period": "octubre"}, "period-wrong"),
        ({"x=1\nimport os": "1"}, "parameter-name-odd"),
        ({"as_of": "31/10/2026"}, "date-wrong"),
        ({"write": "sí"}, "parameter-mistyped"),
        ({"company": "../../etc"}, "company-odd"),
    ],
)
def test_a_bad_parameter_is_refused_before_anything_is_made(world, given, cause):
    write_notebook(world["notebooks_dir"], "tiny", IMPORTS, START, FINISH)
    with pytest.raises(ParameterRefusedError) as caught:
        runner.run_notebook("tiny", given, **world, write=cause != "parameter-mistyped")
    assert caught.value.cause == cause
    assert not world["out"].exists()


def test_without_a_book_or_with_a_wrong_policy_nothing_starts(world, tmp_path):
    write_notebook(world["notebooks_dir"], "tiny", IMPORTS, START, FINISH)
    missing = {**world, "book_url": f"sqlite:///{tmp_path / 'none.sqlite'}"}
    with pytest.raises(MissingBookError):
        runner.run_notebook("tiny", {}, **missing)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "policy.yaml").write_text("version: '1'\nagings: {}\n")
    with pytest.raises(PolicyError):
        runner.run_notebook("tiny", {}, **{**world, "parameters_dir": tmp_path / "odd"})


def test_a_notebook_named_by_a_path_is_refused(world):
    with pytest.raises(ParameterRefusedError) as caught:
        runner.run_notebook("../secret", {}, **world)
    assert caught.value.cause == "notebook-missing"


def test_what_a_kernel_is_told_is_what_it_reads(tmp_path, monkeypatch):
    told = Surroundings(
        book_url="sqlite:///x$y.sqlite",
        parameters_dir=tmp_path,
        notebooks_dir=tmp_path,
        out=tmp_path,
        run_id="r1",
        step_key="k",
        excluded_steps=("k", "l"),
        folder=tmp_path,
        state=tmp_path / "state.json",
        made_at="now",
        upstream=("a",),
    )
    for name, value in told.to_environment("en").items():
        monkeypatch.setenv(name, value)
    assert Surroundings.of_environment() == told


def test_a_plain_kernel_serves_where_none_can_be_forked(tmp_path):
    path = write_notebook(tmp_path, "plain", "import os\nassert os.environ['X'] == 'a$b', os.environ['X']")
    with KernelHost.open(forked=False) as plain:
        outcome = execute(
            path,
            {},
            host=plain,
            environment={**base_environment(), "X": "a$b"},
            timeout_seconds=60,
        )
    assert outcome.failure is None
    assert not outcome.is_forked


def test_the_forked_kernel_is_the_runs_own(tmp_path, host):
    path = write_notebook(tmp_path, "forked", "import os\nassert os.environ['X'] == 'a$b', os.environ['X']")
    outcome = execute(path, {}, host=host, environment={**base_environment(), "X": "a$b"}, timeout_seconds=60)
    assert outcome.failure is None
    assert outcome.is_forked == (host.server is not None)


def test_a_run_with_other_parameters_than_the_close_leaves_latest_where_it_was(world, host):
    official = run(world, host, FINISH)
    asked = run(world, host, FINISH, as_of="2026-10-15")
    assert asked.status == "done"
    assert Path(asked.folder) != Path(official.folder)
    assert (Path(official.folder).parent / "LATEST").read_text() == f"{official.run_id}\n"
    newer = run(world, host, FINISH)
    assert (Path(official.folder).parent / "LATEST").read_text() == f"{newer.run_id}\n"


def test_a_run_with_a_cutoff_outside_its_period_says_so(world, host):
    result = run(world, host, FINISH, period="2026-09", as_of="2026-10-31", write=False)
    assert (result.status, result.exit_code) == ("done", 3)
    assert [finding["rule"] for finding in result.findings] == ["cutoff-outside-period"]
    assert "31/10/2026" in result.findings[0]["message"]
