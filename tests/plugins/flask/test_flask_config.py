"""`app.config` and the settings of plugins: in an application of the class `Flask` its keys are its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Iterator, List

import pytest

from fenrir import Fenrir
from fenrir_core import Lifespan, Setting, hookimpl
from fenrir_core.testing import SyncClient
from fenrir_flask import Flask


class Cache:
    """A plugin that connects when it is told where to."""

    def __init__(self) -> None:
        self.connected: List[str] = []

    @hookimpl
    def fenrir_settings(self) -> Iterator[Setting]:
        yield Setting("cache_url", str, None, env="FENRIR_CACHE_URL")

    @hookimpl
    def fenrir_lifespans(self, build: Any) -> Iterator[Lifespan]:
        url = build.settings["cache_url"]
        if url is not None:
            self.connected.append(url)
        return iter(())


@pytest.fixture
def cache() -> Cache:
    return Cache()


def start(app: Any) -> None:
    with SyncClient(app) as client:
        client.get("/")


def test_a_key_of_the_application_is_not_a_plugins_setting(cache: Cache) -> None:
    app = Flask("shop", plugins=[cache])
    app.config["CACHE_URL"] = {"any": "value"}
    start(app)
    assert cache.connected == []
    assert app.config["CACHE_URL"] == {"any": "value"}
    assert dict(app.config)["CACHE_URL"] == {"any": "value"} and len(app.config) == len(list(app.config))


@pytest.mark.parametrize("load", ["from_object", "from_mapping", "from_prefixed_env"])
def test_no_way_to_load_a_configuration_reaches_a_plugin(
    cache: Cache, load: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Flask("shop", plugins=[cache])
    monkeypatch.setenv("FLASK_CACHE_URL", "cache://wrong")
    given = {"from_object": [SimpleNamespace(CACHE_URL="cache://wrong")], "from_mapping": [{"CACHE_URL": "cache://w"}]}
    getattr(app.config, load)(*given.get(load, []))
    start(app)
    assert cache.connected == []
    assert "CACHE_URL" in app.config


def test_a_plugin_is_told_by_settings(cache: Cache) -> None:
    start(Flask("shop", plugins=[cache], settings={"cache_url": "cache://here"}))
    assert cache.connected == ["cache://here"]


def test_a_plugin_is_told_by_its_environment_variable(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENRIR_CACHE_URL", "cache://there")
    start(Flask("shop", plugins=[cache]))
    assert cache.connected == ["cache://there"]


def test_the_frameworks_own_keys_are_attributes_and_limits_of_the_app() -> None:
    app = Flask("shop")
    app.config.update(SECRET_KEY="key", MAX_CONTENT_LENGTH=5, DEBUG=True)
    app.build()
    assert (app.secret_key, app.settings["max_body"], app.debug) == ("key", 5, True)


def test_the_configuration_of_a_hybrid_app_has_the_settings_of_its_plugins(cache: Cache) -> None:
    app = Fenrir(plugins=[cache])
    app.config["CACHE_URL"] = "cache://hybrid"
    start(app)
    assert cache.connected == ["cache://hybrid"]
