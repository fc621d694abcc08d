"""Machines open every link of a mail before its reader does. Ten thousand looks change nothing."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test import Client

from alumni.models import Answer
from localmail import Mailbox
from newsletters import letters, links, plans, subscriptions
from newsletters.models import Letter, Newsletter, OneTimeLink, Subscription, Suppression
from newsletters.pipeline import deliver, freeze
from tests.alumni.conftest import DAY
from tests.factories.cms import StoryFactory, site_tree
from tests.factories.newsletters import (
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

LOOKS, EACH, AT_ONCE = 10_000, 200, 4
"""Looks in all; on each link; at the same time. The rest fall on what a press would act upon."""
PLAIN = Path(__file__).parents[1] / "newsletters" / "templates"
"""A page without menu and footer: drawing those ten thousand times tells nothing."""
LINK = re.compile(r"http://testserver/[^\s\"'<>\u2068\u2069]*")
KIND = re.compile(r"/n/(\w+)/")
OURS = ("newsletters_%", "alumni_%")


def everything():
    """Every row of readers, members and mailings, as the database writes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE ANY (%s) ORDER BY 1", [[*OURS]]
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')  # noqa: S608 (our names)
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def mailed_to(amina, mailbox, *, asked_by):
    """A digest, a question, a confirmation and the link to the preferences: what they hold."""
    tree = site_tree()
    digest = NewsletterFactory()
    SubscriptionFactory(newsletter=digest, subscriber=amina.subscriber)
    StoryFactory(parent=tree.stories["en"])
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    freeze.freeze(IssueFactory(newsletter=digest, cutoff_at=soon).pk)
    step = Newsletter.objects.get(slug="after-the-course").steps.get(code="3-months")
    freeze.freeze(plans.send(step, anchor="winter", day=DAY, by=asked_by).pk)
    while deliver.take_turn("test"):
        pass
    subscriptions.subscribe(
        address="newcomer@example.org",
        newsletter=digest,
        language="en",
        frequency="weekly",
        interests=["all"],
        network="",
    )
    links.post_preferences(SubscriberFactory(address="known@example.org"), "en")
    for letter in Letter.objects.filter(state="queued"):
        letters.hand_over(letter.pk)
    return mailbox.mails()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_looks_confirm_answer_and_unsubscribe_nobody(
    transactional_db, participant, tmp_path, settings, monkeypatch
):
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.KEEP_SURROUNDINGS = True
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [PLAIN, *engine["DIRS"]]}]
    amina = participant("amina@example.org")
    with Mailbox(tmp_path, api_key="key-of-the-tests", test_mode=True) as running:
        settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": running.api_url}
        mails = mailed_to(amina, running.client, asked_by=amina.user)
    held = dict.fromkeys(
        found.removeprefix(settings.SITE_URL)
        for mail in mails
        for found in LINK.findall(f"{mail.html} {mail.text} {mail.headers}")
    )
    assert len(mails) == 4
    assert Counter(KIND.findall(" ".join(held))) == {"u": 2, "p": 2, "c": 1, "go": 3}
    before = everything()

    logging.disable()  # a line for each look would be twenty thousand
    scanner = Client()
    first = [scanner.get(path, follow=True) for path in held]
    led_to = {one.wsgi_request.get_full_path() for one in first if one.redirect_chain}
    asking = [path for path in led_to if "/members/answer/" in path]
    own = [path for path in held if path.startswith("/n/")]
    acting = [path for path in own if path.startswith(("/n/u/", "/n/c/"))]
    looks = EACH * len(own + asking)
    every = [*islice(in_turn(own + asking), looks), *islice(in_turn(acting), LOOKS - looks)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = set().union(*threads.map(scan, (every[n::AT_ONCE] for n in range(AT_ONCE))))
    logging.disable(logging.NOTSET)

    assert (len(asking), len(acting), len(every)) == (3, 3, LOOKS)
    assert answers == {200, 302}
    assert everything() == before
    assert not Answer.objects.exists()
    assert not Suppression.objects.exists()
    assert Subscription.objects.get(subscriber__address="newcomer@example.org").state == "pending"
    assert not Subscription.objects.filter(state="left").exists()
    assert OneTimeLink.objects.filter(used_at=None).count() == 1


def in_turn(paths):
    """GET each, HEAD each, and so on."""
    return ((method, path) for method in cycle(("get", "head")) for path in paths)


def scan(looks):
    scanner = Client(enforce_csrf_checks=True)
    try:
        return {getattr(scanner, method)(path).status_code for method, path in looks}
    finally:
        connections.close_all()
