"""`retention [--dry-run]`: what has been kept long enough, in words, and then done."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from alumni.privacy import retention


class Command(BaseCommand):
    """Prints numbers, never names: terminals are logged and photographed."""

    help = "Carry out docs/data-retention.yaml. Runs nightly by itself. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        steps = retention.plan()
        for step in steps:
            self.stdout.write(f"{step.count:>8}  {step.label}: {step.done}")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was changed.")
            return
        retention.carry_out()
        self.stdout.write("Done.")
