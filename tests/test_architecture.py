"""The conventions of the house, held by tests: imports, names, and what every model promises."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "cms", "alumni", "newsletters", "packs", "localmail")
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]


def test_imports_run_one_way():
    contracts = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert contracts.returncode == 0, contracts.stdout


def test_no_module_is_a_drawer_for_anything():
    drawers = {"utils", "helpers", "services", "core", "common", "misc"}

    found = [str(path.relative_to(ROOT)) for path in SOURCES if path.stem in drawers]

    assert found == []


def test_our_packages_are_not_imported_inside_functions():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if path.name != "apps.py"
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if _imports_ours(node)
    ]

    assert found == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package):
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.parts[len(ROOT.parts)] == package
        and (tree := ast.parse(path.read_text())).body
        and ast.get_docstring(tree) is None
    ]

    assert silent == []


# What editors keep in Wagtail's admin and may link to; everything else there is about people.
EDITORIAL = {"Programme", "Project", "Course", "Module", "CourseRun"}


@pytest.mark.parametrize("app", ["newsletters", "alumni"])
def test_rows_that_editors_do_not_link_to_stay_out_of_the_reference_index(app):
    indexed = [
        model.__name__
        for model in apps.get_app_config(app).get_models()
        if model.__name__ not in EDITORIAL
        and not getattr(model, "wagtail_reference_index_ignore", False)
    ]

    assert indexed == []


def test_every_test_file_is_found_by_its_name():
    lost = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if "def test_" in path.read_text() and not path.name.startswith("test_")
    ]

    assert lost == []


def _imports_ours(node):
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] in PACKAGES
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in PACKAGES for alias in node.names)
    return False
