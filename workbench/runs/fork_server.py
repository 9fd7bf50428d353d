"""A process that has only imported, and forks a kernel for whoever asks on its Unix socket.

It holds no data, no identity, no thread and no zmq context, so what it forks is as good as new: the
child takes the environment and folder of its own run. One connection is one kernel: a JSON line starts
it, further lines signal it, and the last answer is its exit code. A connection that closes kills its
kernel, and when standard input closes (the runner is gone) the server goes too.
Started as ``python -m workbench.runs.fork_server SOCKET [module …]``.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Request = dict[str, object]


@dataclass
class Kernel:
    """One connection, and the process behind it once it was asked for."""

    connection: socket.socket
    received: bytes = b""
    pid: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def answer(self, **words: object) -> None:
        with suppress(OSError):
            self.connection.sendall(json.dumps(words).encode() + b"\n")

    def signal(self, number: int) -> None:
        # Only the parent may reap, so a pid that was not reaped is surely still ours to signal.
        if self.pid:
            try:
                os.killpg(self.pid, number)
            except (ProcessLookupError, PermissionError):  # just forked: no session of its own yet
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(self.pid, number)


def serve(address: str) -> None:
    """Answer on ``address`` until standard input closes; forks from one thread only."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    wakeup_read, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting = selectors.DefaultSelector()
    for source in (sys.stdin.fileno(), listener, wakeup_read):
        waiting.register(source, selectors.EVENT_READ)
    kernels: dict[socket.socket, Kernel] = {}
    gc.freeze()
    print(json.dumps({"ready": True, "threads": _threads()}), flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a kernel prints outside its cells: to the log
    while True:
        for key, _ in waiting.select():
            if key.fileobj == sys.stdin.fileno():
                for kernel in kernels.values():
                    kernel.signal(signal.SIGKILL)
                shutil.rmtree(Path(address).parent, ignore_errors=True)  # a runner that was killed cannot
                return
            if key.fileobj == wakeup_read:
                os.read(wakeup_read, 4096)
            elif key.fileobj is listener:
                connection, _ = listener.accept()
                if not _is_mine(connection):
                    connection.close()
                    continue
                kernels[connection] = Kernel(connection)
                waiting.register(connection, selectors.EVENT_READ)
            elif isinstance(key.fileobj, socket.socket):
                kernel = kernels[key.fileobj]
                requests = _requests(kernel)
                if requests is None:
                    kernel.signal(signal.SIGKILL)
                    waiting.unregister(kernel.connection)
                    kernel.connection.close()
                    if not kernel.pid:
                        del kernels[key.fileobj]
                    continue
                for request in requests:
                    if "argv" in request:
                        kernel.pid = os.fork()
                        if kernel.pid == 0:
                            signal.set_wakeup_fd(-1)
                            for descriptor in (wakeup_read, wakeup_write):
                                os.close(descriptor)
                            waiting.close()
                            listener.close()
                            for other in kernels.values():
                                other.connection.close()
                            _become_kernel(request)
                        kernel.answer(pid=kernel.pid)
                    elif "signal" in request:
                        kernel.signal(int(str(request["signal"])))
        _reap(kernels, waiting)


def _requests(kernel: Kernel) -> list[Request] | None:
    """The JSON lines that are whole by now, ``None`` when the other side is gone."""
    try:
        received = kernel.connection.recv(1 << 20)
    except OSError:
        received = b""
    if not received:
        return None
    *lines, kernel.received = (kernel.received + received).split(b"\n")
    return [json.loads(line) for line in lines]


def _reap(kernels: dict[socket.socket, Kernel], waiting: selectors.BaseSelector) -> None:
    for connection, kernel in list(kernels.items()):
        if not kernel.pid:
            continue
        pid, status = os.waitpid(kernel.pid, os.WNOHANG)
        if pid:
            kernel.pid = 0
            kernel.answer(exit=os.waitstatus_to_exitcode(status))
            with suppress(KeyError, ValueError):
                waiting.unregister(connection)
            connection.close()
            del kernels[connection]


def _become_kernel(request: Request) -> None:
    """In the child: a session, folder, environment and random state of its own, then ipykernel."""
    try:
        server = os.getppid()
        os.setsid()
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        environment, argv = request["env"], request["argv"]
        assert isinstance(environment, dict)
        assert isinstance(argv, list)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(str(request["cwd"]))
        descriptor = os.open(os.devnull, os.O_RDONLY)
        os.dup2(descriptor, 0)
        os.close(descriptor)
        _fresh_state()
        from ipykernel.kernelapp import IPKernelApp

        sys.argv = ["ipykernel_launcher", *argv]
        app = IPKernelApp.instance()
        app.parent_handle = server  # ipykernel ends by itself when the server is gone
        app.initialize(argv)  # type: ignore[no-untyped-call]  # ipykernel is not typed
        app.start()  # type: ignore[no-untyped-call]  # ipykernel is not typed
    except BaseException:  # noqa: BLE001 - nothing may return into the server's loop
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _fresh_state() -> None:
    """What a process keeps from its import that two kernels must not share."""
    import random
    import time

    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    time.tzset()


def _is_mine(connection: socket.socket) -> bool:
    """The asker must be the same user: the folder is private, and this holds even if it were not."""
    peer = getattr(socket, "SO_PEERCRED", None)
    if peer is None:
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, peer, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def main() -> None:
    """Import what was named, then serve."""
    address, *modules = sys.argv[1:]
    for name in modules:
        # A module that is missing or broken costs the kernels their head start, not their life.
        with suppress(ImportError, SyntaxError, NameError, AttributeError, TypeError):
            importlib.import_module(name)
    serve(address)


if __name__ == "__main__":
    main()
