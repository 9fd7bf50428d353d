"""Start-up and throughput of runs (PERFORMANCE, 8): ratios of CPU seconds within one run, medians of five.

``python tests/bench/bench_runs.py`` prints one JSON object. Children's CPU is counted, wall seconds are
not: other work on the machine moves them. Interleaved: each round runs every variant once.

- ``import_ms``: CPU milliseconds of ``import workbench`` in a process that has imported pandas.
- ``forked_over_plain``: notebooks an hour of CPU with forked kernels against plain ones, same notebook.
- ``over_command``: notebooks an hour of CPU in one runner against one papermill command a notebook.
- ``overhead``: one of our runs with its folder against an empty papermill run plus its own work.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from runs_world import START, empty_book, write_notebook

ROUNDS = 5
WORK = "import pandas, altair, sqlalchemy\nassert pandas.Series(range(1000)).sum() == 499500"
RUNNER = """
import sys
from pathlib import Path
from workbench.runs.execution import KernelHost, base_environment, execute
with KernelHost.open(forked=sys.argv[1] == "forked") as host:
    for _ in range(int(sys.argv[3])):
        outcome = execute(
            Path(sys.argv[2]), {}, host=host, environment=base_environment(), timeout_seconds=300
        )
        assert outcome.failure is None and outcome.is_forked == (sys.argv[1] == "forked"), outcome
"""
RUN = """
import sys
from pathlib import Path
from workbench.runs import runner
result = runner.run_notebook("tiny", {}, book_url=sys.argv[1], out=Path(sys.argv[2]) / "outputs",
    notebooks_dir=Path(sys.argv[2]) / "notebooks", write=True)
assert result.status == "done", result
"""


def cpu_seconds(command: list[str]) -> float:
    """CPU of a command and of every process it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def import_seconds() -> float:
    """CPU of ``import workbench`` in a process that has pandas; taken inside it, for start-up is noisier."""
    code = "import pandas, time; t = time.process_time(); import workbench; print(time.process_time() - t)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def medians(variants: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median of each variant, measured in turn."""
    seen: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, measure in variants.items():
            seen[name].append(measure())
    return {name: statistics.median(values) for name, values in seen.items()}


def measure(notebooks: int = 6, rounds: int = ROUNDS) -> dict[str, float]:
    """Every figure, and the counts of what was done for it."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stack = write_notebook(folder, "stack", WORK)
        empty = write_notebook(folder, "empty", "pass")
        write_notebook(
            folder / "notebooks",
            "tiny",
            "from workbench import runs",
            START,
            'run.tie_out("count", 1, 1)\nrun.finish(tables={})',
        )
        url = empty_book(folder)
        # What our run does beside papermill's: in the runner the book, the policy, the report; in the kernel
        # the book, the tables, the workbook. Both processes import pandas and sqlalchemy.
        runners_work = "import pandas, sqlalchemy, nbconvert, workbench.runs.runner, workbench.book"
        kernels_work = (
            "import pandas, sqlalchemy, xlsxwriter, workbench.runs, workbench.book, workbench.views.pages"
        )
        cpu = medians(
            {
                "import_workbench": import_seconds,
                "forked": lambda: cpu_seconds([python, "-c", RUNNER, "forked", str(stack), str(notebooks)]),
                "plain": lambda: cpu_seconds([python, "-c", RUNNER, "plain", str(stack), str(notebooks)]),
                "forked_one": lambda: cpu_seconds([python, "-c", RUNNER, "forked", str(stack), "1"]),
                "command": lambda: cpu_seconds(
                    [python, "-m", "papermill", str(stack), str(folder / "o.ipynb")]
                ),
                "command_empty": lambda: cpu_seconds(
                    [python, "-m", "papermill", str(empty), str(folder / "o.ipynb")]
                ),
                "runners_work": lambda: cpu_seconds([python, "-c", runners_work]),
                "kernels_work": lambda: cpu_seconds([python, "-c", kernels_work]),
                "run": lambda: cpu_seconds([python, "-c", RUN, url, str(folder)]),
            },
            rounds,
        )
    return {
        "rounds": rounds,
        "notebooks": notebooks,
        "import_ms": 1000 * cpu["import_workbench"],
        "forked_over_plain": cpu["plain"] / cpu["forked"],
        "forked_per_cpu_hour": 3600 * notebooks / cpu["forked"],
        "plain_per_cpu_hour": 3600 * notebooks / cpu["plain"],
        "further_forked_cpu_s": (cpu["forked"] - cpu["forked_one"]) / (notebooks - 1),
        "over_command": notebooks * cpu["command"] / cpu["forked"],
        "overhead": cpu["run"] / (cpu["command_empty"] + cpu["runners_work"] + cpu["kernels_work"]),
        **{f"cpu_{name}": value for name, value in cpu.items()},
    }


if __name__ == "__main__":
    print(json.dumps({name: round(value, 3) for name, value in measure().items()}, indent=1))
