"""The tests speak to the servers that the plugin started, and to no other."""

import os
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from tests.plugins.clusters import RUN_FOLDER


@pytest.mark.django_db
def test_database_is_the_wheels_postgresql_in_this_runs_folder():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('data_directory'),"
            " current_setting('unix_socket_directories'), inet_server_addr()"
        )
        version, data, sockets, address = cursor.fetchone()

    assert version // 10000 == 18
    assert Path(data).parent == Path(os.environ[RUN_FOLDER])
    assert sockets == settings.DATABASES["default"]["HOST"]
    assert address is None


def test_broker_and_cache_are_this_runs_valkey():
    socket = settings.CACHES["default"]["LOCATION"].removeprefix("unix://").split("?")[0]
    client = redis.Redis(unix_socket_path=socket)

    found = client.info("server")
    policy = client.config_get("maxmemory-policy")
    client.close()

    assert socket in settings.CELERY_BROKER_URL
    assert found["tcp_port"] == 0
    assert "valkey_version" in found
    assert policy == {"maxmemory-policy": "noeviction"}


@pytest.mark.django_db
def test_case_folds_in_every_alphabet():
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ÉTÉ ΣΑΣ ШЁЛК')")
        (folded,) = cursor.fetchone()

    assert folded in {"été σας шёлк", "été σασ шёлк"}
