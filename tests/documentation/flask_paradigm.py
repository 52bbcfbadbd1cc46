from fenrir import Fenrir, request, g, render_template

app = Fenrir()

@app.get("/welcome")
async def welcome():
    # Retrieve query params via global request context-local
    name = request.args.get("name", "Guest")

    # Share state across middleware/routes using request global g
    g.visit_count = g.get("visit_count", 0) + 1

    return render_template("welcome.html", name=name, count=g.visit_count)
