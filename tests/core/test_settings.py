"""Settings: typed, owned, and refused when nobody declared them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fenrir_core import App, BuildError, Setting, hookimpl
from fenrir_core.testing import make_app


def with_settings(*settings: Setting) -> Any:
    @hookimpl
    def fenrir_settings() -> Any:
        return settings

    return SimpleNamespace(__name__="mine", fenrir_settings=fenrir_settings)


PLUGIN = with_settings(
    Setting("seconds", float, 1.5, env="MINE_SECONDS"),
    Setting("secret", str, None),
)


def test_a_setting_has_its_default_until_somebody_sets_it() -> None:
    assert make_app([PLUGIN]).settings["seconds"] == 1.5
    assert make_app([PLUGIN], seconds=3).settings["seconds"] == 3.0


def test_a_setting_is_made_of_its_environment_variable_unless_the_app_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE_SECONDS", "2.5")
    assert make_app([PLUGIN]).settings["seconds"] == 2.5
    assert make_app([PLUGIN], seconds="4").settings["seconds"] == 4.0


def test_a_bad_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE_SECONDS", "soon")
    with pytest.raises(BuildError, match=r"The setting 'seconds' can't be 'soon' \(from MINE_SECONDS\)"):
        make_app([PLUGIN])


def test_a_value_that_does_not_fit_is_refused_at_once_also_later() -> None:
    with pytest.raises(BuildError, match="The setting 'seconds' can't be 'soon'"):
        make_app([PLUGIN], seconds="soon")
    app = make_app([PLUGIN])
    with pytest.raises(BuildError, match="The setting 'trailing_slash' can't be 'maybe'"):
        app.settings["trailing_slash"] = "maybe"


def test_an_unknown_setting_is_refused_with_the_near_matches() -> None:
    with pytest.raises(BuildError, match="There is no setting 'second'. Did you mean seconds"):
        make_app([PLUGIN], second=1)
    with pytest.raises(KeyError, match="There is no setting 'max_bodi'. Did you mean max_body"):
        make_app().settings["max_bodi"]


def test_an_unknown_setting_that_is_like_no_other_is_answered_with_all_there_are() -> None:
    with pytest.raises(BuildError, match="There are: .*derive_head, .*trailing_slash"):
        make_app(zzz=1)


def test_a_setting_whose_default_is_none_can_be_none() -> None:
    assert make_app([PLUGIN], secret=None).settings["secret"] is None
    assert make_app([PLUGIN], secret="x").settings["secret"] == "x"


def test_a_deleted_setting_has_its_default_again() -> None:
    app = make_app([PLUGIN], seconds=9)
    del app.settings["seconds"]
    assert app.settings["seconds"] == 1.5


def test_a_plugins_setting_is_unknown_to_an_app_without_it() -> None:
    make_app([PLUGIN])
    with pytest.raises(BuildError, match="no setting 'seconds'"):
        App(paradigms=(), autoload=False, seconds=1)


@pytest.mark.parametrize("word", ["1", "true", "YES", " on ", True])
def test_a_switch_reads_the_words_for_on(word: Any) -> None:
    assert make_app(derive_head=word).settings["derive_head"] is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off", "", False])
def test_a_switch_reads_the_words_for_off(word: Any) -> None:
    assert make_app(derive_head=word).settings["derive_head"] is False


def test_a_switch_refuses_other_words() -> None:
    with pytest.raises(BuildError, match="'derive_head' can't be 'maybe'.*neither true nor false"):
        make_app(derive_head="maybe")


@pytest.mark.parametrize("word", [None, "", "none"])
def test_the_limit_of_bodies_can_be_switched_off(word: Any) -> None:
    assert make_app(max_body=word).settings["max_body"] is None


FLAG = with_settings(Setting("mine_on", bool, True, env="MINE_ON"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("false", False), ("0", False), ("no", False), ("off", False), ("", False)]
    + [("true", True), ("1", True), ("yes", True), ("on", True), ("TRUE", True)],
)
def test_a_bool_is_read_from_the_words_of_environment_variables(
    text: str, value: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE_ON", text)
    assert make_app([FLAG]).settings["mine_on"] is value
    assert make_app([FLAG], mine_on=text).settings["mine_on"] is value


def test_a_word_that_is_no_bool_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE_ON", "maybe")
    with pytest.raises(BuildError, match=r"The setting 'mine_on' can't be 'maybe' \(from MINE_ON\)"):
        make_app([FLAG])


def test_settings_may_be_given_as_one_mapping() -> None:
    app = make_app([PLUGIN], settings={"seconds": "4", "secret": "a"}, secret="b")
    assert (app.settings["seconds"], app.settings["secret"]) == (4.0, "b")
