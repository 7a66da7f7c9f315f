"""The admin addresses by which a test inspects and changes a stand-in in another process.

GET  /requests            every request so far, as JSON lines
GET  /ids?day=2026-11-20  the ids of a day, newest first; without a day, of all days
GET  /record?id=…         the record that a crawl of the article must store
GET  /faults              the schedule; POST replaces it by the JSON list sent
POST /publish             a minute passes, an article appears: {"id": …}
POST /revise?id=…         the article's text changes: {"revision": …}
POST /remove?id=…&status= the article is gone
POST /now?at=2026-11-21T12:00:00+07:00
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from kompas_standin.answers import Answer, PageRequest
from kompas_standin.faults import Schedule, read_faults
from kompas_standin.site import Site

HOST = "standin.kompas.test"


class Admin:
    """The desk of the stand-in, reached at its own port or as http://standin.kompas.test/."""

    def __init__(self, site: Site, schedule: Schedule, requests: list[str]) -> None:
        self.site, self.schedule, self.requests = site, schedule, requests

    def to(self, method: str, asked: PageRequest, sent: bytes) -> Answer:
        """Return the answer as JSON; 400 with a sentence where the request makes no sense."""
        act = _ACTS.get((method, asked.path))
        if act is None:
            return Answer(page=[(__doc__ or "") + "\n"], status=404, type="text/plain")
        try:
            told = act(self, asked, sent)
        except (ValueError, KeyError) as error:
            return Answer(page=[f"{error}\n"], status=400, type="text/plain")
        text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False) + "\n"
        return Answer(page=[text], type="application/json")

    def _asked_so_far(self, asked: PageRequest, sent: bytes) -> str:
        return "".join(self.requests)

    def _ids(self, asked: PageRequest, sent: bytes) -> list[str]:
        if asked.option("day"):
            return list(self.site.ids(date.fromisoformat(asked.option("day"))))
        return [id_ for day in self.site.days() for id_ in self.site.ids(day)]

    def _record(self, asked: PageRequest, sent: bytes) -> dict[str, Any]:
        return self.site.record(asked.option("id"))

    def _faults(self, asked: PageRequest, sent: bytes) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.schedule.faults]

    def _replace(self, asked: PageRequest, sent: bytes) -> list[dict[str, Any]]:
        self.schedule.replace(read_faults(sent.decode()))
        return self._faults(asked, sent)

    def _publish(self, asked: PageRequest, sent: bytes) -> dict[str, str]:
        return {"id": self.site.publish()}

    def _revise(self, asked: PageRequest, sent: bytes) -> dict[str, int]:
        return {"revision": self.site.revise(asked.option("id"))}

    def _remove(self, asked: PageRequest, sent: bytes) -> dict[str, int]:
        self.site.headline(asked.option("id"))
        self.site.remove(asked.option("id"), int(asked.option("status", "404")))
        return self.site.gone

    def _now(self, asked: PageRequest, sent: bytes) -> dict[str, str]:
        # A plus sign in a query is a space.
        now = datetime.fromisoformat(asked.option("at").replace(" ", "+"))
        if now.tzinfo is None:
            raise ValueError("the time has no offset")
        self.site.travel(now)
        return {"now": now.isoformat()}


_ACTS: dict[tuple[str, str], Callable[[Admin, PageRequest, bytes], Any]] = {
    ("GET", "/requests"): Admin._asked_so_far,
    ("GET", "/ids"): Admin._ids,
    ("GET", "/record"): Admin._record,
    ("GET", "/faults"): Admin._faults,
    ("POST", "/faults"): Admin._replace,
    ("POST", "/publish"): Admin._publish,
    ("POST", "/revise"): Admin._revise,
    ("POST", "/remove"): Admin._remove,
    ("POST", "/now"): Admin._now,
}
