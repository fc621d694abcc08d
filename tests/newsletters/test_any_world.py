"""The engine against a naive judge in worlds that nobody thought of."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.newsletters import NewsletterFactory, own_this_database
from tests.newsletters import worlds
from tests.newsletters.worlds import COUNTRIES, DAY, TOPICS, UTC, World

START = dt.datetime(2026, 3, 20, tzinfo=UTC)
DAYS = 75
INTERESTS = [*COUNTRIES[:3], TOPICS[0]]
pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.slow]

hours = st.integers(-48, DAYS * 24)
followed = st.frozensets(st.sampled_from(INTERESTS), min_size=1, max_size=2)
texts = st.dictionaries(st.sampled_from(["en", "ar"]), hours, min_size=1)
stories = st.tuples(
    texts, followed, st.none() | st.integers(0, 20), st.sampled_from(["public"] * 4 + ["members"])
)
readers = st.fixed_dictionaries(
    {
        "languages": st.sampled_from([("en",), ("ar",), ("ar", "en")]),
        "frequency": st.sampled_from(["daily", "weekly", "monthly"]),
        "interests": followed | st.just(frozenset({"all"})),
        "is_member": st.booleans(),
    }
)
doings = st.one_of(
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("rest"), st.integers(1, 40)),
    st.tuples(st.just("interests"), followed),
    st.tuples(st.just("frequency"), st.sampled_from(["daily", "weekly", "monthly"])),
)
events = st.tuples(st.integers(0, 4), st.integers(0, DAYS * 24), doings)


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    published=st.lists(stories, max_size=14),
    people=st.lists(readers, min_size=1, max_size=5),
    happenings=st.lists(events, max_size=5),
    zone=st.sampled_from(["Africa/Cairo", "Europe/Lisbon", "Asia/Kolkata"]),
    seed=st.integers(0, 99),
)
def test_the_engine_and_the_judge_agree(
    db: None,
    published: list[Any],
    people: list[Any],
    happenings: list[Any],
    zone: str,
    seed: int,
) -> None:
    with time_machine.travel(START, tick=False) as traveller, transaction.atomic():
        own_this_database()
        newsletter = NewsletterFactory(timezone=zone)
        entries = [
            worlds.entry(
                number,
                # No two at once: which is the newer one is nobody's promise.
                {
                    language: START + dt.timedelta(hours=hour, seconds=2 * number + place)
                    for place, (language, hour) in enumerate(sorted(moments.items()))
                },
                interests,
                deadline=None
                if days is None
                else (START + dt.timedelta(hours=min(moments.values()), days=days)).date(),
                audience="public" if days is not None else audience,
            )
            for number, (moments, interests, days, audience) in enumerate(published)
        ]
        found = worlds.settle_in(newsletter, people, "reader")
        world = World(
            entries, found, [newsletter], traveller.move_to, random.Random(seed), fails=0.2
        )
        # A rhythm that nobody ever has makes empty digests, and nothing else.
        asked = {one["frequency"] for one in people}
        asked |= {value for _place, _hour, (what, value) in happenings if what == "frequency"}
        world.rhythms[newsletter.pk] = sorted(asked)
        world.events += [(START, world.join(reader)) for reader in found]
        for place, hour, (what, value) in happenings:
            reader, at = found[place % len(found)], START + dt.timedelta(hours=hour, minutes=30)
            if what == "leave":
                world.events.append((at, world.leave(reader)))
            else:
                wish = {what: DAY * value if what == "rest" else value}
                world.events.append((at, world.prefer(reader, **wish)))

        world.run(START, START + DAYS * DAY)

        transaction.set_rollback(True)
