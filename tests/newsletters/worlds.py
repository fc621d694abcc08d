"""Invented worlds of readers and stories, a year of their digests, and what each should be told.

`Naive` is the judge: sets of keys per reader, no window, no mask, no moment up to which somebody
was told. `World` drives the engine's own schedule, notices, freezing and closing on a clock that
the test moves. The hand-over to the mail service is left out, for it has tests and faults of its
own: batches are marked accepted or failed, and the mailing closes as it always does.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from newsletters import notices, schedule, subscriptions
from newsletters.models import Batch, Cadence, Issue, Newsletter, Subscriber, Subscription
from newsletters.pipeline import closing, freeze
from newsletters.sources import Entry, Interest, Text
from tests.newsletters import fake_source

UTC = dt.UTC
DAY = dt.timedelta(days=1)
COUNTRIES = [f"country:{letter}{other}" for letter in "ABCDE" for other in "KLM"]
TOPICS = [f"topic:{word}" for word in ("law", "referral", "money", "sea", "data")]
SILENCE = 60 * DAY
TOLD = """
SELECT d.subscriber_id, e.selection, b.state FROM newsletters_delivery d
JOIN newsletters_batch b ON b.id = d.batch_id JOIN newsletters_edition e ON e.id = b.edition_id
WHERE d.issue_id = %s
"""


@dataclass(eq=False)
class Reader:
    """A subscription as the judge knows it."""

    pk: int
    subscription: int
    newsletter: int
    languages: tuple[str, ...]
    frequency: str
    interests: frozenset[str]
    is_member: bool = False
    joined_at: dt.datetime = dt.datetime.max.replace(tzinfo=UTC)
    left: bool = False
    paused_until: dt.datetime | None = None
    changed: bool = False
    known: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)
    """What a mailing had no room for."""
    noticed: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    heard_at: dt.datetime | None = None
    settled_at: dt.datetime | None = None


class Naive:
    """What everyone should be told."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = {entry.key: entry for entry in entries}
        self.since: dict[tuple[str, ...], dict[str, dt.datetime]] = {}
        self.live: dict[tuple[tuple[str, ...], dt.datetime], dict[str, dt.datetime]] = {}

    def readable(self, reader: Reader, until: dt.datetime) -> dict[str, dt.datetime]:
        """Since when the reader could read each entry, of those that could be read by then."""
        if reader.languages not in self.since:
            moments = {
                key: [text.mailable_at for text in entry.texts if text.language in reader.languages]
                for key, entry in self.entries.items()
            }
            self.since[reader.languages] = {key: min(m) for key, m in moments.items() if m}
        if (reader.languages, until) not in self.live:
            if len(self.live) > 50:
                self.live.clear()
            self.live[reader.languages, until] = {
                key: at for key, at in self.since[reader.languages].items() if at <= until
            }
        return self.live[reader.languages, until]

    def wants(self, reader: Reader, key: str, day: dt.date) -> bool:
        """Whether it is of the reader's, to be read by the reader, and not over."""
        entry = self.entries[key]
        follows = "all" in reader.interests or bool(entry.interests & reader.interests)
        allowed = entry.audience == "public" or reader.is_member
        return follows and allowed and (entry.deadline is None or entry.deadline >= day)

    def digest(self, reader: Reader, issue: Issue, day: dt.date) -> set[str]:
        """What the reader's mail tells of; empty: no mail."""
        cutoff = issue.cutoff_at
        since = self.readable(reader, cutoff)
        new = {key for key in since if self.has_room(reader, issue, key, since[key])}
        own = {key for key in new - reader.noticed if self.wants(reader, key, day)}
        if own:
            others = self.newest(since, new - own - reader.owed)
            return own | set(others[:2]) if len(own) < 3 else own
        # Whoever rested heard nothing because of that.
        heard = max(moment for moment in (reader.heard_at, reader.paused_until) if moment)
        waits = issue.told_from is not None or reader.owed
        if heard <= cutoff - SILENCE and not waits:
            return set(self.newest(since, {k for k in since if since[k] > cutoff - SILENCE})[:3])
        return set()

    def has_room(self, reader: Reader, issue: Issue, key: str, at: dt.datetime) -> bool:
        """Whether it is new to the reader, and the issue is said to have room for it."""
        if key in reader.owed:
            return issue.owed_until is not None and at <= issue.owed_until
        return key not in reader.known and (issue.told_from is None or at > issue.told_from)

    def newest(self, since: dict[str, dt.datetime], keys: Iterable[str]) -> list[str]:
        """Those of the keys that may go to a reader who does not follow them, newest first."""
        for_anyone = [
            key
            for key in keys
            if self.entries[key].audience == "public" and self.entries[key].kind == "story"
        ]
        return sorted(for_anyone, key=lambda key: since[key], reverse=True)


