"""The WARC files of a run, and the middleware that saves every article page in them.

`warc/YYYY-MM-DD-RUN-NNN.warc.gz` holds the responses of one run: WARC 1.0 (ISO 28500), one gzip
member per record, each appended with one write. A run that is killed loses at most one record.
"""

from __future__ import annotations

import logging
import os
import time
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from http import client
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from kompas_crawler import __version__
from kompas_crawler.archive.files import (
    flush_data,
    flush_to_disk,
    raising_storage_failed,
    write_line,
)
from kompas_crawler.errors import StorageFailed
from kompas_crawler.middlewares import pace_of
from kompas_crawler.responses import GONE, NotSent
from kompas_crawler.runs.arguments import wants_pages_kept
from kompas_crawler.timezones import WIB

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from warcio.recordbuilder import RecordBuilder

    from kompas_crawler.runs.run import Run

logger = logging.getLogger(__name__)

FOLDER = "warc"
LARGEST_FILE = 256 * 1024 * 1024  # bytes; a day of the section has some 2 MB
SYNC_EVERY = 5.0  # seconds
# On 40 real pages level 4 takes 1.8 ms a page and 38 kB, 6 takes 2.8 ms and 36 kB, and 9, which
# warcio would use, 8.3 ms and 36 kB.
COMPRESSION = 4

# What these say of the transfer is no longer true of the unpacked body that is kept. They get the
# prefix under which the news archives of Common Crawl keep them.
_OF_TRANSFER = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
_PREFIX = b"X-Crawler-"


class NotKept(NotSent):
    """Raised when a page could not be saved: it is not read either, and is requested next time."""

    reason = "not-kept"


