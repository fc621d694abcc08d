"""What happened to readers, for packages that keep more of them and that this one must not import.

A consent that is saved speaks for itself, as any row; what is written as a set does not.
"""

from __future__ import annotations

from django.dispatch import Signal

brought_in = Signal()
"""`newsletter`; `readers`: a queryset of those who agreed to it, as a table says; `how`: the way
that stands with their consents. Inside the transaction, after the rows."""

left_together = Signal()
"""`consents`: a list of those that were taken back, as the mail service reports. Inside the
transaction, after the rows."""
