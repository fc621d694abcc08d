"""django-newsletter: a newsletter a language, submitted, and its command sends what is queued.

One process: two of its commands side by side would both take every submission.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from django.core.management import call_command
from newsletter.models import Message, Newsletter, Submission, Subscription

from benchmarks.driver import Race, as_template, content
from benchmarks.people import readers

OWN = "subscription.activation_code"


def prepare() -> Race:
    """Newsletters, one message each, its design as their own templates, and subscriptions."""
    call_command("migrate", verbosity=0)
    made = {}
    for language, mail in content("written").items():
        folder = Path(os.environ["BENCH_SIGNS"], "templates", "newsletter", "message", language)
        folder.mkdir(parents=True)
        (folder / "message_subject.txt").write_text(mail["subject"])
        (folder / "message.txt").write_text(as_template(mail["text"], u=OWN, p=OWN))
        (folder / "message.html").write_text(as_template(mail["html"], u=OWN, p=OWN))
        made[language] = Newsletter.objects.create(
            title=language, slug=language, email="stories@news.example.org", sender="Network"
        )
        Message.objects.create(newsletter=made[language], title=language, slug=language)
    people = readers(int(os.environ["BENCH_SIZE"]))
    while some := list(islice(people, 5000)):
        Subscription.objects.bulk_create(
            Subscription(
                newsletter=made[one.language],
                email_field=one.address,
                activation_code=one.unsubscribe,
                subscribed=True,
            )
            for one in some
        )
    return race


def race() -> None:
    for message in Message.objects.order_by("pk"):
        submission = Submission.from_message(message)
        submission.prepared = True
        submission.save()
    call_command("submit_newsletter", verbosity=0)
