"""The state that the workers of a fleet share in Redis: a queue with leases, a pace, proven days.

Its keys begin with `kompas:`. Every change is one Lua script, and so atomic even when a worker is
killed. Times are those of the Redis server, in milliseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from kompas_crawler.archive.record import object_in
from kompas_crawler.errors import BadArgument, BrokenRecord, RedisUnavailable
from kompas_crawler.runs.state import PendingArticle
from kompas_crawler.urls import article_id, is_kompas

# In the order of KEYS in the scripts.
_NAMES = (
    "queue",  # token -> place; the lowest is the most urgent, and of these the oldest
    "lease",  # token -> when its lease ends
    "body",  # token -> the request, see `requests`
    "place",  # token -> place, for its return to the queue
    "owner",  # token -> worker
    "seen",  # what has been requested in this run of the fleet
    "known",  # article ids that a directory of the fleet holds since before
    "proven",  # days whose index was read to its end
    "failed",  # article id -> what failed, until its worker writes that down
    "workers",  # worker -> when it counts as dead
    "places",  # output directories
    "run",  # arguments, the last token, why it ended, whether what was no request lay there
    "done",  # the arguments of a run that has just ended
)
_PACE = ("kompas:pace:next", "kompas:pace:hold")

_BEGIN = (
    "local time = redis.call('TIME')\n"
    "local now = time[1] * 1000 + math.floor(time[2] / 1000)\n"
    + "".join(f"local {name} = KEYS[{place}]\n" for place, name in enumerate(_NAMES, 1))
    + f"local next_key, hold_key = KEYS[{len(_NAMES) + 1}], KEYS[{len(_NAMES) + 2}]\n"
    """
    local function left() return redis.call('ZCARD', queue) + redis.call('ZCARD', lease) end
    local function live() return redis.call('ZCOUNT', workers, now, '+inf') end
    local function back(token)
        redis.call('ZREM', lease, token)
        redis.call('HDEL', owner, token)
        local where = redis.call('HGET', place, token)
        if where then redis.call('ZADD', queue, where, token) end
    end
    """
)

# By the name under which `FleetQueue._run` calls each.
_SCRIPTS = {
    # A run begins when nothing remains of the previous one and no worker is alive; else it is joined.
    "enter": """
local worker, arguments, patience, folder = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', done) == arguments then return {'done', ''} end
if live() == 0 then
    if left() == 0 then
        redis.call('DEL', queue, lease, body, place, owner, seen, known, proven, workers, places,
                   run, done)
    end
    redis.call('HDEL', run, 'ended')
end
local before = redis.call('HGET', run, 'told')
if before and before ~= arguments then return {'other', before} end
redis.call('HSET', run, 'told', arguments)
redis.call('ZADD', workers, now + patience, worker)
return {redis.call('SADD', places, folder) == 1 and 'first' or 'joined', ''}
""",
    "push": """
local identity, id, urgency, data = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if id ~= '' and redis.call('SISMEMBER', known, id) == 1 then return 0 end
if redis.call('SADD', seen, identity) == 0 then return 0 end
local token = string.format('%012d', redis.call('HINCRBY', run, 'last', 1))
redis.call('HSET', body, token, data)
redis.call('HSET', place, token, urgency)
redis.call('ZADD', queue, urgency, token)
return 1
""",
    "pop": """
local worker, patience = ARGV[1], ARGV[2]
for _, token in ipairs(redis.call('ZRANGEBYSCORE', lease, '-inf', now)) do back(token) end
local token = redis.call('ZRANGE', queue, 0, 0)[1]
if not token then return nil end
redis.call('ZREM', queue, token)
redis.call('ZADD', lease, now + patience, token)
redis.call('HSET', owner, token, worker)
return {token, redis.call('HGET', body, token)}
""",
    # A request that another worker has leased by now stays leased; one that is back in the queue is done.
    "ack": """
local worker, token, days, failures = ARGV[1], ARGV[2], cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
for _, day in ipairs(days) do redis.call('SADD', proven, day) end
for _, each in ipairs(failures) do redis.call('HSET', failed, each[1], each[2]) end
local holder = redis.call('HGET', owner, token)
if holder and holder ~= worker then return 0 end
redis.call('ZREM', queue, token)
redis.call('ZREM', lease, token)
for _, key in ipairs({body, place, owner}) do redis.call('HDEL', key, token) end
return 1
""",
    # An article that was proven to be listed may be among what is taken out here.
    "discard": """
local token = ARGV[1]
redis.call('HSET', run, 'spoiled', 1)
redis.call('ZREM', queue, token)
redis.call('ZREM', lease, token)
for _, key in ipairs({body, place, owner}) do redis.call('HDEL', key, token) end
""",
    "release": """
for i = 2, #ARGV do
    if redis.call('HGET', owner, ARGV[i]) == ARGV[1] then back(ARGV[i]) end
end
""",
    "renew": """
