"""kill -9 of the worker where it matters: nobody is lost, nobody is written to twice.

The provider stand-in's ledger is the judge: what it took in is what people got.
"""

import pytest

pytestmark = pytest.mark.slow

TITLE = "Kisumu tries the checklist"
BATCHES = """
    SELECT b.state, count(*) FROM newsletters_batch b JOIN newsletters_issue i ON i.id = b.issue_id
    GROUP BY b.state ORDER BY b.state
"""

IN_DOUBT = """
    SELECT s.address FROM newsletters_delivery d
    JOIN newsletters_subscriber s ON s.id = d.subscriber_id
    JOIN newsletters_batch b ON b.id = d.batch_id WHERE b.state = 'uncertain'
"""


def publish_and_kill_at(live, point):
    """The digest about the story leaves, and its worker dies at this point of the first batch."""
    live.start_mail()
    readers = live.publish(TITLE)
    live.ring("send_due")
    live.work_until_killed_at(point)
    return readers


def recover(live):
    """A healthy worker takes over; what is left over is found when the dead one's lease ends."""
    live.start_worker()

    def nothing_is_held():
        live.ring("sweep", "send_due")
        held = live.sql(
            "SELECT 1 FROM newsletters_batch WHERE state IN ('queued', 'claimed', 'submitting')"
        )
        return not held

    live.until(nothing_is_held)


def test_worker_killed_before_the_hand_over_loses_nobody(live):
    readers = publish_and_kill_at(live, "P1")

    recover(live)

    assert live.got(TITLE) == readers
    assert dict(live.sql(BATCHES)).keys() == {"accepted"}


@pytest.mark.parametrize(("point", "handed_over"), [("P2", False), ("P4", True), ("P5", True)])
def test_worker_killed_around_the_hand_over_leaves_a_named_doubt(live, point, handed_over):
    readers = publish_and_kill_at(live, point)

    recover(live)
    doubtful = live.sql("SELECT reason, size FROM newsletters_batch WHERE state = 'uncertain'")
    in_doubt = {address for (address,) in live.sql(IN_DOUBT)}
    got = live.got(TITLE)

    assert doubtful == [("the worker stopped between hand-over and record", len(in_doubt))]
    assert in_doubt
    assert got == [reader for reader in readers if handed_over or reader not in in_doubt]
    assert bool(live.mails_to(in_doubt)) == handed_over


def test_worker_killed_after_the_record_changes_nothing(live):
    readers = publish_and_kill_at(live, "P6")

    recover(live)

    assert live.got(TITLE) == readers
    assert dict(live.sql(BATCHES)).keys() == {"accepted"}


def test_worker_killed_while_the_provider_holds_its_answer_is_not_repeated(live):
    live.start_mail()
    readers = live.publish(TITLE)
    worker = live.start_worker()
    live.hold()
    live.ring("send_due")
    live.until(live.held)
    handed_over = live.got(TITLE)

    live.kill(worker)
    live.release()
    recover(live)

    doubtful = live.sql("SELECT reason FROM newsletters_batch WHERE state = 'uncertain'")
    assert {reason for (reason,) in doubtful} == {"the worker stopped between hand-over and record"}
    assert live.got(TITLE) == readers
    assert set(handed_over) <= set(readers)
