"""Kernels forked from a process that has only imported: ready at once, where the system can fork.

A kernel spec whose metadata names the provisioner ``workbench-forked`` and the address of a
:class:`ForkServer` gets its kernel from there; on Windows, or when the server does not answer, the same
provisioner starts a plain kernel. papermill, JupyterLab and Voila take it alike.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

PROVISIONER = "workbench-forked"
CAN_FORK = sys.platform == "linux"
#: What run notebooks and desks import; nothing here may start a thread or open a file for good.
PRELOADED = (
    "numpy pandas sqlalchemy sqlalchemy.dialects.sqlite altair babel.numbers babel.dates "
    "babel.messages.pofile yaml ipykernel.kernelapp ipykernel.ipkernel ipykernel.zmqshell "
    "ipywidgets xlsxwriter workbench.runs.run workbench.ledger workbench.aging workbench.matching "
    "workbench.credit_notes "
    "workbench.provision workbench.reconciliation workbench.close workbench.book workbench.sources "
    "workbench.views.charts workbench.views.pages workbench.views.workbooks"
).split()
_ANSWER_SECONDS = 10.0


class ForkServer:
    """The forking process and the private folder with its socket; close it when the runner ends."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._threads = 0

    @classmethod
    def start(cls, modules: Sequence[str] = PRELOADED) -> ForkServer | None:
        """Start one in the background, or ``None`` where the system cannot fork safely."""
        if not CAN_FORK:
            return None
        folder = Path(tempfile.mkdtemp(prefix="wb-fork-"))  # mkdtemp makes it 0700
        # One thread in numpy's BLAS, none in Arrow's memory: a fork must not lose threads that a lock may
        # wait for.
        environment = os.environ | {
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        }
        with (folder / "server.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "workbench.runs.fork_server", str(folder / "socket"), *modules],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
            )
        return cls(process, folder)

    @property
    def address(self) -> str:
        return str(self._folder / "socket")

    def wait_ready(self) -> bool:
        """Until it has imported; ``False`` when it died instead (plain kernels then serve)."""
        if self._threads:
            return True
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            return False
        self._threads = int(json.loads(line)["threads"])
        return True

    @property
    def threads(self) -> int:
        """Threads of the server when it became ready: 1, or forking would be unsafe."""
        return self._threads

    def close(self) -> None:
        """End the server and, with it, every kernel it forked."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ForkedProcess:
    """A forked kernel with the face of :class:`subprocess.Popen`, which the provisioner speaks to."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self.pid = 0
        self.returncode: int | None = None

    @classmethod
    def ask(cls, address: str, *, argv: list[str], env: dict[str, str], cwd: str) -> ForkedProcess:
        """Have one forked; :class:`OSError` when nobody answers."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_ANSWER_SECONDS)
        connection.connect(address)
        process = cls(connection)
        process._send({"argv": argv, "env": env, "cwd": cwd})
        while not process.pid:
            if process._read() is False:
                raise ConnectionError(address)
        connection.setblocking(False)
        return process

    def _send(self, request: dict[str, object]) -> None:
        self._connection.sendall(json.dumps(request).encode() + b"\n")

    def _read(self) -> bool:
        """Take in what the server said; ``False`` when it has hung up."""
        received = self._connection.recv(4096)
        if not received:
            return False
        *lines, self._received = (self._received + received).split(b"\n")
        for line in lines:
            words = json.loads(line)
            self.pid = words.get("pid", self.pid)
            if "exit" in words:
                self.returncode = words["exit"]
        return True

    def poll(self) -> int | None:
        """``None`` while it runs, else its exit code (a signal's number, negative)."""
        while self.returncode is None:
            try:
                if not self._read():
                    self.returncode = -signal.SIGKILL  # the server is gone, and its kernels with it
            except BlockingIOError:
                return None
            except OSError:
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(0.02)
        self._connection.close()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To the kernel and what it started; the server sends it, so a pid used again is never hit."""
        if self.poll() is None:
            self._send({"signal": int(number)})

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Jupyter's local provisioner, its process asked from a fork server instead of started anew."""

    server_address = Unicode("", help="Unix socket of the fork server; empty starts a plain kernel").tag(
        config=True
    )
    kernel_log = Unicode("", help="file that takes what a plain kernel prints outside its cells").tag(
        config=True
    )

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork, or start plainly where that cannot be."""
        if CAN_FORK and self.server_address and "ipykernel_launcher" in cmd:
            cwd = str(kwargs.get("cwd") or Path.cwd())
            try:
                process = ForkedProcess.ask(
                    self.server_address,
                    argv=cmd[cmd.index("ipykernel_launcher") + 1 :],
                    env={name: str(value) for name, value in kwargs["env"].items()},
                    cwd=cwd,
                )
            except OSError as error:
                self.log.warning("No kernel could be forked (%s); starting a plain one.", error)
            else:
                self.process = process  # type: ignore[assignment]  # it has Popen's face
                self.pid, self.pgid, self.cwd = process.pid, None, cwd
                return self.connection_info
        if self.kernel_log:
            with Path(self.kernel_log).open("a") as log:
                return await super().launch_kernel(cmd, stdout=log, stderr=log, **kwargs)
        return await super().launch_kernel(cmd, **kwargs)

    @property
    def is_forked(self) -> bool:
        """Whether the kernel at hand came from the fork server."""
        return isinstance(self.process, ForkedProcess)

    async def wait(self) -> int | None:
        """As the base, but a hundredth of a second at a time: a forked kernel ends fast."""
        process = self.process
        if not isinstance(process, ForkedProcess):
            return await super().wait()
        import asyncio

        while (code := process.poll()) is None:
            await asyncio.sleep(0.01)
        process.wait()
        self.process = None  # has_process is now False
        return code
