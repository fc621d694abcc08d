"""`import_roster FILE --run SLUG [--dry-run]`: a report row by row, then people and enrolments."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alumni import roster
from alumni.models import CourseRun
from newsletters.addresses import masked


class Command(BaseCommand):
    """Addresses are shortened in the output: terminals are logged and photographed."""

    help = "Import the roster of a course run. Nobody is mailed or subscribed. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV file, any common encoding and delimiter")
        parser.add_argument("--run", required=True, help="short name of the course run")
        parser.add_argument(
            "--dry-run", action="store_true", help="only report what the import would do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._run(options["run"])
        try:
            sheet = roster.read(options["file"].read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except roster.UnreadableRoster as error:
            raise CommandError(str(error)) from None
        if options["dry_run"]:
            report = roster.plan(run, sheet)
        else:
            report = roster.carry_out(run, sheet, by=None)
        self._print(report, dry_run=options["dry_run"])

    def _run(self, slug: str) -> CourseRun:
        run = CourseRun.objects.filter(slug=slug).first()
        if run is None:
            known = ", ".join(CourseRun.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no course run “{slug}”. Those there are: {known}.")
        return run

    def _print(self, report: roster.Report, *, dry_run: bool) -> None:
        self.stdout.write(f"{report.run} ({report.run.slug})")
        if report.unused:
            self.stdout.write(f"Columns that are not imported: {', '.join(report.unused)}.")
        for line in report.lines:
            address = f" <{masked(line.entrant.address)}>" if line.entrant.address else ""
            said = " ".join((*(text for _kind, text in line.problems), *line.notes))
            self.stdout.write(
                f"row {line.row:>4}  {line.outcome.value:<8}  {line.entrant.name}{address}"
                + (f"  {said}" if said else "")
            )
        self.stdout.write(roster.summary(report) + ".")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
            return
        if report.count(roster.Outcome.BROKEN):
            self.stdout.write(
                "Rows that need something were left out. Mend the file and import it again: "
                "what is there stays as it is."
            )
        self.stdout.write(roster.done(report))
