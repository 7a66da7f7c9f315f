"""A safe log: no quoted text can control a terminal or imitate a line of the log."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from scrapy.settings import BaseSettings

from kompas_crawler.characters import escaped
from kompas_crawler.cli.streams import print_message


class SafeRecord(logging.LogRecord):
    """A record of the log without unsafe characters in its message and its traceback.

    Every logger makes these, those of Scrapy and Twisted too, so no handler and no formatter has
    to know.
    """

    _exc_text: str | None = None

    def getMessage(self) -> str:  # noqa: N802 - the library's name
        return escaped(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        """The traceback, once a formatter has made it."""
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = None if text is None else escaped(text)


class SafeLog:
    """An add-on of Scrapy that makes the log safe before a spider is made."""

    def update_settings(self, settings: BaseSettings) -> None:
        install_safe_logging()


def install_safe_logging() -> None:
    """Make every log record, and the traceback of an uncaught exception, safe to show."""
    logging.setLogRecordFactory(SafeRecord)
    sys.excepthook = _print_traceback


def _print_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    print_message("".join(traceback.format_exception(kind, error, trace)).rstrip())