@dataclass
class World:
    """Newsletters, readers and stories on a clock, and the judge beside them."""

    entries: list[Entry]
    readers: list[Reader]
    newsletters: list[Newsletter]
    move_to: Callable[[dt.datetime], None]
    rng: random.Random
    events: list[tuple[dt.datetime, Callable[[dt.datetime], None]]] = field(default_factory=list)
    rhythms: dict[int, list[str]] = field(default_factory=dict)
    fails: float = 0.02
    mails: int = 0
    issues: int = 0
    owed: int = 0
    """Entries that mailings had no room for."""

    def run(self, start: dt.datetime, end: dt.datetime) -> None:
        """From one moment to another, from event to event."""
        self.naive = Naive(self.entries)
        fake_source.published[:] = self.entries
        fake_source.more_interests[:] = [
            Interest(code, code.partition(":")[2].title(), "All") for code in COUNTRIES + TOPICS
        ]
        members = [reader.pk for reader in self.readers if reader.is_member]
        addresses = Subscriber.objects.filter(pk__in=members).values_list("address", flat=True)
        fake_source.permitted["members"] = set(addresses)
        for newsletter in self.newsletters:
            schedule.ensure_cadences(newsletter, now=start)
            asked = self.rhythms.get(newsletter.pk, ["daily", "weekly", "monthly"])
            newsletter.cadences.exclude(frequency__in=asked).delete()
        events = sorted(self.events + self._calls(), key=lambda event: event[0])
        while True:
            due = Cadence.objects.order_by("next_at").values_list("next_at", flat=True).first()
            moments = [moment for moment in (due, events[0][0] if events else None) if moment]
            now = min(moments)
            if now > end:
                return
            self.move_to(now)
            while events and events[0][0] <= now:
                events.pop(0)[1](now)
            self._tick(now)

    def _calls(self) -> list[tuple[dt.datetime, Callable[[dt.datetime], None]]]:
        """The clock also stops when a text of a call goes live: the tick would come by."""
        texts = [text for entry in self.entries if entry.deadline for text in entry.texts]
        return [(text.mailable_at, lambda now: None) for text in texts]

    def _tick(self, now: dt.datetime) -> None:
        while opened := schedule.open_due(now) or notices.open_due(now):
            for issue in opened:
                frozen = freeze.freeze(issue.pk)
                assert frozen is not None
                self.issues += 1
                lost = self._hand_over(frozen)
                self._judge(frozen, now, lost)

    def _hand_over(self, issue: Issue) -> set[int]:
        """Most batches are taken, some fail; the mailing closes by itself."""
        batches = list(Batch.objects.filter(issue=issue).values_list("pk", flat=True))
        failed = [pk for pk in batches if self.rng.random() < self.fails]
        Batch.objects.filter(issue=issue).update(state=Batch.State.ACCEPTED)
        Batch.objects.filter(pk__in=failed).update(state=Batch.State.FAILED)
        if issue.state == Issue.State.SENDING:
            assert closing.close(issue)
        return set(failed)

    def _judge(self, issue: Issue, now: dt.datetime, lost: set[int]) -> None:
        """The engine's mails are those of the judge, and nothing in them is old or over."""
        with connection.cursor() as cursor:
            cursor.execute(TOLD, [issue.pk])
            rows = cursor.fetchall()
        got = {pk: ({name.partition("@")[0] for name in names}, state) for pk, names, state in rows}
        day = now.astimezone(issue.newsletter.zone).date()
        for reader in self.readers:
            if self._is_meant(reader, issue, now):
                told, state = got.pop(reader.pk, (set(), "accepted"))
                should = self._should(reader, issue, day)
                assert told == should, self._complaint(reader, issue, told, should)
                if state == "accepted":
                    self._settle(reader, issue, told)
        assert got == {}, "somebody got a mail who receives none"
        for names in (names for _pk, names, _state in rows):
            keys = [name.partition("@")[0] for name in names]
            assert keys, "an empty mail"
            assert len(keys) == len(set(keys)), "one story twice in a mail"
            deadlines = [self.naive.entries[key].deadline for key in keys]
            assert all(last is None or last >= day for last in deadlines), "a call that is over"
        self.mails += len(rows)

    def _is_meant(self, reader: Reader, issue: Issue, now: dt.datetime) -> bool:
        rests = reader.paused_until is not None and reader.paused_until > now
        begun = reader.joined_at <= now and not reader.left and not rests
        mine = (reader.newsletter, reader.frequency) == (issue.newsletter_id, issue.frequency)
        return begun and mine

    def _should(self, reader: Reader, issue: Issue, day: dt.date) -> set[str]:
        if not issue.is_notice:
            return self.naive.digest(reader, issue, day)
        new = self.naive.readable(reader, issue.cutoff_at).keys() - reader.known - reader.noticed
        return {k for k in new if k == issue.reference and self.naive.wants(reader, k, day)}

    def _settle(self, reader: Reader, issue: Issue, told: set[str]) -> None:
        twice = told & set(reader.told)
        assert not twice, f"told twice: {twice}"
        reader.told += sorted(told)
        if told:
            reader.heard_at = max(reader.heard_at or issue.cutoff_at, issue.cutoff_at)
        if issue.is_notice:
            reader.noticed |= told
        else:
            since = self.naive.readable(reader, issue.cutoff_at)
            untold = since.keys() - reader.known
            reader.owed = {k for k in untold if not self.naive.has_room(reader, issue, k, since[k])}
            reader.known |= since.keys() - reader.owed
            self.owed += len(reader.owed)
            reader.settled_at = issue.cutoff_at

    def _complaint(self, reader: Reader, issue: Issue, told: set[str], should: set[str]) -> str:
        names = ("languages", "interests", "joined_at", "changed", "paused_until", "settled_at")
        known = {name: vars(reader)[name] for name in names}
        missed = [self.naive.entries[key] for key in should - told]
        return f"{issue} told {told - should} too much and {missed} too little: {known}"

    def missed(self) -> list[tuple[int, str]]:
        """What matched whoever stayed and changed nothing, and stayed untold by the last digest."""
        return [
            (reader.pk, key)
            for reader in self.readers
            if reader.settled_at and not (reader.left or reader.changed or reader.paused_until)
            for key, since in self.naive.readable(reader, reader.settled_at).items()
            if since > reader.joined_at and self.naive.wants(reader, key, dt.date.min)
            if key not in reader.told
        ]

    # What readers do.

    def join(self, reader: Reader) -> Callable[[dt.datetime], None]:
        def happen(now: dt.datetime) -> None:
            Subscription.objects.filter(pk=reader.subscription).update(
                state="confirmed", confirmed_at=now, caught_up_at=now, heard_at=now
            )
            reader.joined_at = reader.heard_at = now
            reader.known = {*self.naive.readable(reader, now)}

        return happen

    def leave(self, reader: Reader) -> Callable[[dt.datetime], None]:
        def happen(now: dt.datetime) -> None:
            row = Subscription.objects.get(pk=reader.subscription)
            subscriptions.unsubscribe(row, how="button in the mail", language="en")
            reader.left = True

        return happen

    def prefer(self, reader: Reader, **wishes: Any) -> Callable[[dt.datetime], None]:
        def happen(now: dt.datetime) -> None:
            rest = wishes.get("rest")
            reader.paused_until = now + rest if rest else reader.paused_until
            reader.frequency = wishes.get("frequency", reader.frequency)
            reader.interests = frozenset(wishes.get("interests", reader.interests))
            reader.changed = reader.changed or "rest" not in wishes
            subscriptions.prefer(
                Subscription.objects.get(pk=reader.subscription),
                frequency=reader.frequency,
                interests=sorted(reader.interests),
                paused_until=reader.paused_until,
            )

        return happen

    def correct(self, number: int) -> Callable[[dt.datetime], None]:
        """An editor mends words: nobody hears of it again."""

        def happen(now: dt.datetime) -> None:
            entry = fake_source.published[number]
            texts = tuple(replace(text, title=f"{text.title}, mended") for text in entry.texts)
            fake_source.published[number] = replace(entry, texts=texts)

        return happen


