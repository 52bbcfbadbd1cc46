"""What Flask and Quart share: views that read the request of the context."""

# mypy: ignore-errors
from __future__ import annotations

from ..cases import Case
from ..models import Order

_TRUTH = {"true": True, "false": False}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def truth(text: str) -> bool:
    """Give the truth value that a query parameter means."""
    return _TRUTH[text]


def summary(raw: bytes):
    """Validate an order and give what is answered."""
    order = Order.model_validate_json(raw)
    return {"customer": order.customer, "total": order.total}


def add_routes(app, request, case: Case, thing) -> None:
    """Register what both write in the same way."""

    def page():
        return {
            "limit": request.args.get("limit", 20, type=int),
            "offset": request.args.get("offset", 0, type=int),
        }

    def listing():
        return {"owner": request.args["owner"], **page()}

    for rule, answer in (
        ("/text", lambda: ("Hello, world", 200, _PLAIN)),
        ("/json", lambda: {"message": "Hello, world"}),
        ("/items/<int:item_id>", lambda item_id: {"item_id": item_id}),
        (
            "/search",
            lambda: {
                "q": request.args["q"],
                "limit": request.args.get("limit", 20, type=int),
                "exact": request.args.get("exact", False, type=truth),
            },
        ),
        ("/things", listing),
    ):
        app.add_url_rule(rule, rule, thing(answer))
    for number in range(case.routes):
        app.add_url_rule(
            f"/group{number}/things/<int:thing_id>", f"thing{number}", thing(lambda thing_id: {"thing_id": thing_id})
        )
