from __future__ import annotations

import json
from typing import Callable

from tests.browser.chromium import Tab

Open = Callable[[str], Tab]
REGISTER = "#operations-api-register_user_api_register_post"


def test_swagger_ui_shows_the_operations_and_asks_no_other_host(open_tab: Open, site: str) -> None:
    tab = open_tab("/docs")
    tab.wait_for("document.querySelectorAll('.opblock').length > 5")
    assert "/api/register" in tab.text("#swagger-ui") and "/items/{item_id}" in tab.text("#swagger-ui")
    assert (
        site + "/docs/assets/swagger-ui-dist/swagger-ui-bundle.js" in tab.requested
        and site + "/openapi.json" in tab.requested
    )
    assert [url for url in tab.requested if not url.startswith(site + "/")] == []
    assert tab.complaints == []


def test_a_post_can_be_tried_out(open_tab: Open, site: str) -> None:
    tab = open_tab("/docs")
    tab.click(f"{REGISTER} .opblock-summary-control")
    tab.click(f"{REGISTER} .try-out__btn")
    tab.fill(f"{REGISTER} tr[data-param-name='x-api-key'] input[type=text]", "secret-token")
    tab.fill(f"{REGISTER} textarea.body-param__text", '{"username": "ada", "email": "ada@host.test", "age": 36}')
    tab.click(f"{REGISTER} button.execute")
    live = f"{REGISTER} .live-responses-table .response"
    tab.wait_for(f"!!document.querySelector({json.dumps(live)})")
    assert tab.text(f"{live} .response-col_status").split()[0] == "200"
    answer = json.loads(tab.text(f"{live} .highlight-code code"))
    assert answer == {"status": "success", "user": {"username": "ada", "email": "ada@host.test", "age": 36}}
    assert [url for url in tab.requested if not url.startswith(site + "/")] == []
