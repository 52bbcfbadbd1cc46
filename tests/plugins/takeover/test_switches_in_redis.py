"""Switches in a real Redis."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from tests.plugins.redis.conftest import redis_process as redis_process
from tests.plugins.redis.conftest import redis_server as redis_server
from tests.plugins.takeover.legacy_apps import taken, until
from tests.plugins.takeover.test_switches import while_running


def test_a_key_switches_while_the_app_runs_and_a_broken_value_changes_nothing(
    redis_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def switch(side: str) -> None:
        redis_server.say("SET", "fenrir:takeover", json.dumps({"routes": {"/items/{id}": side}}))

    switch("legacy")
    app = taken(takeover_redis_url=redis_server.url, takeover_interval=0.01)

    async def scenario(becomes: Any) -> None:
        await becomes("legacy")
        switch("new")
        await becomes("new")
        redis_server.say("SET", "fenrir:takeover", "broken")
        await until(lambda: "stay as they were" in caplog.text)
        await becomes("new")
        switch("legacy")
        await becomes("legacy")

    with caplog.at_level(logging.ERROR, "fenrir.takeover"):
        while_running(app, scenario)
    assert "stay as they were" in caplog.text


def test_a_redis_that_goes_away_leaves_the_last_good_switches(redis_server: Any) -> None:
    redis_server.say("SET", "fenrir:takeover", json.dumps({"routes": {"/items/{id}": "legacy"}}))
    app = taken(takeover_redis_url=redis_server.url, takeover_interval=0.01)

    async def scenario(becomes: Any) -> None:
        await becomes("legacy")
        redis_server.stop()
        await becomes("legacy")
        redis_server.start()
        redis_server.say("SET", "fenrir:takeover", json.dumps({"routes": {"/items/{id}": "new"}}))
        await becomes("new")

    while_running(app, scenario)