class WarcWriter:
    """The WARC files of one run; only the run itself writes to them.

    Raises `StorageFailed`, whatever the method, when the disk refuses.
    """

    def __init__(
        self, folder: Path, run: str, about: Mapping[str, str], *, largest: int = LARGEST_FILE
    ) -> None:
        """Prepare the files of a run; `about` is written in the warcinfo record of each file."""
        self._folder = folder
        self._run = run
        self._about = about
        self._largest = largest
        self._number = 0
        self._day: date | None = None
        self._fd: int | None = None
        self._path = folder
        self._synced_at = time.monotonic()

    def keep(
        self, url: str, http: bytes, body: bytes, moment: datetime, ip: str | None = None
    ) -> None:
        """Save a response: its status line and headers as they came, its body decoded."""
        headers = {"WARC-Date": _warc_date(moment)} | ({"WARC-IP-Address": ip} if ip else {})
        record = _builder().create_warc_record(
            url,
            "response",
            payload=BytesIO(http + body),
            length=len(http) + len(body),
            warc_headers_dict=headers,
        )
        self._append(_packed(record), moment.astimezone(WIB).date(), moment)

    def close(self) -> None:
        """Flush everything to disk; may be called twice."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            with raising_storage_failed(self._path):
                flush_data(fd)
        finally:
            os.close(fd)

    def _append(self, record: bytes, day: date, moment: datetime) -> None:
        fd = self._fd_of(day, moment)
        with raising_storage_failed(self._path):
            write_line(self._path, fd, record)
            if time.monotonic() - self._synced_at > SYNC_EVERY:
                flush_data(fd)
                self._synced_at = time.monotonic()

    def _fd_of(self, day: date, moment: datetime) -> int:
        if self._fd is not None and self._day == day and os.fstat(self._fd).st_size < self._largest:
            return self._fd
        self.close()
        self._number += 1
        self._day = day
        self._path = self._folder / f"{day}-{self._run}-{self._number:03}.warc.gz"
        with raising_storage_failed(self._path):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666
            )
            write_line(self._path, self._fd, self._first_record(moment))
            flush_to_disk(self._folder)
        return self._fd

    def _first_record(self, moment: datetime) -> bytes:
        record = _builder().create_warcinfo_record(self._path.name, self._about)
        record.rec_headers.replace_header("WARC-Date", _warc_date(moment))
        return _packed(record)


class WarcMiddleware:
    """Saves the final response to each article request, before any other middleware checks it.

    So responses are saved that became articles, and also those that could not be read: an unknown
    layout, a challenge, a server error. Only 404 and 410 are left out.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.files: WarcWriter | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        arguments = getattr(crawler.spider, "arguments", {})
        if not wants_pages_kept(arguments, crawler.settings["KOMPAS_KEEP"]):
            raise NotConfigured
        keeper = cls(crawler)
        crawler.signals.connect(keeper.close, signals.spider_closed)
        return keeper

    @property
    def run(self) -> Run:
        run: Run = getattr(self.crawler.spider, "run")  # noqa: B009 - spiders are above this room
        return run

    def process_response(self, request: Request, response: Response) -> Response:
        """Save the response, and set `request.meta["downloaded_at"]`. Raises `NotKept`."""
        if "article_id" in request.cb_kwargs and response.status not in GONE:
            moment = datetime.now(WIB).replace(microsecond=0)
            request.meta["downloaded_at"] = moment
            try:
                self._keep(response, moment)
            except StorageFailed as failure:
                self._stop(failure)
                raise NotKept(request.url, "no room for the page") from failure
        return response

    def close(self) -> None:
        """Flush the last pages to disk; if that fails, the run is not complete."""
        if self.files is None:
            return
        try:
            self.files.close()
        except StorageFailed as failure:
            logger.critical("The last pages may not be kept. %s", failure)
            self.run.storage_failed = True

    def _keep(self, response: Response, moment: datetime) -> None:
        if self.files is None:
            self.files = self._opened()
        ip = str(response.ip_address) if response.ip_address else None
        self.files.keep(response.url, _http(response), response.body, moment, ip)
        notes = self.run.notes
        notes["kept_pages"] = notes.get("kept_pages", 0) + 1

    def _opened(self) -> WarcWriter:
        settings = self.crawler.settings
        root = Path(settings["KOMPAS_OUTPUT_DIR"])
        about = {
            "software": f"kompas_crawler/{__version__}",
            "format": "WARC File Format 1.0",
            "isPartOf": self.run.id,
            "operator": settings["KOMPAS_CONTACT"],
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        }
        return WarcWriter(root / FOLDER, self.run.id, about)

    def _stop(self, failure: StorageFailed) -> None:
        """End the run: an article whose page cannot be saved is not stored, but stays pending."""
        run = self.run
        if not run.storage_failed:
            logger.critical("Nothing more can be kept, the run ends here. %s", failure)
            run.storage_failed = True
        pace_of(self.crawler).end("storage")


def _http(response: Response) -> bytes:
    """Return status line and headers of a response, as if the body had been sent uncompressed."""
    phrase = client.responses.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {phrase}".rstrip().encode()]
    for name, values in response.headers.items():
        prefix = _PREFIX if name.lower() in _OF_TRANSFER else b""
        lines += [prefix + name + b": " + value for value in values]
    lines.append(b"Content-Length: %d" % len(response.body))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _builder() -> RecordBuilder:
    # The package is needed only by a run that saves pages.
    from warcio.recordbuilder import RecordBuilder

    return RecordBuilder()


def _packed(record: Any) -> bytes:
    """Return a record as one gzip member, to be written with one write."""
    from warcio.warcwriter import WARCWriter

    plain = BytesIO()
    WARCWriter(plain, gzip=False).write_record(record)
    packer = zlib.compressobj(COMPRESSION, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(plain.getbuffer()) + packer.flush()


def _warc_date(moment: datetime) -> str:
    """Return a moment as WARC writes it.

    >>> _warc_date(datetime(2026, 11, 23, 10, 15, 0, tzinfo=WIB))
    '2026-11-23T03:15:00Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
