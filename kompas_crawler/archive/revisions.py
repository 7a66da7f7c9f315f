"""The rules by which an article that is stored already becomes its next revision, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kompas_crawler.items import Article, field_names

_READ = field_names("page", "derived")  # without what the run that stored an article has added


def revised(item: Article, before: Article) -> Article:
    """Return the next revision of an article that Kompas changed.

    It keeps the first publication of the revision before. Its update is the one that the page
    states if that is new, otherwise the time of the download; neither counts before the
    publication, where this machine's clock, or that of the site, is wrong.
    """
    stated = item.updated_at if item.updated_at != before.updated_at else None
    times = (each for each in (stated, item.fetched_at) if each and each >= before.published_at)
    return replace(
        item,
        published_at=before.published_at,
        published_from=before.published_from,
        updated_at=next(times, None),
        revision=before.revision + 1,
    )


def next_revision(page: Article, stored: Sequence[Article]) -> Article | str:
    """Return the revision that an article read again adds, or "known" or "unchanged" for none.

    The newest download wins. One that is newer than the last revision counts as in a crawl: it
    becomes a revision if title or text have changed. The download of the last revision itself
    becomes one if today's rules read anything else from it. An older one adds nothing, unless
    it is whole and the stored one is truncated.
    """
    last = stored[-1]
    if page.fetched_at == last.fetched_at:
        return _read_anew(page, stored)
    if is_whole(page) != is_whole(last):
        return _following(page, last) if is_whole(page) else "known"
    if not _is_later(page, last):
        return "known"
    if page.content_hash == last.content_hash:
        return "unchanged"
    return revised(page, last)


def _read_anew(page: Article, stored: Sequence[Article]) -> Article | str:
    """Compare a page with what was once stored from it."""
    last = stored[-1]
    earlier = [each for each in stored if _is_later(page, each)]
    if earlier and earlier[-1].content_hash != page.content_hash:
        page = revised(page, earlier[-1])
    is_same = all(getattr(page, name) == getattr(last, name) for name in _READ)
    return "unchanged" if is_same else _following(page, last)


def _is_later(article: Article, other: Article) -> bool:
    moment, before = article.fetched_at, other.fetched_at
    return moment is not None and before is not None and moment > before


def _following(page: Article, last: Article) -> Article:
    same = page.content_hash == last.content_hash
    return replace(
        page,
        revision=last.revision + 1,
        duplicate_of=last.duplicate_of if same else None,
    )


def is_whole(article: Article) -> bool:
    """Return whether an article has all of its text, as far as its page tells."""
    return "truncated" not in article.warnings
