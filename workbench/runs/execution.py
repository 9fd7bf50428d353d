"""One notebook through papermill: our kernel, one clock for the whole run, the outcome from the exception."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook, remove_error_markers

from .forked_kernels import PROVISIONER, ForkServer
from .parameters import Value

ENGINE = "workbench"
KERNEL_NAME = "python3"
START_SECONDS = 120
OnCell = Callable[[int, int, str], None]  # done so far, cells in all, heading


@dataclass(frozen=True)
class Failure:
    """What ended a notebook early: papermill's name and words of it, and where."""

    error_name: str
    message: str
    cell: int  # index in the notebook as executed
    heading: str
    rule: str = ""  # ours, where no error of the notebook says it


@dataclass(frozen=True)
class Outcome:
    """The notebook as executed, and its failure if it had one."""

    notebook: NotebookNode
    failure: Failure | None
    is_forked: bool


class RunKernelSpecs(KernelSpecManager):
    """The one kernel of a run: this interpreter, the run's environment, forked where that can be."""

    def __init__(self, environment: Mapping[str, str], server_address: str, kernel_log: str) -> None:
        super().__init__()
        self._environment = {name: value.replace("$", "$$") for name, value in environment.items()}
        self._config = {"server_address": server_address, "kernel_log": kernel_log}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Made in memory: no kernel spec of the machine can stand in for it."""
        return KernelSpec(
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                "--HistoryManager.enabled=False",  # what runs here is in the run folder
            ],
            display_name="Workbench",
            language="python",
            env=self._environment,
            metadata={
                "supported_encryption": "curve",
                "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": self._config},
            },
        )


class RunEngine(NBClientEngine):  # type: ignore[misc]  # papermill is not typed
    """papermill's own engine with our kernel, which also hands back the notebook of a broken run."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        kwargs["kept"].append(nb_man.nb)
        client = PapermillNotebookClient(
            nb_man,
            km=kwargs["km"],
            kernel_name=kernel_name,
            startup_timeout=kwargs["start_timeout"],
            timeout_func=kwargs["timeout_func"],
            on_cell_start=kwargs["on_cell_start"],
            shutdown_kernel="immediate",  # all it said is here, and it keeps nothing
        )
        client.owns_km = (
            True  # it then closes its channels too, which it leaves open for a manager it is lent
        )
        return client.execute()


papermill_engines.register(ENGINE, RunEngine)


class KernelHost:
    """Where kernels come from while one runner lives: a fork server, or none."""

    def __init__(self, server: ForkServer | None) -> None:
        self.server = server
        # IPython reads start-up files of the user from here; a run must not depend on them.
        self._folder = tempfile.TemporaryDirectory(prefix="wb-kernels-", ignore_cleanup_errors=True)

    @classmethod
    @contextmanager
    def open(cls, *, forked: bool) -> Iterator[KernelHost]:
        """``forked`` pays from the second notebook on: the server imports while the first is prepared."""
        host = cls(ForkServer.start() if forked else None)
        try:
            yield host
        finally:
            host.close()

    @property
    def folder(self) -> Path:
        return Path(self._folder.name)

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
        self._folder.cleanup()

    def manager(self, environment: Mapping[str, str]) -> AsyncKernelManager:
        """A kernel of that environment, not started yet."""
        if self.server is not None and not self.server.wait_ready():
            self.server.close()
            self.server = None
        specs = RunKernelSpecs(
            {**environment, "IPYTHONDIR": str(self.folder / "ipython")},
            self.server.address if self.server is not None else "",
            str(self.folder / "kernel.log"),
        )
        return AsyncKernelManager(
            kernel_name=KERNEL_NAME, kernel_spec_manager=specs, transport_encryption="auto"
        )


def execute(
    notebook: Path,
    parameters: Mapping[str, Value],
    *,
    host: KernelHost,
    environment: Mapping[str, str],
    timeout_seconds: float,
    on_cell: OnCell | None = None,
) -> Outcome:
    """Run it to its end, its failure or its time; never judged by the notebook's own metadata."""
    manager = host.manager(environment)
    kept: list[NotebookNode] = []
    ends_at: float | None = None
    is_forked = False

    def time_left(_: NotebookNode) -> float:
        nonlocal ends_at
        if ends_at is None:  # the clock starts with the first cell, not with the kernel
            ends_at = time.monotonic() + timeout_seconds
        return max(1.0, ends_at - time.monotonic())

    def started(cell: NotebookNode, cell_index: int) -> None:
        nonlocal is_forked
        is_forked = bool(getattr(manager.provisioner, "is_forked", False))
        if on_cell is not None:
            on_cell(cell_index, len(kept[0].cells), heading_before(kept[0], cell_index))

    failure = None
    try:
        execute_notebook(
            str(notebook),
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=KERNEL_NAME,
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=START_SECONDS,
            kept=kept,
            km=manager,
            timeout_func=time_left,
            on_cell_start=started,
        )
    except PapermillExecutionError as error:
        failure = Failure(
            error.ename, error.evalue, error.cell_index, heading_before(kept[0], error.cell_index)
        )
    except CellTimeoutError:
        failure = _broken_off(kept, "run-timeout")
    except (DeadKernelError, RuntimeError) as error:
        # A kernel that never answered raises a bare RuntimeError in nbclient.
        failure = _broken_off(kept, "kernel-died", str(error))
    finally:
        if manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)
        else:
            run_sync(manager.cleanup_resources)()
    executed = kept[0] if kept else nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    return Outcome(remove_error_markers(executed), failure, is_forked)


def _broken_off(kept: list[NotebookNode], rule: str, message: str = "") -> Failure:
    """A run that ended without an error of its own: the last cell that started is where."""
    if not kept:
        return Failure("", message, 0, "", rule)
    begun = [
        index
        for index, cell in enumerate(kept[0].cells)
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    cell = begun[-1] if begun else 0
    return Failure("", message, cell, heading_before(kept[0], cell), rule)


def heading_before(notebook: NotebookNode, index: int) -> str:
    """The nearest heading above a cell, as the notebook writes it."""
    for cell in reversed(notebook.cells[: index + 1]):
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            if headings:
                return str(headings[0].lstrip("# ").strip())
    return ""


def base_environment() -> dict[str, str]:
    """This process's environment without what an outer run left in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_RUN_")}