def entry(
    number: int,
    moments: dict[str, dt.datetime],
    interests: Iterable[str],
    *,
    deadline: dt.date | None = None,
    audience: str = "public",
) -> Entry:
    """A story, or with a deadline a call."""
    kind = "update" if deadline else "story"
    key = f"{kind}-{number}"
    return Entry(
        key=key,
        kind=kind,
        texts=tuple(
            Text(
                language=language,
                title=f"{key} ({language}): what one country learned",
                standfirst="A standfirst.",
                url=f"http://testserver/{language}/stories/{key}/",
                mailable_at=moment,
            )
            for language, moment in moments.items()
        ),
        interests=frozenset(interests) | {"all"},
        audience=audience,
        deadline=deadline,
    )


def settle_in(newsletter: Newsletter, wishes: list[dict[str, Any]], prefix: str) -> list[Reader]:
    """Subscriptions that wait for their confirmation, in bulk."""
    people = Subscriber.objects.bulk_create(
        Subscriber(address=f"{prefix}-{number}@example.org", languages=list(wish["languages"]))
        for number, wish in enumerate(wishes)
    )
    rows = Subscription.objects.bulk_create(
        Subscription(
            subscriber=person,
            newsletter=newsletter,
            frequency=wish["frequency"],
            interests=sorted(wish["interests"]),
        )
        for person, wish in zip(people, wishes, strict=True)
    )
    return [
        Reader(person.pk, row.pk, newsletter.pk, **wish)
        for person, row, wish in zip(people, rows, wishes, strict=True)
    ]
