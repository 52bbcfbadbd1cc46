"""sqladmin: list, create, edit and static files."""

from __future__ import annotations

from fastapi import FastAPI
from sqladmin import Admin, ModelView
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool

PACKAGE = "sqladmin"


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
Base.metadata.create_all(engine)
app = FastAPI()


class UserAdmin(ModelView, model=User):
    column_list = [User.id, User.name]


Admin(app, engine).add_view(UserAdmin)
HEADERS = ("location",)
REQUESTS = [
    ("GET", "/admin/"),
    ("GET", "/admin"),
    ("GET", "/admin/user/create"),
    ("POST", "/admin/user/create", {"data": {"name": "Ann"}}),
    ("POST", "/admin/user/create", {"data": {}}),
    ("GET", "/admin/user/list"),
    ("POST", "/admin/user/edit/1", {"data": {"name": "Bob"}}),
    ("GET", "/admin/user/details/1"),
    ("GET", "/admin/nothing/list"),
    ("GET", "/admin/statics/css/main.css"),
]
