"""Run every paradigm through the conformance checks, also when no hook can be called any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.conformance.kits import KITS, OPTIONAL, WITHOUT

from fenrir._hints import first_party
from fenrir_core._compat import entry_points
from fenrir_core.testing import CONFORMANCE, Check, ParadigmKit, check_plugin, poison


@pytest.fixture(params=sorted(KITS))
def kit(request: pytest.FixtureRequest) -> ParadigmKit:
    """Return the kit of each paradigm in turn."""
    return KITS[str(request.param)]()


@pytest.mark.parametrize("check", CONFORMANCE, ids=lambda check: check.__name__)
def test_a_paradigm_conforms(kit: ParadigmKit, check: Check) -> None:
    asyncio.run(check(kit))


#: A late route is built, by the hooks.
WITHOUT_HOOKS = [check for check in CONFORMANCE if check.__name__ != "takes_or_refuses_late_routes"]


@pytest.mark.parametrize("check", WITHOUT_HOOKS, ids=lambda check: check.__name__)
def test_a_paradigm_conforms_when_every_hook_raises_after_the_build(kit: ParadigmKit, check: Check) -> None:
    asyncio.run(check(replace(kit, ready=poison)))


@pytest.mark.parametrize("name", sorted(KITS))
def test_a_kit_leaves_out_only_what_its_framework_has_no_way_to_say(name: str) -> None:
    kit = KITS[name]()
    assert tuple(field for field in OPTIONAL if getattr(kit, field) is None) == WITHOUT.get(name, ())


@pytest.mark.parametrize("name", sorted(set(first_party.methods.values())))
def test_a_first_party_plugin_passes_the_check_for_plugins(name: str) -> None:
    check_plugin(f"fenrir_{name}.plugin", serve=True)


def test_every_first_party_paradigm_has_a_kit() -> None:
    assert {point.name for point in entry_points("fenrir.paradigms")} <= set(KITS)
