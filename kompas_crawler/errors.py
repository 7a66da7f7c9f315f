"""The exceptions of the project. Each message holds the evidence: what was found, and where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class KompasError(Exception):
    """The root of all errors of this project."""


class BadArgument(KompasError, ValueError):
    """Raised before the first request when a person's argument cannot be understood."""


class RedisUnavailable(BadArgument):
    """Raised before the first request when no Redis answers at KOMPAS_REDIS_URL."""


class SpiderNotStarted(KompasError):
    """Raised when a spider could not be started; the log has the reason."""


class PageRefused(KompasError):
    """Raised when a page cannot become an article; nothing of it is stored."""

    def __init__(self, url: str, found: str) -> None:
        super().__init__(f"{found}: {url}")
        self.url = url
        self.found = found


class NotAnArticle(PageRefused):
    """Raised when what was fetched is no article page of Kompas: empty, binary, a list, a video."""


class ChallengePage(PageRefused):
    """Raised when Kompas answers with a bot challenge instead of the page. It is never bypassed."""


class CutOffPage(PageRefused):
    """Raised when a page ends in the middle; how much of its text is missing is unknown."""


class TooCostly(PageRefused):
    """Raised when reading a page takes more time or memory than any page of Kompas needs."""


class SetAside(PageRefused):
    """Raised instead of reading a page that has killed the process that read it several times."""


class FutureDownload(PageRefused):
    """Raised when a saved page is dated more than a day ahead: it would stay the newest revision."""


class IncompleteArticle(PageRefused):
    """Raised when an article page lacks its title, its time or its text."""

    def __init__(self, url: str, missing: tuple[str, ...]) -> None:
        super().__init__(url, f"no {', '.join(missing)}")
        self.missing = missing


class BrokenRecord(KompasError):
    """Raised when a record breaks the contract of the output; it is not stored."""

    def __init__(self, article_id: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{article_id}: {'; '.join(problems)}")
        self.article_id = article_id
        self.problems = problems


class SpoiledLine(BrokenRecord):
    """Raised when a stored line is no JSON object, so that not even its article is known."""

    def __init__(self, found: str) -> None:
        super().__init__("a line", (found,))


class StorageFailed(KompasError):
    """Raised when the disk refuses a file; a line that was written in part has been truncated."""


class Interrupted(StorageFailed):
    """Raised when a wait for a file lock ends because the process got a signal to stop."""


class AlreadyRunning(KompasError):
    """Raised when another run of the same spider holds the same output directory."""


class ForeignRequest(KompasError):
    """Raised when an entry of the shared queue is no request of this crawler; it is not run."""


class NotDeployed(KompasError):
    """Raised when a Scrapyd server does not serve what was deployed, or does not answer."""


class MissingPackage(KompasError):
    """Raised when a command needs a package that is not installed; the message says which."""


@contextmanager
def needing(what: str, requirements: str) -> Iterator[None]:
    """Raise MissingPackage where an import finds no package; `requirements` names the file of it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__package__):
            raise
        raise MissingPackage(
            f"{what} needs {error.name}: pip install -r requirements-{requirements}.txt"
        ) from error
