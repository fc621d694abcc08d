"""Celery is only the door-bell: rung three times, or by two beats, nothing that is sent changes."""

import pytest

pytestmark = pytest.mark.slow

TITLE = "Nakuru translates the leaflet"
ALL_TASKS = ("send_due", "sweep", "deliver_batches")

LISTED = "list-unsubscribe"


def to_readers(live):
    """Mails of a mailing; colleagues are told of the next digest in a letter of their own."""
    return sum(LISTED in mail.headers for mail in live.mailbox.mails())


DIGESTS = "SELECT count(*) FROM newsletters_issue WHERE kind = 'digest' AND reference = ''"


def settle(live):
    """Ring until nothing more leaves: calls that close soon follow a digest one by one."""
    mailings = None
    while mailings != (mailings := live.sql("SELECT count(*) FROM newsletters_issue")):
        live.ring("send_due")
        live.until(lambda: live.idle() and live.everything_sent())


def test_every_message_three_times_changes_nothing(live):
    live.start_mail()
    readers = live.publish(TITLE)
    live.start_worker()

    for _ in range(4):
        live.ring(*ALL_TASKS, times=3)
    live.until(live.everything_sent)
    live.ring(*ALL_TASKS, times=3)
    live.until(live.idle)

    assert live.got(TITLE) == readers
    assert live.sql(DIGESTS) == [(1,)]
    assert live.sql(
        "SELECT count(*) FROM (SELECT body_sha256, batch_id FROM newsletters_attempt"
        " GROUP BY body_sha256, batch_id HAVING count(*) > 1) AS twice"
    ) == [(0,)]


def test_two_beats_open_one_issue_a_period(live):
    live.start_mail()
    readers = live.publish(TITLE)
    live.start_worker()

    live.start_beat("beat")
    live.start_beat("second-beat")
    live.until(live.everything_sent)
    ticks = live.sql("SELECT at FROM newsletters_pulse WHERE name = 'tick'")
    live.until(lambda: live.sql("SELECT at FROM newsletters_pulse WHERE name = 'tick'") != ticks)

    assert live.got(TITLE) == readers
    assert live.sql(DIGESTS) == [(1,)]


def test_two_workers_share_the_work_without_doubling_it(live):
    live.start_mail()
    readers = live.publish(TITLE)
    live.start_worker()
    live.supervisor.start("second worker", [*live.site.worker(), "-n", "second@%h"])

    live.ring(*ALL_TASKS, times=2)
    live.until(live.everything_sent)

    assert live.got(TITLE) == readers


def test_nothing_new_sends_nothing_and_says_why(live):
    live.start_mail()
    live.publish(TITLE)
    live.start_worker()
    settle(live)
    live.fall_due()
    settle(live)
    assert live.sql(DIGESTS) == [(2,)]
    before = to_readers(live)
    assert before

    live.fall_due()
    settle(live)

    assert live.sql(DIGESTS) == [(3,)]
    assert to_readers(live) == before
    ((audience, reason),) = live.sql(
        "SELECT audience, reason FROM newsletters_issue WHERE reference = ''"
        " ORDER BY id DESC LIMIT 1"
    )
    assert audience == 0
    assert reason
