"""Why a mailing did, or did not, go to an address."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsletters.explain import explain
from newsletters.models import Issue


class Command(BaseCommand):
    """`manage.py explain_delivery ISSUE EMAIL`."""

    help = "Say what became of a mailing for an address, or why it did not go there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("issue", type=int, help="number of the mailing")
        parser.add_argument("email", help="address of the reader")

    def handle(self, *args: Any, **options: Any) -> None:
        issue = Issue.objects.select_related("newsletter").filter(pk=options["issue"]).first()
        if issue is None:
            raise CommandError(f"There is no mailing number {options['issue']}.")
        for sentence in explain(issue, options["email"]):
            self.stdout.write(sentence)
