from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, Set

import hypothesis
import pytest
from tests.examples.loading import loaded

from fenrir_fastapi.testclient import TestClient

NAMES = ("hybrid", "fastapi_shop", "fastapi_chat")
PASSWORD = "correct horse"
#: Generated for each operation and each kind, good and bad: the same in each run.
CASES = 30
WANTED = ("method", "url", "headers", "params", "cookies", "data", "json", "files")


def set_environment(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{directory / 'shop.db'}")
    monkeypatch.setenv("SHOP_ADMIN_PASSWORD", PASSWORD)


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    set_environment(monkeypatch, tmp_path)
    if request.param == "hybrid":
        for module in [module for module in sys.modules if module.startswith("examples.hybrid")]:
            del sys.modules[module]
        yield importlib.import_module("examples.hybrid.app").app.openapi()
        return
    with loaded(request.param, "fenrir_fastapi", tmp_path) as module:
        yield module.app.openapi()


def test_a_validator_accepts_the_document_of_each_example(document: Dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed")
    validator.OpenAPIV31SpecValidator(document).validate()
    assert document["paths"]


def test_the_validator_refuses_a_document_with_a_mistake(document: Dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed")
    document["paths"]["/broken"] = {"get": {"responses": {"200": {}}}}
    assert not validator.OpenAPIV31SpecValidator(document).is_valid()


# ---------------------------------------------------------------- generated requests
@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    set_environment(monkeypatch, tmp_path)
    with loaded("fastapi_shop", "fenrir_fastapi", tmp_path) as module, TestClient(module.app) as client:
        yield client


@pytest.mark.once
@pytest.mark.skipif(sys.version_info < (3, 10), reason="schemathesis needs Python 3.10")
def test_no_generated_request_fails_or_gets_an_answer_that_is_not_documented(shop: TestClient) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    token = shop.post("/token", data={"username": "admin", "password": PASSWORD}).json()["access_token"]
    item = {"sku": "ROPE", "name": "Rope", "cents": 1250, "stock": 1_000_000}
    headers = {"Authorization": f"Bearer {token}"}
    assert shop.post("/items", json=item, headers=headers).status_code == 201
    schema = schemathesis.openapi.from_dict(shop.get("/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations()]
    answered: Set[int] = set()
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            with contextlib.suppress(hypothesis.errors.Unsatisfiable):  # where nothing can be wrong
                exercise(shop, operation.as_strategy(generation_mode=mode), headers, answered)
    assert len(operations) == 13
    assert {200, 201, 401, 404, 409, 422} <= answered


def exercise(client: TestClient, cases: Any, headers: Dict[str, str], answered: Set[int]) -> None:
    """Send generated requests, some with a token; record the responses, and check them against the document."""
    import requests
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    documented = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]

    @hypothesis.seed(1)
    @hypothesis.settings(
        max_examples=CASES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases, hypothesis.strategies.integers(0, 3))
    def send(case: Any, chance: int) -> None:
        kwargs = case.as_transport_kwargs(base_url="http://testserver")
        prepared = requests.Request(**{key: value for key, value in kwargs.items() if key in WANTED}).prepare()
        sent = {**prepared.headers, **(headers if chance else {})}
        answer = client.request(
            prepared.method, prepared.url, headers=sent, content=prepared.body, follow_redirects=False
        )
        answered.add(answer.status_code)
        case.validate_response(answer, checks=documented)

    send()
