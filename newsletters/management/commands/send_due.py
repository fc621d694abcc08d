"""What the tick does, by hand: open what is due, draw up the lists, ring the worker."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError

from newsletters import attention, schedule, tasks
from newsletters.models import Newsletter


class Command(BaseCommand):
    """`manage.py send_due [--now NEWSLETTER]`; safe to run at any time and beside the tick."""

    help = "Open mailings that are due and ring the worker. Readers get only what is new to them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--now", metavar="NEWSLETTER", help="make this newsletter's digests due now (its slug)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if slug := options["now"]:
            newsletter = Newsletter.objects.filter(slug=slug).first()
            if newsletter is None:
                slugs = ", ".join(Newsletter.objects.values_list("slug", flat=True))
                raise CommandError(f"There is no newsletter {slug!r}. There are: {slugs}.")
            schedule.bring_forward(newsletter)
        try:
            tasks.send_due()
        except OperationalError as error:
            raise CommandError(
                f"The broker does not answer ({error}). The lists are drawn up; they leave as soon "
                "as the worker runs again."
            ) from error
        for warning in attention.warnings():
            self.stderr.write(self.style.WARNING(warning))
        self.stdout.write("Due mailings are opened; `manage.py newsletter_status` follows them.")
