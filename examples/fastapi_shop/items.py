"""Items: everyone may read them, staff may change them."""

from __future__ import annotations

from enum import Enum
from typing import Any, Dict, List, Optional

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from typing_extensions import Annotated

from fenrir_fastapi import APIRouter, Body, Depends, HTTPException, Path, Query, Response, Security, status

from .accounts import FORBIDDEN, UNAUTHORIZED, current_user
from .database import Item, SessionDep
from .schemas import MAX_ID, UNREADABLE, ItemCreate, ItemRead, ItemUpdate, Problem, Size

router = APIRouter(prefix="/items", tags=["items"])
staff_only = [Security(current_user, scopes=["items"])]
MISSING: Dict[Any, Any] = {404: {"model": Problem, "description": "There is no such item"}}
TAKEN: Dict[Any, Any] = {409: {"model": Problem, "description": "The number is in use"}}


class Sorting(str, Enum):
    name = "name"
    cheapest = "cheapest"
    newest = "newest"


ORDERS = {Sorting.name: Item.name, Sorting.cheapest: Item.cents, Sorting.newest: Item.id.desc()}


class Page:
    """The requested part of a long list."""

    def __init__(
        self,
        offset: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
        limit: Annotated[int, Query(ge=1, le=100, description="How many at the most")] = 20,
    ) -> None:
        self.offset = offset
        self.limit = limit


def show(item: Item) -> ItemRead:
    """Return a row as clients get it."""
    return ItemRead(
        id=item.id,
        sku=item.sku,
        name=item.name,
        description=item.description,
        cents=item.cents,
        stock=item.stock,
        size=Size(width=item.width, height=item.height, unit=item.unit),
    )


def get_item(item_id: Annotated[int, Path(ge=1, le=MAX_ID)], session: SessionDep) -> Item:
    """Return the item that the path names."""
    item = session.get(Item, item_id)
    if item is None:
        raise HTTPException(status_code=404, detail=f"There is no item {item_id}")
    return item


ItemDep = Annotated[Item, Depends(get_item)]


@router.get("", response_model=List[ItemRead])
def list_items(
    response: Response,
    session: SessionDep,
    page: Annotated[Page, Depends()],
    q: Annotated[Optional[str], Query(max_length=50, description="A part of the name")] = None,
    sku: Annotated[List[str], Query(description="One of these numbers")] = [],  # noqa: B006
    max_cents: Annotated[Optional[int], Query(alias="max-cents", ge=1, le=MAX_ID)] = None,
    sort: Sorting = Sorting.name,
):
    """List the items; the header `X-Total` has the number of all of them."""
    wanted = select(Item)
    if q is not None:
        wanted = wanted.where(Item.name.contains(q, autoescape=True))
    if sku:
        wanted = wanted.where(Item.sku.in_(sku))
    if max_cents is not None:
        wanted = wanted.where(Item.cents <= max_cents)
    response.headers["X-Total"] = str(session.scalar(select(func.count()).select_from(wanted.subquery())))
    rows = session.scalars(wanted.order_by(ORDERS[sort], Item.id).offset(page.offset).limit(page.limit))
    return [show(item) for item in rows]


@router.post(
    "",
    response_model=ItemRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=staff_only,
    responses={**UNREADABLE, **UNAUTHORIZED, **FORBIDDEN, **TAKEN},
)
def create_item(new: ItemCreate, session: SessionDep, response: Response):
    """Add an item."""
    item = Item(**new.model_dump(exclude={"size"}), **new.size.model_dump(mode="json"))
    session.add(item)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(status_code=409, detail="The number is in use") from None
    response.headers["Location"] = f"/items/{item.id}"
    return show(item)


@router.get("/{item_id}", responses=MISSING)
def read_item(item: ItemDep) -> ItemRead:
    """Show one item."""
    return show(item)


@router.patch("/{item_id}", dependencies=staff_only, responses={**UNREADABLE, **UNAUTHORIZED, **FORBIDDEN, **MISSING})
def update_item(item: ItemDep, changes: ItemUpdate, session: SessionDep) -> ItemRead:
    """Change the named fields."""
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(item, name, value)
    session.commit()
    return show(item)


@router.put(
    "/{item_id}/stock", dependencies=staff_only, responses={**UNREADABLE, **UNAUTHORIZED, **FORBIDDEN, **MISSING}
)
def set_stock(
    item: ItemDep, stock: Annotated[int, Body(embed=True, ge=0, le=1_000_000)], session: SessionDep
) -> ItemRead:
    """Set the number of items in stock."""
    item.stock = stock
    session.commit()
    return show(item)


@router.delete(
    "/{item_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=staff_only,
    responses={**UNAUTHORIZED, **FORBIDDEN, **MISSING},
)
def delete_item(item: ItemDep, session: SessionDep) -> None:
    """Delete an item; orders keep its name and price."""
    session.delete(item)
    session.commit()
