"""What the training led to: who is asked when, what people answer, and the report made of it.

Reading order: survey (the pack's questions) → answers (the verbs) → views → outcomes,
small_cells (counting without pointing at anyone) → reports → report_views.
"""
