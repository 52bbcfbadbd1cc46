from __future__ import annotations

import json
from typing import Callable, List

import pytest
from tests.browser.chromium import Tab

Open = Callable[[str], Tab]
PAGES = ["/", "/welcome", "/live", "/chat"]


def lines(tab: Tab) -> List[str]:
    """Return the lines of the chat."""
    return tab.text("#lines").splitlines()


def enter(tab: Tab, name: str) -> None:
    """Enter the chat."""
    tab.fill("#name", name)
    tab.click("#enter button")
    tab.wait_for(f"document.querySelector('#lines').innerText.includes('{name} has come in')")


def wait_for_line(tab: Tab, line: str) -> None:
    """Wait until the chat's last line is this one."""
    tab.wait_for(f"document.querySelector('#lines').lastElementChild?.innerText === {json.dumps(line)}")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_all_it_needs_from_its_own_host(open_tab: Open, site: str, path: str) -> None:
    tab = open_tab(path)
    assert tab.status == 200 and tab.text("h1")
    assert site + "/static/style.css" in tab.requested
    assert [url for url in tab.requested if not url.startswith(site + "/")] == []
    assert tab.complaints == []


@pytest.mark.parametrize("path", [*PAGES, "/docs"])
def test_a_page_fits_a_phone(open_tab: Open, path: str) -> None:
    tab = open_tab(path)
    tab.resize(360, 740)
    tab.navigate(tab.evaluate("location.href"))
    assert tab.evaluate("innerWidth") == 360
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_link_of_the_start_page_leads_somewhere(open_tab: Open, site: str) -> None:
    tab = open_tab("/")
    links = tab.evaluate("[...document.querySelectorAll('main a')].map(link => link.getAttribute('href'))")
    assert len(links) > 10
    seen = {}
    for link in links:
        tab.follow(f'main a[href="{link}"]')
        seen[link] = tab.status
        tab.wait_for("document.body.innerText.trim().length > 10")
        tab.navigate(site + "/")
    told = {link: status for link, status in seen.items() if status != 200}
    assert told == {"/api/animals?limit=0": 422, "/items/404": 404}


def test_a_redirect_is_followed(open_tab: Open, site: str) -> None:
    tab = open_tab("/old-docs")
    assert tab.evaluate("location.href") == site + "/docs"


def test_the_session_counts_the_visits(open_tab: Open) -> None:
    tab = open_tab("/welcome")
    before = int(tab.evaluate("document.body.innerText.match(/visit number (\\d+)/)[1]"))
    tab.fill("input[name=name]", "Grace")
    tab.follow("form button")
    assert tab.text("h1") == "Welcome, Grace!"
    assert f"GRACE, this is visit number {before + 1} of" in tab.text("main")


def test_the_live_page_changes_by_itself(open_tab: Open, site: str) -> None:
    tab = open_tab("/live")
    shown: List[str] = []
    for _ in range(3):
        seconds = "parseFloat(document.querySelector('#uptime').innerText)"
        shown.append(tab.wait_for(f"{seconds} > {shown[-1] if shown else -1} && String({seconds})"))
    assert float(shown[2]) >= float(shown[0]) + 1
    assert tab.text("#state") == "Connected."
    assert tab.requested.count(site + "/live") == tab.requested.count(site + "/live/events") == 1


def test_the_chat_echoes_what_was_said(open_tab: Open) -> None:
    tab = open_tab("/chat")
    enter(tab, "Ada")
    tab.fill("#text", "Is anybody here?")
    tab.click("#say button")
    wait_for_line(tab, "Ada: Is anybody here?")
    tab.fill("#text", "<b>Nobody</b>")
    tab.press_enter()
    wait_for_line(tab, "Ada: <b>Nobody</b>")
    assert tab.complaints == []


def test_two_tabs_hear_each_other_and_who_leaves(open_tab: Open) -> None:
    ada, bob = open_tab("/chat"), open_tab("/chat")
    enter(ada, "Ada")
    enter(bob, "Bob")
    wait_for_line(ada, "Bob has come in")
    bob.fill("#text", "Hello, Ada")
    bob.press_enter()
    for tab in (ada, bob):
        wait_for_line(tab, "Bob: Hello, Ada")
    ada.fill("#text", "Hello, Bob")
    ada.press_enter()
    for tab in (ada, bob):
        wait_for_line(tab, "Ada: Hello, Bob")
    assert lines(bob) == ["Bob has come in", "Bob: Hello, Ada", "Ada: Hello, Bob"]
    bob.follow("header a")
    wait_for_line(ada, "Bob has left")
