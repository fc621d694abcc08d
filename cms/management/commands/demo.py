"""Fill the site with the pack's demonstration; the sign-ins go to stdout, progress to stderr."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cms import founding_training
from cms.demo import afterwards, articles, letters, people, resources, rhythm
from cms.demo.steps import PASSWORD as PASSWORD
from cms.indexing import indexed_afterwards
from newsletters.models import Newsletter

if TYPE_CHECKING:
    from packs.afterwards import Afterwards


class Command(BaseCommand):
    """`manage.py demo`: set up, then the invented content; what stands is left as it is."""

    help = (
        "Fill this site with invented stories, people and readers. Only with the demo settings, "
        "or with --force. Safe to run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="also where the settings are not the demo's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pack, demo = settings.PACK, getattr(settings, "DEMO", False)
        if not demo and not options["force"]:
            raise CommandError(
                "These are not the demo settings, and the demonstration invents people who can "
                "sign in. If you want them in this database, add --force."
            )
        found = pack.demonstration(timezone.localdate())
        if found is None:
            raise CommandError(f"The pack {pack.code!r} has no demo/ folder.")
        call_command("setup", no_input=True, stdout=self.stderr)
        password = PASSWORD if demo else secrets.token_urlsafe(12)
        digest = Newsletter.objects.filter(kind=Newsletter.Kind.DIGEST).order_by("pk")[0]
        with transaction.atomic(), indexed_afterwards():
            self._say(founding_training.rows(found.training), "invented projects, courses and runs")
            new = [plan for plan in found.staff if people.colleague(plan, password=password)]
            self._say(len(new), "people on the editing side")
            self._say(
                sum(people.person(plan, password=password) for plan in found.people),
                "invented alumni",
            )
            written_in = {language for plan in found.stories.values() for language in plan.texts}
            self._say(
                founding_training.course_pages(pack, found.training, written_in), "course pages"
            )
            made = founding_training.programme_pages(pack, found.training, written_in)
            self._say(made, "pages of programmes and projects")
            self._say(sum(map(articles.country, found.countries)), "countries with a page")
            self._say(sum(map(articles.fact, found.facts)), "invented facts of countries")
            for name, plan in found.stories.items():
                self._say(articles.story(name, plan), f"story: {name}")
                articles.cover_of_its_course(name)
            for name, begun in found.drafts.items():
                self._say(articles.draft(name, begun), f"story that waits: {name}")
            for name, offer in found.updates.items():
                self._say(articles.update(name, offer), f"call: {name}")
            for name, kept in found.resources.items():
                self._say(resources.resource(name, kept), f"resource: {name}")
            readers = sum(people.reader(plan, digest) for plan in found.readers)
            self._say(readers, "readers")
            self._say(sum(map(people.agrees, found.people)), "who let the centre ask")
            if readers:
                for newsletter in Newsletter.objects.filter(cadences__isnull=False).distinct():
                    rhythm.leaves_tomorrow(newsletter)
            self._afterwards(found.afterwards)
            if found.letters:
                self._say(letters.letters(found.letters), "mailings written by hand")
        known = demo or bool(new)
        self.stdout.write(f"Password of all sign-ins: {password if known else 'as first printed'}")
        for colleague in found.staff:
            role = "administrator" if colleague.administrator else "editor"
            self.stdout.write(f"{role:<16}{colleague.address}")
        for person in found.people:
            if person.sign_in:
                self.stdout.write(f"{'alumnus':<16}{person.address}")

    def _afterwards(self, done: Afterwards) -> None:
        self._say(sum(map(afterwards.answer, done.answers)), "answers")
        self._say(sum(map(afterwards.plan, done.plans)), "action plans")
        self._say(sum(map(afterwards.change, done.changes)), "changes at work")
        self._say(afterwards.indicators(done.indicators), "indicators")
        self._say(sum(map(afterwards.certificate, done.certificates)), "certificates")
        self._say(sum(map(afterwards.conversation, done.conversations)), "conversations")
        self._say(sum(map(afterwards.access, done.accesses)), "accesses")

    def _say(self, made: int, what: str) -> None:
        self.stderr.write(f"  {int(made):>3} new {what}")
