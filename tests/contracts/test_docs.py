"""The documents name what is there: processes, files, manifests, commands, methods that run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from stack import programs
from stack.layout import Layout
from stack.ports import Ports
from stack.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
METHODS = ROOT / "docs" / "methods"
NOT_RUN = {"en": "**Live.** Not ", "zh": "**实时运行。** 尚未"}


def rows(heading: str) -> list[str]:
    """Give what the first column of the table under a heading of operations.md names."""
    part = OPERATIONS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    firsts = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return [name for first in firsts for name in re.findall(r"`([^`]+)`", first)]


def imported(path: Path) -> set[str]:
    """Give every name that a file imports."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
    return {f"{n.module}.{name.name}" for n in nodes for name in n.names} | {
        str(n.module) for n in nodes
    }


def reached(*parts: str) -> set[str]:
    """Give the modules of `geo` that parts import, whatever lies between."""
    found: set[str] = set()
    todo = [path for part in parts for path in (ROOT / part).rglob("*.py")]
    while todo:
        for name in imported(todo.pop()) - found:
            path = ROOT / f"{name.replace('.', '/')}.py"
            if name.startswith("geo.") and path.is_file():
                found.add(name)
                todo.append(path)
    return found


def test_every_process_has_a_row() -> None:
    layout = Layout(Path("/state"))
    known = programs.programs(layout, Ports(8600), Settings(), Path("/java"), replayed=False)
    assert set(rows("Processes")) == {program.name for program in known}


def test_every_folder_of_a_state_folder_has_a_row() -> None:
    layout = Layout(Path("state"))
    there = [f.relative_to("state") for f in layout.folders() if f != layout.socket.parent]
    named = [Path(row) for row in rows("Files")]
    assert [folder for folder in there if folder not in named] == []
    assert {"runs/live/", "flink/submissions/"} <= set(rows("Files"))


def test_every_manifest_is_applied() -> None:
    files = sorted(path.name for path in (ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    assert [name for name in files if f"-f deploy/kubernetes/{name}" not in OPERATIONS] == []


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md", "docs/layers.md"])
def test_a_second_city_has_a_state_folder_of_its_own(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    others = re.findall(r"hexline up[^\n`]*--city (?!wuhan)[^\n`]*", text)
    assert others
    assert all("--state .hexline-" in command for command in others)
    assert ".hexline-*/" in (ROOT / ".gitignore").read_text().split()


@pytest.mark.parametrize("language", NOT_RUN)
def test_a_method_that_no_job_runs_is_said_not_to_run(language: str) -> None:
    live = reached("jobs", "dashboard")
    for path in sorted((METHODS / ("zh" if language == "zh" else "")).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        code = re.search(r"^\*\*(?:Code\.|代码。)\*\* (.*)$", text, re.MULTILINE)
        modules = re.findall(r"`geo/(\w+)\.py`", code[1]) if code else []
        runs = [module for module in modules if f"geo.{module}" in live]
        assert (NOT_RUN[language] in text) == (bool(modules) and not runs), path.name


def test_the_chinese_list_of_methods_has_every_page() -> None:
    index = (METHODS / "zh" / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (METHODS / "zh").glob("*.md") if path.stem != "README")
    assert [page for page in pages if f"[{Path(page).stem}]({page})" not in index] == []


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/**/*.md")), ids=lambda p: p.name)
def test_a_document_leads_to_files_that_are_there(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [name for name in targets if not (document.parent / name).exists()] == []
