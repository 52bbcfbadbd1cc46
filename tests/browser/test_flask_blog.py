from __future__ import annotations

from typing import Iterator

import pytest
from tests.browser.chromium import Chromium, Tab


@pytest.fixture
def tab(chromium: Chromium, blog: str) -> Iterator[Tab]:
    """Return a tab with the start page of the blog."""
    tab = chromium.open_tab()
    tab.navigate(f"{blog}/")
    yield tab
    chromium.close_tabs()


def test_a_reader_registers_logs_in_posts_and_comments(tab: Tab, blog: str) -> None:
    tab.navigate(f"{blog}/accounts/register")
    tab.fill("main input[name=name]", "ada")
    tab.fill("input[name=password]", "secret")
    tab.follow("#submit")
    assert tab.text(".flash") == "Welcome, ada! Now log in."

    tab.fill("main input[name=name]", "ada")
    tab.fill("input[name=password]", "wrong")
    tab.follow("#submit")
    assert tab.text(".flash.error") == "Wrong name or password."

    tab.fill("input[name=password]", "secret")
    tab.follow("#submit")
    assert (tab.text(".flash"), tab.text("#me")) == ("Hello, ada!", "ada")

    tab.follow("#write")
    assert tab.evaluate("document.querySelectorAll('.flash').length") == 0
    tab.fill("input[name=title]", "Winter")
    tab.fill("textarea[name=body]", "Snow again, <b>all day</b>.")
    tab.fill("input[name=tags]", "snow north")
    tab.follow("#submit")
    assert (tab.text("h1"), tab.text(".flash")) == ("Winter", "Published.")
    assert tab.text(".body") == "Snow again, <b>all day</b>."

    tab.fill("textarea[name=body]", "Nice.")
    tab.follow("#comment")
    assert (tab.text(".flash"), tab.text("#comments")) == ("Thank you.", "1 comment")

    tab.follow("header .blog")
    assert "1 comment #north #snow" in tab.text("article .by")
    assert tab.status == 200 and tab.complaints == []
    assert f"{blog}/static/blog.css" in tab.requested
