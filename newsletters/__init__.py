"""The mail engine. It knows newsletters, readers and entries; no page, no profile, no course.

Read it in this order:

1. `sources.py`: the two promises it is kept by (who may read, what is new). `signals.py`: what it
   tells whoever keeps more of its readers.
2. `models/`: newsletters, subscribers, issues, deliveries. The rows are the queue.
3. `subscriptions.py`: what readers do, with `consents.py`: what they agreed to, and `links.py`:
   what an address is sent for it.
   `issues.py`: what editors do. `approving.py`, `proofs.py`: what they do before it leaves;
   `correcting.py`: to whom a correction goes.
   `schedule.py`: what falls due.
4. `pipeline/`: audience → compile → render → freeze → deliver → track, the way of every mail.
5. `providers.py`: what mail services can do. `connections.py`: the calls, several in flight.
   `mailgun.py`, `resend.py`, `smtp.py`, `copies.py`: where Anymail's or Django's back-end is not
   enough. `answers.py`, `refusals.py`, `replies.py`: what an answer means. `lookup.py`: what a
   service says it took. `letters.py`: transactional mail. `typeset.py`, `markup.py`: from MJML
   and editors' words to safe HTML. `checks/`: what an editor should mend before it leaves.
6. `tasks.py`, `receivers.py`, `webhooks.py`, `views.py`, `link_views.py`, `admin_views.py`,
   `again_views.py`: thin edges. `tallies.py` (the sum that closes), `reports.py`, `progress.py`,
   `attention.py`, `today.py`: what they show.
7. `readers.py`, `explain.py` (why somebody got a mailing or did not), `fates.py`, `proof.py`: what
   staff see of people. `imports/`: readers from a table. `archive.py`, `feeds.py`: what everybody
   sees of an issue. `spreadsheets/`: tables, read with suspicion and written so that nothing runs.

The promise: everyone in the frozen audience ends in exactly one counted state, nobody gets an
issue twice, whoever left before the hand-over gets nothing.
"""
