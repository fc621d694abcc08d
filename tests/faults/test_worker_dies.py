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


def start_and_kill_at(live, point):
    """A worker that dies at this point while it sends the digest about the story."""
    live.start_mail()
    readers = live.publish(TITLE)
    worker = live.start_worker(RABITA_KILL_AT=point)
    live.ring("send_due")
    live.until(lambda: "SIGKILL" in live.site.log("worker").read_text())
    live.kill(worker)
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


@pytest.mark.parametrize("point", ["P1"])
def test_worker_killed_before_the_hand_over_loses_nobody(live, point):
    readers = start_and_kill_at(live, point)

    recover(live)

    assert live.got(TITLE) == readers
    assert dict(live.sql(BATCHES)).keys() == {"accepted"}


@pytest.mark.parametrize(("point", "handed_over"), [("P2", False), ("P4", True), ("P5", True)])
def test_worker_killed_around_the_hand_over_leaves_a_named_doubt(live, point, handed_over):
    readers = start_and_kill_at(live, point)
    before = live.got(TITLE)

    recover(live)
    recover_again = live.got(TITLE)
    doubtful = live.sql(
        "SELECT b.reason, b.size FROM newsletters_batch b WHERE b.state = 'uncertain'"
    )
    in_doubt = live.sql(
        "SELECT s.address FROM newsletters_delivery d JOIN newsletters_subscriber s"
        " ON s.id = d.subscriber_id JOIN newsletters_batch b ON b.id = d.batch_id"
        " WHERE b.state = 'uncertain'"
    )

    assert len(doubtful) == 1
    assert doubtful[0][0] == "the worker stopped between hand-over and record"
    assert doubtful[0][1] == len(in_doubt) > 0
    assert sorted(set(recover_again)) == recover_again
    if handed_over:
        assert recover_again == readers
    else:
        assert set(readers) - set(recover_again) <= {address for (address,) in in_doubt}
    assert set(before) <= set(recover_again)


def test_worker_killed_after_the_record_changes_nothing(live):
    readers = start_and_kill_at(live, "P6")

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
