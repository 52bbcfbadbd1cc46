from fenrir import Fenrir

app = Fenrir()

class ItemResource:
    async def on_get(self, req, resp, item_id: int):
        resp.status = 200
        resp.media = {
            "item_id": item_id,
            "msg": "Fetched via Falcon Class-Based view!"
        }

    async def on_post(self, req, resp, item_id: int):
        data = req.json
        resp.status = 201
        resp.media = {
            "item_id": item_id,
            "received": data
        }

app.add_route("/items/<item_id:int>", ItemResource())
