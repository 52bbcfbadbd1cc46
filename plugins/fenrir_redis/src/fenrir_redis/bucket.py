"""The count behind a rate limit: the generic cell rate algorithm (GCRA), in one atomic script.

A key holds one number, the "theoretical arrival time": when all that was taken so far is
available again. Each request moves it on by ``period / count``, and it may not be further ahead
of now than one period. So `count` requests are allowed at once, and then one per
``period / count``. The clock is that of Redis, which all processes share.

Source: ITU-T I.371, annex A (virtual scheduling).
"""

from __future__ import annotations

import hashlib
from typing import List, Sequence

from .client import State

#: Keys: one for each rate. Arguments: period in microseconds and count of each.
#: Returns: whether all rates allow it, then of each the requests left, and microseconds until one and until all are
#: allowed again. Nothing is taken where one rate refuses.
SCRIPT = """
local time = redis.call("TIME")
local now = (time[1] - 1600000000) * 1000000 + time[2]
local times, allowed = {}, 1
for i = 1, #KEYS do
  local period, count = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local due = tonumber(redis.call("GET", KEYS[i]) or now) or now
  times[i] = math.min(math.max(due, now), now + period)
  if (times[i] - now) * count / period + 1 > count + 0.001 then allowed = 0 end
end
local answer = {allowed}
for i = 1, #KEYS do
  local period, count = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local due = times[i]
  local wait = 0
  if allowed == 1 then
    due = due + period / count
    redis.call("SET", KEYS[i], string.format("%.3f", due), "PX", math.ceil((due - now) / 1000))
  elseif (due - now) * count / period + 1 > count + 0.001 then
    wait = math.max(math.ceil(due + period / count - period - now), 1)
  end
  answer[#answer + 1] = math.max(math.floor(count - (due - now) * count / period + 0.001), 0)
  answer[#answer + 1] = wait
  answer[#answer + 1] = math.ceil(due - now)
end
return answer
"""
SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()  # Redis identifies a script by it


async def take(state: State, keys: Sequence[str], arguments: Sequence[int]) -> List[int]:
    """Run the script; it is sent to Redis if it is not cached there."""
    given = (len(keys), *keys, *arguments)
    try:
        answer: List[int] = await state.client.evalsha(SHA, *given)
    except state.script_is_missing:
        answer = await state.client.eval(SCRIPT, *given)
    return answer
