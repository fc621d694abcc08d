"""Celery as it really runs: what its settings become in the app, the worker, the broker."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from django.conf import settings

from config.celery import app
from newsletters import tasks

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for package in ("config", "cms", "alumni", "newsletters")
    for path in (ROOT / package).rglob("*.py")
]
OURS = [task for name, task in sorted(app.tasks.items()) if name.startswith("newsletters.")]


def test_a_bell_outlives_the_worker_that_took_it() -> None:
    """Celery's own defaults acknowledge first and lose what a dead worker held."""
    for task in OURS:
        assert (task.acks_late, task.acks_on_failure_or_timeout) == (True, True)
        assert (task.default_retry_delay, task.max_retries) == (0, 3)
    assert app.conf.task_reject_on_worker_lost is not True, "it would be delivered again for ever"
    assert app.conf.task_retry_on_worker_lost is True
    assert app.conf.task_acks_on_timeout is False


def test_a_worker_takes_one_bell_at_a_time_and_ends_in_time() -> None:
    assert app.conf.worker_prefetch_multiplier == 1
    longest = tasks.TURNS_LAST + settings.RABITA_CALL_SECONDS  # the last call of the last turn
    assert tasks.TURNS_LAST <= 60
    assert longest < app.conf.task_soft_time_limit < app.conf.task_time_limit == 90
    assert longest < settings.RABITA_LEASE_SECONDS
    assert app.conf.worker_soft_shutdown_timeout == 45


def test_a_message_of_a_dead_worker_comes_back_when_its_time_is_over() -> None:
    """900 seconds in every place, and looked for every 5 seconds instead of every 100."""
    assert app.conf.broker_transport_options["visibility_timeout"] == 900
    assert app.conf.result_backend_transport_options["visibility_timeout"] == 900
    assert app.conf.visibility_timeout == 900
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        assert channel.visibility_timeout == 900 > app.conf.task_time_limit
        assert channel.unacked_restore_interval * channel.unacked_restore_throttle == 5


def test_messages_are_json_and_nobody_waits_for_a_result() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert all(task.ignore_result for task in OURS)
    assert app.conf.result_backend is None


def test_messages_carry_ids_and_nothing_else() -> None:
    carried = {
        (task.name, name, parameter.annotation)
        for task in OURS
        for name, parameter in inspect.signature(task.run).parameters.items()
    }

    assert {kind for _task, _name, kind in carried} <= {"int", int}
    assert all(name.endswith("_id") for _task, name, _kind in carried)


def test_due_times_live_in_rows_and_never_in_the_broker() -> None:
    """ETA and countdown beyond the visibility time-out run again and again."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in {"eta", "countdown"}
    ]

    assert found == []


def test_beat_ticks_every_minute_in_utc_and_sweeps_every_half() -> None:
    every = {
        entry["task"].rpartition(".")[2]: entry["schedule"]
        for entry in app.conf.beat_schedule.values()
    }

    assert (app.conf.timezone, app.conf.enable_utc) == ("UTC", True)
    assert every["send_due"].run_every.total_seconds() == 60
    assert every["sweep"].run_every.total_seconds() == 30