local worker, patience, lost = ARGV[1], ARGV[2], 0
redis.call('ZADD', workers, now + patience, worker)
for i = 3, #ARGV do
    if redis.call('HGET', owner, ARGV[i]) == worker then
        redis.call('ZADD', lease, now + patience, ARGV[i])
    else
        lost = lost + 1
    end
end
return lost
""",
    # The worker takes with it the failures of its own and of those that died.
    "leave": """
local worker, patience = ARGV[1], ARGV[2]
redis.call('ZREM', workers, worker)
local taken = {}
local all = redis.call('HGETALL', failed)
for i = 1, #all, 2 do
    local is_json, entry = pcall(cjson.decode, all[i + 1])
    local by = is_json and type(entry) == 'table' and tostring(entry['worker']) or ''
    local expires = redis.call('ZSCORE', workers, by)
    if not expires or tonumber(expires) < now then
        redis.call('HDEL', failed, all[i])
        if by ~= worker then table.insert(taken, all[i + 1]) end
    end
end
local days, folders = redis.call('SMEMBERS', proven), redis.call('SCARD', places)
local arguments, remaining, others = redis.call('HGET', run, 'told'), left(), live()
local spoiled = redis.call('HEXISTS', run, 'spoiled')
if remaining == 0 and arguments then
    local keys = {queue, lease, body, place, owner, seen, known, proven, workers, places, run}
    for _, key in ipairs(keys) do
        if others == 0 then redis.call('DEL', key) else redis.call('PEXPIRE', key, patience) end
    end
    redis.call('SET', done, arguments, 'PX', patience)
end
return {remaining, others, folders, days, taken, spoiled}
""",
    "slot": """
local gap = tonumber(ARGV[1])
if redis.call('HGET', run, 'ended') then return -1 end
local free = math.max(tonumber(redis.call('GET', next_key) or 0),
                      tonumber(redis.call('GET', hold_key) or 0))
if free > now then return free - now end
redis.call('SET', next_key, now + gap, 'PX', gap + 60000)
return 0
""",
    "answered": """
local free = math.max(tonumber(redis.call('GET', next_key) or 0), now + tonumber(ARGV[1]))
redis.call('SET', next_key, free, 'PX', free - now + 60000)
""",
    "hold": """
local free = math.max(tonumber(redis.call('GET', hold_key) or 0), now + tonumber(ARGV[1]))
redis.call('SET', hold_key, free, 'PX', free - now + 1000)
""",
    "state": """
return {redis.call('ZCARD', queue), redis.call('ZCARD', lease), live(),
        redis.call('HLEN', failed), redis.call('HGET', run, 'told') or ''}
""",
    "clean": """
