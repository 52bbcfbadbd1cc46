from fenrir import Fenrir, redirect
from legacy_app import flask_wsgi_app # WSGI app

app = Fenrir()

# Mount the Flask WSGI app onto ASGI routing
app.mount_wsgi(flask_wsgi_app, prefix="/legacy")

@app.get("/old-docs")
async def old_docs():
    # Legacy bottle-style redirection
    return redirect("/docs")
