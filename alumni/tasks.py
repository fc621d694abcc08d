"""Thin edges to Celery: the rows say what is to do, a task may run twice, late or never."""

from __future__ import annotations

from celery import shared_task

from alumni import invitations
from alumni import retention as policies


@shared_task
def invite() -> None:
    """Today's invitations and reminders, and what came back of those before."""
    invitations.send_due()


@shared_task
def retention() -> None:
    """Carry out what docs/data-retention.yaml says; what is left over waits for the next night."""
    policies.carry_out()
