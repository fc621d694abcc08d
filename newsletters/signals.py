"""What happened to readers, for packages that keep more of them and that this one must not import.

A consent that is saved speaks for itself, as any row; what is written as a set does not.
"""

from __future__ import annotations

from django.dispatch import Signal

brought_in = Signal()
"""`newsletter` and `readers`: a queryset of those who agreed to it, as a table says; `how`: by which
way the consents say so. Inside the transaction, after the rows."""
