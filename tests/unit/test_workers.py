"""The processes that decide partitions: what becomes of them when the one that started them is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

#: After the first results its processes are at tasks that take ten minutes.
AT_WORK = """
import multiprocessing, time
from workbench.workers import InProcesses
tasks = ((number, 0.0 if number < 2 else 600.0) for number in range(8))
for _ in InProcesses(2).results(time.sleep, tasks):
    print(*(one.pid for one in multiprocessing.active_children()), flush=True)
"""


def is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and nobody has asked yet


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the processes are looked up in /proc")
def test_processes_end_with_the_one_that_started_them_even_when_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", AT_WORK], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        processes = parent.stdout.readline().split()
        assert len(processes) == 2
        assert all(map(is_running, processes))
        parent.kill()
        parent.wait()
        until = time.monotonic() + 60
        while any(map(is_running, processes)) and time.monotonic() < until:
            time.sleep(0.05)
    assert not any(map(is_running, processes))
