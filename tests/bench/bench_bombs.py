"""How long a bomb takes to be refused and what memory it costs (TRUST, figure 8: < 1 s, < 50 MiB more).

    PYTHONPATH=tests python tests/bench/bench_bombs.py [--repeats R]

Each bomb goes to a process of its own that has imported and used the readers before; its highest resident
memory before and after is the kernel's own count. Time is the best of the repeats, and the worst beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bombs import BOMBS, YAML_BOMBS, inline_row, sheet, workbook

PROFILES = Path(__file__).resolve().parents[1] / "badfiles" / "parameters"
_CHILD = """
import json, resource, sys, time
from pathlib import Path
from workbench.errors import RefusedError
from workbench.sources import load_mapping, read_file
from workbench.sources.close_parameters import read_close_parameters
from workbench.sources.organisation import load_organisation

profiles, path, profile, warm = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
organisation = load_organisation(profiles)
read_file(warm, load_mapping(profiles, "pay_xlsx"))
mapping = None if profile == "close_params" else load_mapping(profiles, profile)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, cpu = time.perf_counter(), time.process_time()
try:
    read_close_parameters(path, organisation) if mapping is None else read_file(path, mapping)
    code = "accepted"
except RefusedError as refusal:
    code = refusal.cause.upper().replace("-", "_")
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"code": code, "seconds": seconds, "cpu": cpu, "more": more / 1024}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    print(f"{'bomb':44} {'bytes':>9} {'code':15} {'best s':>7} {'worst s':>7} {'cpu s':>7} {'MiB more':>8}")
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm.xlsx"
        warm.write_bytes(workbook({"xl/worksheets/sheet1.xml": sheet(inline_row(2, ("BK-1",) * 6))}))
        for bomb in (*BOMBS, *YAML_BOMBS):
            path = Path(folder) / f"bomb{bomb.suffix}"
            path.write_bytes(bomb.make())
            command = [sys.executable, "-c", _CHILD, str(PROFILES), str(path), bomb.profile, str(warm)]
            runs = [
                json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                for _ in range(repeats)
            ]
            seconds = [run["seconds"] for run in runs]
            more = max(run["more"] for run in runs)
            fault = "" if {run["code"] for run in runs} == {bomb.code} else f"  wanted {bomb.code}"
            print(
                f"{bomb.name:44} {path.stat().st_size:9} {runs[0]['code']:15} {min(seconds):7.3f}"
                f" {max(seconds):7.3f} {min(run['cpu'] for run in runs):7.3f} {more:8.1f}{fault}"
            )


if __name__ == "__main__":
    main()
