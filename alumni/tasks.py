"""Thin edge to Celery: what is done at night for people."""

from __future__ import annotations

from celery import shared_task

from alumni import retention as policies


@shared_task
def retention() -> None:
    """Carry out what docs/data-retention.yaml says; what is left over waits for the next night."""
    policies.carry_out()
