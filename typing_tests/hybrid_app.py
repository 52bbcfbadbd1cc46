"""A hybrid app whose routes, hooks and handlers come from all paradigms."""

from __future__ import annotations

from typing import Any, Dict

from fenrir import (
    APIRouter,
    Blueprint,
    Depends,
    Fenrir,
    Header,
    JSONResponse,
    Response,
    WebSocket,
    abort,
    current_app,
    g,
    jsonify,
    nonblocking,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

app = Fenrir(max_body=1_000_000)
app.secret_key = "secret"
app.config["DEBUG"] = True
app.jinja_env.filters["twice"] = lambda text: text * 2
app.state.started = False

router = APIRouter(prefix="/items", tags=["items"])
pages = Blueprint("pages", __name__)


async def token(x_api_key: str = Header(default="")) -> str:
    if not x_api_key:
        abort(401)
    return x_api_key


@app.listener("before_server_start")
async def start(app_inst: Fenrir) -> None:
    app_inst.state.started = True


@app.middleware("request")
async def guard(request: Any) -> None:
    g.user = "ann"


@app.before_request
def count() -> None:
    session["visits"] = session.get("visits", 0) + 1


@app.errorhandler(404)
def missing(error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status=404)


@app.get("/", name="home", status=200, max_body=10, summary="The start", tags=["pages"], rate_limit="5/minute")
async def home(token: str = Depends(token)) -> object:
    name: str = request.args.get("name", "Guest")
    g.name = name
    return redirect(url_for("page", number=1)) if name else jsonify({})


@app.route("/pages/<int:number>", ["GET", "POST"], name="page", strict_slashes=False)
def page(number: int) -> str:
    path: str = current_app.root_path
    key: Any = current_app.config["SECRET_KEY"]
    return render_template("page.html", number=number, path=path, key=key)


@app.post("/items", status_code=201, response_model=Dict[str, int], include_in_schema=False)
async def create() -> Dict[str, int]:
    await app.cancel_task("x")
    return {"id": 1}


@app.websocket("/ws", name="ws")
async def echo(ws: WebSocket) -> None:
    await ws.accept()


@app.get("/double")
@nonblocking
def double(number: int) -> int:
    return 2 * number


six: int = double(number=3)


class Things:
    async def on_get(self, req: Any, resp: Any) -> None:
        resp.media = {}


app.add_route("/things", Things())
app.add_url_rule("/again", view_func=page)
app.include_router(router, prefix="/v1", tags=["v1"])
app.register_blueprint(pages, url_prefix="/pages")
