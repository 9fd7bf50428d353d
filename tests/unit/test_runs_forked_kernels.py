"""Kernels forked from a process that has only imported, and plain ones where that cannot be."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import time
from pathlib import Path

import pytest
from jupyter_client import BlockingKernelClient

from workbench.runs.forked_kernels import CAN_FORK, ForkedProcess, ForkServer

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="this system does not fork kernels")


@pytest.fixture(scope="module")
def server():
    with ForkServer.start(["json", "no_such_module", "ipykernel.kernelapp"]) as server:
        assert server.wait_ready()
        yield server


def ask(server, tmp_path, **environment) -> ForkedProcess:
    return ForkedProcess.ask(
        server.address,
        argv=["-f", str(tmp_path / "connection.json"), "--HistoryManager.enabled=False"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment},
        cwd=str(tmp_path),
    )


def environment_of(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text(errors="replace")


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)


def test_the_server_has_one_thread_and_a_private_socket(server):
    assert server.threads == 1
    folder = Path(server.address).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_forked_kernel_runs_in_its_own_folder_and_session(server, tmp_path):
    process = ask(server, tmp_path)
    wait_for(tmp_path / "connection.json")
    assert process.poll() is None
    assert Path(f"/proc/{process.pid}/cwd").resolve() == tmp_path
    assert os.getsid(process.pid) == process.pid
    process.kill()
    assert process.wait(60) == -signal.SIGKILL


def test_an_interrupt_and_a_kill_sent_at_once_both_arrive(server, tmp_path):
    process = ask(server, tmp_path)
    wait_for(tmp_path / "connection.json")
    process.send_signal(signal.SIGINT)
    process.kill()
    assert process.wait(60) == -signal.SIGKILL


def test_a_kernel_killed_the_moment_it_is_forked_is_gone(server, tmp_path):
    """It may not have a session of its own yet, which the signal is sent to."""
    for _ in range(40):
        process = ask(server, tmp_path)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL


def test_a_kernel_whose_asker_is_gone_is_ended(server, tmp_path):
    process = ask(server, tmp_path)
    pid = process.pid
    wait_for(tmp_path / "connection.json")
    process._connection.close()
    end = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_kernels_end_with_their_server(tmp_path):
    server = ForkServer.start(["ipykernel.kernelapp"])
    assert server.wait_ready()
    process = ask(server, tmp_path)
    wait_for(tmp_path / "connection.json")
    server.close()
    assert process.poll() is not None
    assert not Path(server.address).exists()
    end = time.monotonic() + 60
    while Path(f"/proc/{process.pid}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_nobody_at_the_address_is_an_os_error(tmp_path):
    with pytest.raises(OSError):  # noqa: PT011 - any of its kinds makes the provisioner start a plain kernel
        ForkedProcess.ask(str(tmp_path / "none"), argv=[], env={}, cwd=str(tmp_path))


def test_half_a_request_is_waited_for(server, tmp_path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(server.address)
    connection.sendall(b'{"argv": ["-f", "')
    time.sleep(0.2)
    other = ask(server, tmp_path)  # the server still answers others
    assert other.pid
    other.kill()
    other.wait(60)
    connection.close()


def test_the_interpreter_is_the_runners_own(server):
    assert Path(f"/proc/{server._process.pid}/exe").resolve() == Path(sys.executable).resolve()


def test_a_forked_kernel_has_its_work_done_by_other_processes(server, tmp_path):
    """As the matching notebook does where a month is large."""
    process = ask(server, tmp_path, PYTHONPATH=os.pathsep.join(sys.path))
    connection = tmp_path / "connection.json"
    wait_for(connection)
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        code = "from workbench.workers import InProcesses; import os\n"
        code += "asked = InProcesses(2).results(os.path.basename, enumerate(['a/one', 'b/two', 'c/three']))\n"
        reply = client.execute_interactive(
            code, user_expressions={"done": "sorted(asked)"}, timeout=60, output_hook=lambda _: None
        )
        done = reply["content"]["user_expressions"]["done"]
        assert done["data"]["text/plain"] == "[(0, 'one'), (1, 'two'), (2, 'three')]", reply
    finally:
        client.stop_channels()
        process.kill()
        process.wait(60)
