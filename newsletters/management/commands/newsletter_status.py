"""Where every mailing stands: the sum that closes, and what keeps mail from leaving."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsletters import attention, reports, tallies
from newsletters.models import Issue


class Command(BaseCommand):
    """`manage.py newsletter_status [ISSUE]`."""

    help = "Show the latest mailings with the sum of their audience, warnings, and what is next."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("issue", nargs="?", type=int, help="number of one mailing")

    def handle(self, *args: Any, **options: Any) -> None:
        issues = Issue.objects.select_related("newsletter").prefetch_related("newsletter__wordings")
        if options["issue"]:
            issues = issues.filter(pk=options["issue"])
            if not issues:
                raise CommandError(f"There is no mailing number {options['issue']}.")
        for warning in attention.warnings():
            self.stdout.write(self.style.WARNING(f"! {warning}"))
        for issue in issues[:10]:
            self._line(issue)
        if not options["issue"]:
            for newsletter, frequency, moment, _row in reports.next_mailings():
                self.stdout.write(f"next: {newsletter}, {frequency}: {moment:%A %Y-%m-%d %H:%M %Z}")

    def _line(self, issue: Issue) -> None:
        tally = tallies.tally(issue)
        parts = [f"{n} {tallies.LABELS[name]}" for name, n in tally.parts.items() if n]
        closes = "" if tally.closes else "  THE SUM DOES NOT CLOSE"
        self.stdout.write(
            f"{issue.pk}: {issue} [{issue.get_state_display()}] "
            f"{tally.audience} = {' + '.join(parts) or '0'}{closes}"
        )
        left_out = [f"{n} {reports.LEFT_OUT.get(why, why)}" for why, n in issue.excluded.items()]
        if left_out:
            self.stdout.write(f"   left out: {', '.join(left_out)}")
        if issue.reason:
            self.stdout.write(f"   {reports.reason(issue)}")
        if any(facts := reports.facts(issue).values()):
            delivered, bounced, complained = facts
            self.stdout.write(f"   delivered {delivered}, bounced {bounced}, spam {complained}")
