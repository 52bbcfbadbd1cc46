import asyncio
from fenrir import Fenrir

app = Fenrir()

@app.listener("before_server_start")
async def setup_db_pool(app_inst):
    print("Database connection initiated!")

async def background_poller():
    while True:
        print("Polling metrics...")
        await asyncio.sleep(60)

@app.listener("after_server_start")
async def run_poller(app_inst):
    # Register background coroutine
    app_inst.add_task(background_poller())
