"""Files that ask for more than they are: refused within a bound on memory, and nobody outside is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from badfiles_world import PROFILES
from bombs import BOMBS, YAML_BOMBS, Bomb

#: Refuses what it is given within so many bytes more than it had; a socket is an error.
_CHILD = """
import json, resource, socket, sys
from pathlib import Path
import python_calamine
from workbench.errors import RefusedError
from workbench.sources import load_mapping, read_file
from workbench.sources.close_parameters import read_close_parameters
from workbench.sources.organisation import load_organisation

def no(*told, **more):
    raise SystemExit("a connection was tried")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = no
profiles, more, *given = sys.argv[1:]
organisation = load_organisation(Path(profiles))
mappings = {}
for path in given:
    mappings.setdefault(path.split("#")[0].rsplit("/", 1)[1], None)
for name in list(mappings):
    mappings[name] = None if name == "close_params" else load_mapping(Path(profiles), name)
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + int(more), size + int(more)))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
said = {}
for path in given:
    profile = path.split("#")[0].rsplit("/", 1)[1]
    try:
        if mappings[profile] is None:
            read_close_parameters(Path(path), organisation)
        else:
            read_file(Path(path), mappings[profile])
        said[path] = "accepted"
    except RefusedError as refusal:
        said[path] = refusal.cause.upper().replace("-", "_")
    except MemoryError:
        said[path] = "MemoryError"
print(json.dumps(said))
"""
MOST_MORE = 50 * 1024 * 1024


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="a bound on memory needs Linux")
@pytest.mark.parametrize("bombs", [BOMBS[:7], BOMBS[7:], YAML_BOMBS], ids=["packed", "deep", "yaml"])
def test_a_bomb_is_refused_within_fifty_mebibytes(bombs: tuple[Bomb, ...], tmp_path: Path) -> None:
    wanted = {}
    for number, bomb in enumerate(bombs):
        path = tmp_path / f"{bomb.profile}#{number}{bomb.suffix}"
        path.write_bytes(bomb.make())
        wanted[str(path)] = bomb.code
    command = [sys.executable, "-c", _CHILD, str(PROFILES), str(MOST_MORE), *wanted]
    environment = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    named = {str(path): bomb.name for path, bomb in zip(wanted, bombs, strict=True)}
    said = {named[path]: found for path, found in json.loads(done.stdout).items()}
    assert said == {named[path]: found for path, found in wanted.items()}
