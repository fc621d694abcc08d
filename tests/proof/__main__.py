"""`make faults`: everything that can go wrong goes wrong, and the figures of the promise are read.

The judge is localmail's ledger, joined with the database.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import django

from config.local import steps, supervisor
from config.local.processes import LocalError
from config.local.supervisor import Stopped
from tests.proof import world
from tests.proof.figures import FULL, QUICK, Figure, Size, say, table

RUNS = {
    "planted": "bad.planted",
    "senders": "bad.senders",
    "points": "points.killed",
    "stopped": "points.stopped",
    "clocks": "points.clocks",
    "paused": "stops.paused",
    "refused": "stops.refused",
    "restarts": "restarts.restarts",
    "beats": "restarts.beats",
    "smtp": "kills.over_smtp",
    "kills": "kills.over_http",
    "webhooks": "storm.webhooks",
}
"""Names for the command line, in the order in which they run."""


def main() -> int:
    """0 when every figure is reached, 1 when one is missed, 130 when somebody stopped it."""
    asked = _arguments()
    supervisor.stop_on_signals()
    size = QUICK if asked.quick else FULL
    if asked.deliveries:
        size = replace(size, people=asked.deliveries, letters=min(size.letters, asked.deliveries))
    say(f"seed {asked.seed}: --seed {asked.seed} throws the same dice again")
    figures: dict[str, list[Figure]] = {}
    code = 0
    try:
        run(asked.names or list(RUNS), size, asked.seed, figures)
    except LocalError as error:
        steps.complain(error)
        code = 1
    except Stopped:
        say("stopped")
        code = 130
    if asked.json:
        told = {name: [asdict(figure) for figure in found] for name, found in figures.items()}
        asked.json.write_text(json.dumps(told))
    every = [figure for found in figures.values() for figure in found]
    print(f"\n{table(every)}", flush=True)  # noqa: T201
    return code or (0 if all(figure.ok for figure in every) else 1)


def run(names: list[str], size: Size, seed: int, found: dict[str, list[Figure]]) -> None:
    """One after the other; what each reaches goes into `found`, by its name."""
    with world.running(seed, size.lease_seconds) as stage:
        django.setup()
        for name in names:
            begun = time.monotonic()
            say(f"{name} …")
            module, _dot, function = RUNS[name].partition(".")
            # Only now: it imports models, which need the settings that the world has made.
            runs = import_module(f"tests.proof.{module}")
            found[name] = []
            try:
                for figure in getattr(runs, function)(stage, size):
                    found[name].append(figure)
                    say(f"  {figure.name}: {figure.reached}")
            except Exception as error:  # one run that breaks must not hide the others
                said = f"{type(error).__name__}: {error}"
                say(said)
                found[name].append(
                    Figure(name, said.splitlines()[0][:60], "to end by itself", False)
                )
            finally:
                stage.mail.normal()
            say(f"{name}: {time.monotonic() - begun:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(RUNS)}")
    parser.add_argument("--quick", action="store_true", help="the small runs of `make test`")
    parser.add_argument("--deliveries", type=int, default=0, help="instead of a million")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the dice")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(RUNS):
        parser.error(f"There is no run {', '.join(sorted(unknown))}.")
    return asked


if __name__ == "__main__":
    sys.exit(main())
