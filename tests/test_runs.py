"""The bookkeeping of a run: what it proves, what it owes, how it ended."""

from datetime import datetime, timedelta

import pytest

from kompas_crawler.datelines import WIB
from kompas_crawler.runs import EXIT_CODES, MEANINGS, Interval, Outcome, Owed, Run, State, merged

NOON = datetime(2026, 11, 20, 12, tzinfo=WIB)
HOUR = timedelta(hours=1)


def run_of(**more):
    return Run(crawl="international-1", spider="international", started_at=NOON, **more)


def test_adjoining_and_overlapping_stretches_are_one():
    pieces = [
        Interval(NOON + 3 * HOUR, NOON + 4 * HOUR),
        Interval(NOON, NOON + HOUR),
        Interval(NOON + HOUR, NOON + 2 * HOUR),
        Interval(NOON + HOUR / 2, NOON + HOUR / 3 + HOUR / 2),
    ]
    assert merged(pieces) == (
        Interval(NOON, NOON + 2 * HOUR),
        Interval(NOON + 3 * HOUR, NOON + 4 * HOUR),
    )


def test_a_hole_is_where_the_next_run_begins():
    state = State(
        coverage=merged([Interval(NOON, NOON + HOUR), Interval(NOON + 5 * HOUR, NOON + 6 * HOUR)])
    )
    assert state.proven_until == NOON + HOUR


def test_what_was_asked_for_and_never_answered_is_owed():
    run = run_of()
    run.ask("2026/11/20/110000170", "https://www.kompas.com/global/read/2026/11/20/110000170/a")
    state, given_up = run.settle_state(State())
    assert list(state.pending) == ["2026/11/20/110000170"]
    assert state.pending["2026/11/20/110000170"].tries == 0, "nobody tried it"
    assert not given_up
    assert run.outcome("finished") is Outcome.PARTIAL


def test_an_article_is_asked_for_once_a_run():
    run = run_of()
    assert run.ask("a", "https://x")
    assert not run.ask("a", "https://x")
    run.fail("a", "https://x", "http-500")
    assert not run.ask("a", "https://x")


def test_tries_count_only_while_other_pages_come():
    owed = Owed(id="a", url="https://x", reason="http-500", tries=2)
    before = State(pending={"a": owed})
    outage = run_of()
    outage.fail("a", "https://x", "http-500")
    assert outage.settle_state(before)[0].pending["a"].tries == 2
    working = run_of()
    working.counts["read"] += 1
    working.fail("a", "https://x", "http-500")
    assert working.settle_state(before)[0].pending["a"].tries == 3


def test_an_article_that_fails_too_often_is_given_up_and_said_so():
    run = run_of(max_tries=3)
    run.counts["read"] += 1
    run.fail("a", "https://x", "IncompleteArticle")
    before = State(pending={"a": Owed(id="a", url="https://x", reason="http-500", tries=2)})
    line = run.to_line(Outcome.PARTIAL, "finished", NOON, before)
    assert [entry["id"] for entry in line["given_up"]] == ["a"]
    assert line["pending"] == []


def test_stored_and_gone_articles_are_no_longer_owed():
    before = State(pending={i: Owed(id=i, url="https://x", reason="timeout") for i in "ab"})
    run = run_of()
    run.settle("a", "stored")
    run.lose("b", "https://x", 404, NOON)
    assert run.settle_state(before)[0].pending == {}
    assert run.outcome("finished") is Outcome.COMPLETE


def test_a_line_gives_back_the_state_it_was_made_of():
    run = run_of()
    run.cover(NOON, NOON + HOUR)
    run.fail("a", "https://x", "timeout")
    line = run.to_line(Outcome.PARTIAL, "finished", NOON, State())
    state = State.from_line(line)
    assert state.coverage == (Interval(NOON, NOON + HOUR),)
    assert state.pending["a"].reason == "timeout"


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("finished", Outcome.COMPLETE),
        ("shutdown", Outcome.STOPPED),
        ("blocked", Outcome.BLOCKED),
        ("unreachable", Outcome.UNREACHABLE),
        ("locked", Outcome.LOCKED),
        ("storage", Outcome.STORAGE),
        ("closespider_timeout", Outcome.PARTIAL),
        ("start_error", Outcome.PARTIAL),
    ],
)
def test_every_way_to_end_has_its_word(reason, outcome):
    assert run_of().outcome(reason) is outcome


def test_a_list_that_failed_or_was_not_recognised_is_told():
    run = run_of()
    run.listing_failed("https://www.kompas.com/global", "http-500")
    assert run.outcome("finished") is Outcome.PARTIAL
    run.unknown_listings.append("https://www.kompas.com/global")
    assert run.outcome("finished") is Outcome.DRIFT


def test_every_outcome_has_its_own_code_and_meaning():
    assert set(EXIT_CODES) == set(MEANINGS) == set(Outcome)
    assert len(set(EXIT_CODES.values())) == len(Outcome)
    assert [outcome for outcome, code in EXIT_CODES.items() if code == 0] == [Outcome.COMPLETE]
