"""What can go wrong, by name.

Every error carries its evidence: what was found, where, and what to do about it.
"""


class KompasError(Exception):
    """The root of all errors of this project."""


class BadArgument(KompasError, ValueError):
    """Raised before the first request when a person's argument cannot be understood."""


class RedisUnavailable(BadArgument):
    """Raised before the first request when no Redis answers where workers are to share one."""


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
    """Raised when a page ends in the middle; how much of its text is missing nobody can tell."""


class TooCostly(PageRefused):
    """Raised when reading a page takes more time or memory than any page of Kompas needs."""


class SetAside(PageRefused):
    """Raised instead of reading a page again that has ended the process that read it, several times."""


class FutureDownload(PageRefused):
    """Raised when a saved page is dated later than tomorrow: it would count as the newest for ever."""


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
    """Raised when a line could not be written whole; what was begun has been cut back."""


class Interrupted(StorageFailed):
    """Raised when a wait for a file ends because the process was told to stop."""


class AlreadyRunning(KompasError):
    """Raised when another run of the same spider holds the same output directory."""


class ForeignRequest(KompasError):
    """Raised when what lies in the shared queue is no request of ours; nothing of it is run."""


class NotDeployed(KompasError):
    """Raised when a Scrapyd server does not serve what was brought to it, or cannot be asked."""


class MissingPackage(KompasError):
    """Raised when a command needs a package that is not installed; the message says which."""
