"""Orders: placed at once, confirmed in a background task."""

from __future__ import annotations

from typing import List

from sqlalchemy import select, update
from typing_extensions import Annotated

from fenrir_fastapi import APIRouter, BackgroundTasks, Body, HTTPException, Path, status

from .accounts import FORBIDDEN, UNAUTHORIZED, CustomerDep
from .database import Item, Line, Order, SessionDep, new_session
from .schemas import MAX_ID, UNREADABLE, LineCreate, OrderRead, Problem

router = APIRouter(prefix="/orders", tags=["orders"], responses={**UNAUTHORIZED, **FORBIDDEN})
Lines = Annotated[List[LineCreate], Body(min_length=1, max_length=20)]


def confirm(order_id: int) -> None:
    """Confirm an order, as an e-mail would; with its own session, since the request's is closed."""
    with new_session() as session:
        session.execute(update(Order).where(Order.id == order_id).values(status="confirmed"))
        session.commit()


@router.post(
    "",
    response_model=OrderRead,
    status_code=status.HTTP_201_CREATED,
    responses={
        **UNREADABLE,
        409: {"model": Problem, "description": "An item is missing, or there are not enough of it"},
    },
)
def place_order(lines: Lines, customer: CustomerDep, session: SessionDep, tasks: BackgroundTasks):
    """Order some items: all of them or none."""
    order = Order(customer=customer)
    session.add(order)
    for line in lines:
        item = session.get(Item, line.item_id)
        if item is None or item.stock < line.quantity:
            session.rollback()
            raise HTTPException(status_code=409, detail=f"There are not {line.quantity} of item {line.item_id}")
        item.stock -= line.quantity
        order.lines.append(Line(item_id=item.id, name=item.name, cents=item.cents, quantity=line.quantity))
    session.commit()
    tasks.add_task(confirm, order.id)
    return order


@router.get("")
def list_orders(customer: CustomerDep, session: SessionDep) -> List[OrderRead]:
    """List your own orders, the newest first."""
    rows = session.scalars(select(Order).where(Order.customer_id == customer.id).order_by(Order.id.desc()).limit(100))
    return [OrderRead.model_validate(order) for order in rows]


@router.get("/{order_id}", responses={404: {"model": Problem, "description": "You have no such order"}})
def read_order(
    order_id: Annotated[int, Path(ge=1, le=MAX_ID)], customer: CustomerDep, session: SessionDep
) -> OrderRead:
    """Show one of your orders."""
    order = session.get(Order, order_id)
    if order is None or order.customer_id != customer.id:
        raise HTTPException(status_code=404, detail=f"You have no order {order_id}")
    return OrderRead.model_validate(order)
