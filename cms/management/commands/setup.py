"""From an empty database to a site: the pack's data, the pages, the first administrator."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from alumni.models import User
from cms import founding, founding_training
from cms.indexing import indexed_afterwards
from newsletters import letters
from newsletters.addresses import normalise


class Command(BaseCommand):
    """`manage.py setup`: asks for what it was not told, unless `--no-input`."""

    help = (
        "Load the centre's pack, make the pages and the first administrator, send a test mail. "
        "Safe to run again: what stands is never overwritten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-input", action="store_true", help="ask nothing; leave out what was not given"
        )
        parser.add_argument(
            "--site-url", help="only checked: it must be the SITE_URL of the environment"
        )
        parser.add_argument("--admin-email", help="address of the first administrator")
        parser.add_argument(
            "--test-mail", metavar="ADDRESS", help="send the test mail here (again)"
        )
        parser.add_argument(
            "--claim-database",
            action="store_true",
            help="this database came from another deployment and shall mail from here from now on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_site(options["site_url"])
        administrator = _comparable(options["admin_email"], "--admin-email")
        tester = _comparable(options["test_mail"], "--test-mail")
        asks = not options["no_input"] and sys.stdin.isatty()
        self._load(claim_database=options["claim_database"])
        if asks and not administrator:
            administrator = self._ask_for_address()
        if administrator:
            self._administrator(administrator, asks=asks)
        if tester:
            self._test_mail(tester)

    def _load(self, *, claim_database: bool) -> None:
        pack = settings.PACK
        self._say(f"Pack: {pack.code} ({pack.name_of(pack.network_name, 'en')})")
        with transaction.atomic(), indexed_afterwards():
            instance = founding.guard(claim_database=claim_database)
            for what, made in (
                ("topics, in all languages", founding.topics(pack)),
                (
                    "programmes, projects, courses and runs",
                    founding_training.rows(pack.training),
                ),
                ("newsletters", founding.newsletters(pack)),
                ("pages", founding.pages(pack)),
                (
                    "course pages",
                    founding_training.course_pages(pack, pack.training, pack.languages),
                ),
                (
                    "pages of programmes and projects",
                    founding_training.programme_pages(pack, pack.training, pack.languages),
                ),
            ):
                self._say(f"  {made:>3} new {what}")
        if instance.name != settings.SITE_INSTANCE:
            self.stderr.write(
                f"This database belongs to {instance.name!r}, this deployment is "
                f"{settings.SITE_INSTANCE!r}: nothing is mailed. If that is meant, "
                "run setup --claim-database."
            )

    def _check_site(self, given: str | None) -> None:
        if given and given.rstrip("/") != settings.SITE_URL:
            raise CommandError(
                f"SITE_URL is {settings.SITE_URL} and stands in every mail. Set SITE_URL={given} "
                "in the environment of all processes, then run setup again."
            )

    def _ask_for_address(self) -> str:
        if User.objects.filter(is_superuser=True).exists():
            return ""
        while True:
            given = input("E-mail address of the first administrator (empty: later): ").strip()
            try:
                return _comparable(given, given)
            except CommandError as error:
                self.stderr.write(str(error))

    def _administrator(self, address: str, *, asks: bool) -> None:
        if User.objects.filter(email=address).exists():
            self._say(f"  {address} can sign in already; nothing changed")
            return
        with transaction.atomic():
            user = User.objects.create_superuser(
                address, self._ask_for_password() if asks else None
            )
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        self._say(f"  {address} is an administrator and signs in at {settings.SITE_URL}/cms/")
        self._test_mail(address)

    def _ask_for_password(self) -> str | None:
        while True:
            password = getpass.getpass("Password (empty: sign in by a code sent by mail): ")
            if not password:
                return None
            try:
                validate_password(password)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                continue
            if password == getpass.getpass("The same again: "):
                return password
            self.stderr.write("The two are not the same.")

    def _test_mail(self, address: str) -> None:
        letters.post(
            kind="test",
            to=address,
            language=settings.LANGUAGE_CODE,
            params={"site": settings.SITE_URL},
        )
        self._say(f"  a test mail to {address} waits for the worker")

    def _say(self, line: str) -> None:
        self.stdout.write(line)


def _comparable(given: str | None, option: str) -> str:
    """The address as it is stored; nothing stays nothing."""
    if not given:
        return ""
    try:
        return normalise(given)
    except ValidationError as error:
        raise CommandError(f"{option}: {' '.join(error.messages)}") from error
