"""The shop as it was: a Flask application with templates, a session and a database, which knows nothing of Fenrir."""

from __future__ import annotations

import os
import sqlite3
import tempfile

from flask import Flask, abort, flash, g, jsonify, redirect, render_template, request, session, url_for

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SHOP_SECRET", "only for this example"),
    DATABASE=os.environ.get("SHOP_DATABASE", os.path.join(tempfile.gettempdir(), "fenrir-flask-shop.sqlite")),
)
PRODUCTS = [("Compass", 1250), ("Lantern", 2400), ("Rope", 899), ("Tent", 15900)]


def connect(**options):
    opened = sqlite3.connect(app.config["DATABASE"], **options)
    opened.row_factory = sqlite3.Row
    with opened:
        opened.execute("create table if not exists product (id integer primary key, name text unique, cents int)")
        opened.executemany("insert or ignore into product (name, cents) values (?, ?)", PRODUCTS)
    return opened


def database():
    if "database" not in g:
        g.database = connect()
    return g.database


@app.teardown_appcontext
def close_database(error):
    opened = g.pop("database", None)
    if opened is not None:
        opened.close()


def as_json(row):
    return {"id": row["id"], "name": row["name"], "price": f"{row['cents'] / 100:.2f}"}


def find(product_id):
    row = database().execute("select * from product where id = ?", (product_id,)).fetchone()
    return row if row is not None else abort(404)


@app.get("/")
def index():
    return render_template("index.html", products=database().execute("select * from product order by id").fetchall())


@app.get("/products/<int:product_id>")
def product(product_id):
    return render_template("product.html", product=find(product_id))


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        session["user"] = request.form["name"]
        flash(f"Welcome, {session['user']}.")
        return redirect(url_for("index"))
    return render_template("login.html")


@app.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("index"))


@app.get("/api/products")
def products():
    return jsonify([as_json(row) for row in database().execute("select * from product order by id")])


@app.get("/api/products/<int:product_id>")
def product_as_json(product_id):
    return jsonify(as_json(find(product_id)))


@app.get("/api/cart")
def cart():
    return jsonify(user=session.get("user"), items=session.get("cart", []))


@app.post("/cart/<int:product_id>")
def add_to_cart(product_id):
    session["cart"] = [*session.get("cart", []), find(product_id)["id"]]
    flash("It is in your cart.")
    return redirect(url_for("product", product_id=product_id))
