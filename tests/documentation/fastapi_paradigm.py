from pydantic import BaseModel
from fenrir import Fenrir, Depends, Header

app = Fenrir()

class UserRegister(BaseModel):
    username: str
    email: str
    age: int

async def verify_token(x_api_key: str = Header(default=None)):
    if x_api_key != "secret-token":
        raise ValueError("Invalid credentials")
    return x_api_key

@app.post("/api/register")
async def register(
    body: UserRegister,
    token: str = Depends(verify_token)
):
    return {"status": "success", "user": body.model_dump(), "auth": token}
