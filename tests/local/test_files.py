"""Files that must agree with one another."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(name):
    lines = (ROOT / name).read_text().splitlines()
    return dict(re.match(r"([\w.-]+)==([^\s;]+)", line).groups() for line in lines if "==" in line)


def test_lock_files_build_on_one_another():
    runtime, local, dev = (pins(f"requirements{suffix}.txt") for suffix in ("", "-local", "-dev"))

    assert runtime.items() <= local.items() <= dev.items()


def test_every_setting_read_from_the_environment_stands_in_the_example():
    read = set()
    for path in (ROOT / "config" / "settings").glob("*.py"):
        read |= set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", path.read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert sorted(read - offered) == []


def test_make_says_what_every_target_is_for():
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()

    silent = [name for name in phony if not re.search(rf"^{name}:.*## \w", text, re.MULTILINE)]

    assert silent == []
