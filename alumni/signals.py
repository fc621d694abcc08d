"""What happened to a person, for packages that show people and that this one must not import."""

from __future__ import annotations

from django.dispatch import Signal

sight_changed = Signal()
"""`profiles`: a queryset of people who were hidden or are shown again. After the rows."""

forgetting = Signal()
"""`profile`: a person about to be erased. Inside the transaction: what fails, keeps the person."""

collecting = Signal()
"""`profile`: whoever wants everything; each receiver gives a list of sections of its own rows."""