if live() > 0 then return live() end
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return 0
""",
}

BATCH = 1000  # ids in one message
LONGEST_SHOWN = 2000  # characters shown of a value in Redis

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRemainder:
    """What remains when a worker leaves: counts of requests, workers and output directories.

    `days` are proven, `failed` are articles that workers which died could not get. `is_spoiled`
    says that another program has written to the queue, so that nothing is proven.
    """

    requests: int
    workers: int
    folders: int
    days: tuple[date, ...]
    failed: tuple[PendingArticle, ...]
    is_spoiled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """The state of a fleet: counts of requests, workers and failed articles, and its arguments."""

    waiting: int
    leased: int
    workers: int
    failed: int
    arguments: str


def connect(url: str) -> Redis:
    """Return a client of the Redis at `url`; `RedisUnavailable` if none answers."""
    try:
        server = Redis.from_url(url, socket_timeout=15, socket_connect_timeout=5)
        server.ping()
    except RedisError as error:
        raise RedisUnavailable(
            f"no Redis answers at KOMPAS_REDIS_URL: {describe_error(error)}"
        ) from None
    except ValueError:  # an option of the address; its words may be those of the password
        raise BadArgument("KOMPAS_REDIS_URL cannot be used: see its options") from None
    return server


class FleetQueue:
    """One worker's access to the state of its fleet. Every method raises RedisError.

    `patience` is the lease in seconds: then the requests of a dead worker return to the queue.
    """

    def __init__(self, server: Redis, spider: str, worker: str, patience: float) -> None:
        self.worker = worker
        self._server = server
        self._patience = int(patience * 1000)
        self._keys = [*(f"kompas:{spider}:{name}" for name in _NAMES), *_PACE]
        self._scripts = {
            name: server.register_script(_BEGIN + text) for name, text in _SCRIPTS.items()
        }

    def _run(self, name: str, *args: Any) -> Any:
        return self._scripts[name](keys=self._keys, args=args)

    def enter(self, arguments: str, folder: str) -> tuple[str, str]:
        """Begin a run or join it; return how, and for "other" the arguments of the run at work.

        "first" and "joined": the first or a further worker of this output directory; "done": the
        same crawl has just ended; "other": a fleet with other arguments is at work.
        """
        how, before = self._run("enter", self.worker, arguments, self._patience, folder)
        return how.decode(), legible(before)

    def add_known(self, ids: Iterable[str]) -> None:
        """Add the ids of articles that were stored before the run."""
        every = iter(ids)
        while batch := list(islice(every, BATCH)):
            self._server.sadd(self._key("known"), *batch)

    def push(self, identity: str, article_id: str, priority: int, body: bytes) -> bool:
        """Add a request to the queue; False if the fleet has had it already."""
        return bool(self._run("push", identity, article_id, -priority, body))

    def pop(self) -> tuple[str, bytes] | None:
        """Lease the most urgent request; return its token and body, None if nothing waits."""
        found = self._run("pop", self.worker, self._patience)
        return (found[0].decode(), found[1]) if found else None

    def ack(self, token: str, days: Iterable[str], failed: Mapping[str, Mapping[str, str]]) -> bool:
        """Acknowledge a request, with proven days and failures; False if another worker has it now."""
        failures = [
            (id_, json.dumps({**entry, "worker": self.worker})) for id_, entry in failed.items()
        ]
        proven = json.dumps(list(days))
        return bool(self._run("ack", self.worker, token, proven, json.dumps(failures)))

    def discard(self, token: str) -> None:
        """Remove what is no request, and note that another program writes to the queue."""
        self._run("discard", token)

    def release(self, tokens: Iterable[str]) -> None:
        """Return leased requests to the queue at once."""
        self._run("release", self.worker, *tokens)

    def renew(self, tokens: Iterable[str]) -> int:
        """Renew this worker and its leases; return how many of them it has lost."""
        return int(self._run("renew", self.worker, self._patience, *tokens))

    def remaining(self) -> int:
        """Return how many requests wait or are leased."""
        server = self._server.pipeline()
        server.zcard(self._key("queue"))
        server.zcard(self._key("lease"))
        return sum(server.execute())

    def bodies(self) -> Iterator[bytes]:
        """Yield every request that waits or is leased."""
        for _, body in self._server.hscan_iter(self._key("body")):
            yield body

    def leave(self) -> FleetRemainder:
        """Leave the fleet; the last worker deletes the keys when no request remains."""
        left = self._run("leave", self.worker, self._patience)
        requests, workers, folders, days, failed, spoiled = left
        read_days = [_day(day) for day in days]
        read_failed = [_failed(entry) for entry in failed]
        return FleetRemainder(
            requests=requests,
            workers=workers,
            folders=folders,
            days=tuple(filter(None, read_days)),
            failed=tuple(filter(None, read_failed)),
            is_spoiled=bool(spoiled) or None in read_days or None in read_failed,
        )

    def wait(self, gap: float) -> float | None:
        """Take the next turn (0.0), or return the seconds until one may be free.

        None says that Kompas has blocked the fleet.
        """
        milliseconds = self._run("slot", max(1, round(gap * 1000)))
        return None if milliseconds < 0 else milliseconds / 1000

    def answered(self, gap: float) -> None:
        """Let the gap of `gap` seconds begin now, when the answer came."""
        self._run("answered", max(1, round(gap * 1000)))

    def hold(self, seconds: float) -> None:
        """Stop all workers from sending requests for some seconds."""
        self._run("hold", round(seconds * 1000))

    def end(self, reason: str) -> None:
        """Make all workers end."""
        self._server.hset(self._key("run"), "ended", reason)

    def state(self) -> FleetState:
        """Return what the queue and the fleet hold at the moment."""
        waiting, leased, workers, failed, arguments = self._run("state")
        return FleetState(
            waiting=waiting,
            leased=leased,
            workers=workers,
            failed=failed,
            arguments=legible(arguments),
        )

    def clean(self) -> int:
        """Delete all keys unless workers are alive; return how many are."""
        return int(self._run("clean"))

    def _key(self, name: str) -> str:
        return self._keys[_NAMES.index(name)]


def describe_error(error: RedisError) -> str:
    """Return an error's name and reason, without the server's message, which may hold the password."""
    reason = getattr(error.__cause__ or error.__context__, "strerror", None)
    return f"{type(error).__name__}{f', {reason}' if reason else ''}"


def legible(written: bytes) -> str:
    r"""Return what workers have written as text that is safe for a terminal: printable ASCII.

    >>> legible(b'{"since": "1d"}\x1b[2J')
    '{"since": "1d"}?[2J'
    """
    return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in written[:LONGEST_SHOWN])


def _day(written: bytes) -> date | None:
    try:
        return date.fromisoformat(written.decode())
    except ValueError:
        return None


def _failed(written: bytes) -> PendingArticle | None:
    """Return an article that a dead worker could not get, None for what no worker writes."""
    try:
        entry = object_in(written)
        id_, url, reason = (str(entry[name]) for name in ("id", "url", "reason"))
    except (BrokenRecord, KeyError):
        return None
    is_article = is_kompas(url) and article_id(url) == id_
    if not is_article or not _WORD.fullmatch(reason):
        return None
    return PendingArticle(id=id_, url=url, reason=reason)
