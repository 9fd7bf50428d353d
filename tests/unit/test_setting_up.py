"""The two README commands and what they install: one source of versions, no host, no copyleft surprise."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

#: Advisories are known below these (the issue's own list).
FLOORS = {
    "jupyter-server": "2.21",
    "jupyterlab": "4.6.2",
    "nbconvert": "7.17",
    "voila": "0.5.13",
}
#: LGPL is listed, not refused.
LESSER = {"LGPL", "Lesser General Public"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_environment_yml_lists_what_pyproject_lists(root: Path, project: dict) -> None:
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    listed = [text for text in conda["dependencies"] if isinstance(text, str)]
    by_pip = next(part["pip"] for part in conda["dependencies"] if isinstance(part, dict))
    listed += [text for text in by_pip if not text.startswith("-")]
    extras = project["project"]["optional-dependencies"]
    wanted = {"python" + project["project"]["requires-python"], "pip", *project["project"]["dependencies"]}
    wanted |= {text for name, texts in extras.items() if name != "all" for text in texts}
    wanted = {text.replace("[binary]", "") for text in wanted}  # conda's psycopg brings its own library
    assert sorted(listed) == sorted(wanted)


def test_the_extra_all_brings_every_extra(project: dict) -> None:
    extras = project["project"]["optional-dependencies"]
    brought = set().union(*(Requirement(text).extras for text in extras["all"]))
    assert brought == set(extras) - {"all"}


@pytest.mark.parametrize(("name", "floor"), sorted(FLOORS.items()))
def test_version_floors_keep_known_advisories_out(project: dict, name: str, floor: str) -> None:
    requirements = {r.name: r for r in map(Requirement, project["project"]["dependencies"])}
    below = ".".join([*floor.split(".")[:-1], str(int(floor.split(".")[-1]) - 1)])
    assert floor in requirements[name].specifier
    assert below not in requirements[name].specifier


def test_defusedxml_is_required(project: dict) -> None:
    assert any(Requirement(text).name == "defusedxml" for text in project["project"]["dependencies"])


def test_every_dependency_is_pinned_and_no_host_is_named(root: Path, project: dict) -> None:
    lines = (root / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"[A-Za-z0-9._-]+==[^ ]+( ;.*)?$", line) for line in lines if line)
    pinned = {Requirement(line).name.lower() for line in lines if line}
    groups = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert {Requirement(text).name.lower() for text in groups} <= pinned


def test_pins_satisfy_the_ranges(root: Path, project: dict) -> None:
    lines = (root / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {r.name.lower(): next(iter(r.specifier)).version for r in map(Requirement, filter(None, lines))}
    for text in project["project"]["dependencies"]:
        requirement = Requirement(text)
        assert pins[requirement.name.lower()] in requirement.specifier, text


def test_no_dependency_is_gpl_or_agpl(project: dict) -> None:
    refused = {}
    extras = project["project"]["optional-dependencies"]
    asked = [
        *project["project"]["dependencies"],
        *(text for name in extras if name != "all" for text in extras[name]),
    ]
    for name in _closure([Requirement(text).name for text in asked]):
        licence = _licence(name)
        if re.search(r"\bA?GPL|General Public License", licence) and not any(
            word in licence for word in LESSER
        ):
            refused[name] = licence
    assert refused == {}


def _closure(names: list[str]) -> set[str]:
    """Installed distributions reached from ``names``."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name.lower() in seen:
            continue
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        seen.add(name.lower())
        for requirement in map(Requirement, requires):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return seen


def _licence(name: str) -> str:
    about = metadata.metadata(name)
    classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License")]
    expression = about.get("License-Expression") or ""
    # An "A OR B" expression lets us choose the permissive one.
    if " OR " in expression:
        return ""
    return " ".join([expression, *classifiers]) or (about.get("License") or "")[:200]


def test_readme_holds_the_two_commands(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert re.search(
        r"^\[ -x \.venv/bin/workbench \].*workbench close --period 2026-10 --sample$", readme, re.MULTILINE
    )
    assert re.search(r"^\[ -x \.venv/bin/pytest \].*pytest$", readme, re.MULTILINE)


def test_every_picture_of_the_readme_is_there(root: Path) -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (root / "README.md").read_text(encoding="utf-8"))
    assert len(pictures) >= 3
    assert [name for name in pictures if not (root / name).is_file()] == []
