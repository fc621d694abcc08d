"""`import_roster FILE --run SLUG [--dry-run]`: a report row by row, then people and enrolments."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from alumni import roster
from alumni.models import CourseRun, RosterRow, RosterUpload
from alumni.roster.files import unused
from newsletters.addresses import masked

SOON = 2
"""Seconds between two words about how far it is."""


class Command(BaseCommand):
    """Addresses are shortened in the output: terminals are logged and photographed."""

    help = "Import the roster of a course run. Nobody is mailed or subscribed. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="CSV in any common encoding and delimiter, or .xlsx"
        )
        parser.add_argument("--run", required=True, help="short name of the course run")
        parser.add_argument(
            "--dry-run", action="store_true", help="only report what the import would do"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._run(options["run"])
        upload = self._hold(run, options["file"])
        try:
            self._until_done(upload, roster.survey, _("%(n)d of %(all)d rows looked at"))
            upload.refresh_from_db()
            self._print(upload)
            self._import(upload, dry_run=options["dry_run"])
        finally:
            roster.discard(upload, by=None)

    def _run(self, slug: str) -> CourseRun:
        run = CourseRun.objects.filter(slug=slug).first()
        if run is None:
            known = ", ".join(CourseRun.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no course run “{slug}”. Those there are: {known}.")
        return run

    def _hold(self, run: CourseRun, path: Path) -> RosterUpload:
        try:
            with path.open("rb") as file:
                upload = roster.hold(run, file, name=path.name, needs_known_headings=True, by=None)
            roster.name_columns(upload, roster.columns_of(upload), by=None)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except roster.UnreadableRoster as error:
            raise CommandError(str(error)) from None
        return upload

    def _until_done(self, upload: RosterUpload, verb: Callable[..., bool], saying: str) -> None:
        """Go on until all is done, saying from time to time how far it is."""
        while not verb(upload, until=time.monotonic() + SOON):
            left = upload.rows.filter(outcome="").count()
            left = left or upload.rows.filter(written_at=None).exclude(outcome="broken").count()
            self.stderr.write(saying % {"n": upload.size - left, "all": upload.size})

    def _print(self, upload: RosterUpload) -> None:
        self.stdout.write(f"{upload.run} ({upload.run.slug})")
        if names := unused(tuple(upload.headings), roster.columns_of(upload)):
            self.stdout.write(f"Columns that are not imported: {', '.join(names)}.")
        for row in upload.rows.iterator():
            self.stdout.write(self._line(row))
        self.stdout.write(roster.summary(roster.tally(upload)) + ".")

    def _line(self, row: RosterRow) -> str:
        address = f" <{masked(row.address)}>" if row.address else ""
        said = " ".join((*row.problems, *row.notes))
        return f"row {row.number:>4}  {row.outcome:<8}  {row.name}{address}" + (
            f"  {said}" if said else ""
        )

    def _import(self, upload: RosterUpload, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
            return
        confirmed = roster.confirm(upload, by=None)
        if confirmed:
            self._until_done(upload, roster.carry_out, _("%(n)d of %(all)d rows imported"))
            upload.refresh_from_db()
        if upload.rows.filter(outcome=roster.Outcome.BROKEN.value).exists():
            self.stdout.write(
                "Rows that need something were left out. Mend the file and import it again: "
                "what is there stays as it is."
            )
        if not confirmed:
            self.stdout.write(_("Nothing was written: no row is ready."))
        else:
            self.stdout.write(roster.done(roster.done_so_far(upload)))
