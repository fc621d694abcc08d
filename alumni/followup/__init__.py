"""What the training led to: who is asked when, and the report made of it.

Reading order: survey (the pack's questions) → answers (what people answer, plan and tell) →
asking (who is asked) → rounds, mails (by which mails) → views → participants, timeline, before,
desk (where a course stands) → outcomes (counting without pointing at anyone) → reports →
readings, report_table → report_views.
"""
