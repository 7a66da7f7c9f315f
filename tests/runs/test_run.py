"""The bookkeeping of a run: what it proves, what it owes, how it ended."""

import json
from datetime import datetime, timedelta

import pytest

from kompas_crawler.runs.intervals import Interval, merged
from kompas_crawler.runs.outcome import EXIT_CODES, MEANINGS, Outcome
from kompas_crawler.runs.run import Run
from kompas_crawler.runs.state import PendingArticle, State
from kompas_crawler.timezones import WIB

NOON = datetime(2026, 11, 20, 12, tzinfo=WIB)
HOUR = timedelta(hours=1)


def run_of(**more):
    return Run(id="international-1", spider="international", started_at=NOON, **more)


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


def proven(*stretches):
    return merged([Interval(NOON + a * HOUR, NOON + b * HOUR) for a, b in stretches])


LONG = 31 * 24


@pytest.mark.parametrize(
    ("state", "begin"),
    [
        (State(), None),
        (State(coverage=proven((-5, -2))), -2 - 12),
        (State(coverage=proven((-5 * LONG, -2 * LONG))), None),
        (State(followed_since=NOON - 3 * HOUR), -3),
        (State(coverage=proven((-5 * LONG, -2 * LONG)), followed_since=NOON - 3 * HOUR), -3),
        (
            State(coverage=proven((-5 * LONG, -2 * LONG)), followed_since=NOON - 5 * LONG * HOUR),
            -2 * LONG - 12,
        ),
        (State(coverage=proven((-50, -40), (-3, -1)), followed_since=NOON - 45 * HOUR), -1 - 12),
    ],
    ids=[
        "nothing is known",
        "a backfill has just ended",
        "a month of last year was read once",
        "a first run proved nothing",
        "a first run proved nothing, a month of last year was read once",
        "nothing ran for months",
        "a hole lies behind",
    ],
)
def test_a_run_begins_where_proof_ends(state, begin):
    told = state.next_since(12 * HOUR, NOON - LONG * HOUR)
    assert told == (None if begin is None else NOON + begin * HOUR)


def test_days_with_a_hole_are_read_again_only_where_the_section_is_followed():
    state = State(coverage=proven((-96, -60), (-20, -10)))
    assert state.days_to_prove(8) == []
    days = state.follows(NOON - 70 * HOUR).days_to_prove(8)
    assert [day.day for day in days] == [19, 18]


def test_days_tried_too_often_are_given_up():
    days = {NOON.date() - timedelta(days=n): n for n in (1, 2, 3)}
    assert State(pending_days=days).days_to_prove(3) == [
        NOON.date() - timedelta(days=n) for n in (1, 2)
    ]


def test_what_a_run_was_to_prove_and_did_not_is_owed_until_it_is_proven():
    run = run_of(max_tries=2)
    run.note_listing()
    run.coverage.plan_interval(NOON - 30 * HOUR, NOON)
    run.coverage.note_covered(NOON - 10 * HOUR, NOON)
    run.coverage.failed_days.add(NOON.date() - timedelta(days=1))
    assert run.outcome("finished") is Outcome.PARTIAL
    first, _, lost = run.state_after(State())
    assert {day.day: tries for day, tries in first.pending_days.items()} == {19: 1, 20: 0}
    assert not lost
    again, _, lost = run.state_after(first)
    assert [day.day for day in lost] == [19]
    assert [day.day for day in again.days_to_prove(2)] == [20]
    healed = run_of()
    healed.coverage.note_covered(NOON - 36 * HOUR, NOON)
    assert healed.state_after(again)[0].pending_days == {}


def test_what_was_asked_for_and_never_answered_is_owed():
    run = run_of()
    run.request("2026/11/20/110000170", "https://www.kompas.com/global/read/2026/11/20/110000170/a")
    state, given_up, _ = run.state_after(State())
    assert list(state.pending) == ["2026/11/20/110000170"]
    assert state.pending["2026/11/20/110000170"].tries == 0, "nobody tried it"
    assert not given_up
    assert run.outcome("finished") is Outcome.PARTIAL


def test_an_article_is_asked_for_once_a_run():
    run = run_of()
    assert run.request("a", "https://x")
    assert not run.request("a", "https://x")
    run.note_failed("a", "https://x", "http-500")
    assert not run.request("a", "https://x")
    assert run.state_after(State())[0].pending["a"].url == "https://x"


@pytest.mark.parametrize("before_it_fails", [True, False])
def test_a_pending_article_is_next_requested_where_a_list_names_it_now(before_it_fails):
    run = run_of()
    run.request("a", "https://x")
    if before_it_fails:
        run.request("a", "https://y")
    run.note_failed("a", "https://x", "http-500")
    if not before_it_fails:
        run.request("a", "https://y")
    assert run.failed["a"].url == "https://x", "that is the address that failed"
    assert run.state_after(State(pending={"a": OWED}))[0].pending["a"].url == "https://y"


OWED = PendingArticle(id="a", url="https://x", reason="http-500", tries=2)


@pytest.mark.parametrize(
    ("read", "reason", "tries"),
    [
        ({}, "http-500", 2),
        ({"lists": 5}, "http-500", 2),
        ({"lists": 5, "read": 1}, "http-500", 3),
        ({"read": 1}, "IncompleteArticle", 3),
        ({"read": 1}, "error-MemoryError", 2),
        ({"read": 1}, "error-KeyError", 2),
        ({"read": 1}, "invalid-record", 2),
        ({"read": 1}, "not-kept", 2),
        ({"read": 1}, "blocked", 2),
    ],
)
def test_a_try_counts_only_where_other_articles_were_read_and_the_fault_is_not_ours(
    read, reason, tries
):
    run = run_of()
    run.counts.update(read)
    run.note_failed("a", "https://x", reason)
    assert run.state_after(State(pending={"a": OWED}))[0].pending["a"].tries == tries


def test_no_try_counts_in_a_run_that_found_kompas_changed():
    run = run_of()
    run.counts["read"] = 5
    run.drifted.append({"what": "title"})
    run.note_failed("a", "https://x", "IncompleteArticle")
    assert run.state_after(State(pending={"a": OWED}))[0].pending["a"].tries == 2


def test_a_day_s_try_counts_where_other_lists_were_read():
    day = NOON.date()
    for lists, tries in ((0, 1), (3, 2)):
        run = run_of()
        run.counts["lists"] = lists
        run.coverage.failed_days.add(day)
        assert run.state_after(State(pending_days={day: 1}))[0].pending_days == {day: tries}


def test_an_article_that_fails_too_often_is_given_up_and_said_so():
    run = run_of(max_tries=3)
    run.counts["read"] += 1
    run.note_failed("a", "https://x", "IncompleteArticle")
    before = State(
        pending={"a": PendingArticle(id="a", url="https://x", reason="http-500", tries=2)}
    )
    line = run.to_line(Outcome.PARTIAL, "finished", NOON, before)
    assert [entry["id"] for entry in line["given_up"]] == ["a"]
    assert line["pending"] == []


def test_stored_and_gone_articles_are_no_longer_owed():
    before = State(
        pending={i: PendingArticle(id=i, url="https://x", reason="timeout") for i in "abcd"}
    )
    run = run_of()
    for article_id in "abc":
        run.request(article_id, "https://x")
    run.resolve("a", "stored")
    run.note_gone("b", "https://x", 404, NOON)
    run.note_other_section("c", "https://x")
    assert run.outcome("finished") is Outcome.COMPLETE
    assert list(run.state_after(before, "a".__eq__)[0].pending) == ["d"]
    assert not run.state_after(before, "ad".__contains__)[0].pending, "another run has stored d"
    assert not run.request("c", "https://x")


def test_a_stored_article_that_cannot_be_compared_again_is_not_owed():
    run = run_of()
    run.note_failed("a", "https://x", "http-500")
    assert run.outcome("finished") is Outcome.PARTIAL
    assert not run.state_after(State(), "a".__eq__)[0].pending


def test_a_line_gives_back_the_state_it_was_made_of():
    run = run_of()
    run.coverage.note_covered(NOON, NOON + HOUR)
    run.note_failed("a", "https://x", "timeout")
    run.coverage.plan_interval(NOON - 48 * HOUR, NOON)
    run.coverage.note_followed(NOON - 48 * HOUR)
    line = json.loads(json.dumps(run.to_line(Outcome.PARTIAL, "finished", NOON, State())))
    state = State.from_line(line)
    assert state == run.state_after(State())[0]
    assert state.coverage == (Interval(NOON, NOON + HOUR),)
    assert state.followed_since == NOON - 48 * HOUR
    assert len(state.pending_days) == 3
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
        ("closespider_timeout", Outcome.STOPPED),
        ("closespider_errorcount", Outcome.PARTIAL),
        ("start_error", Outcome.PARTIAL),
    ],
)
def test_every_way_to_end_has_its_word(reason, outcome):
    assert run_of().outcome(reason) is outcome


def test_a_list_that_failed_or_was_not_recognised_is_told():
    run = run_of()
    run.note_failed_listing("https://www.kompas.com/global", "http-500")
    assert run.outcome("finished") is Outcome.PARTIAL
    run.unknown_listings.append("https://www.kompas.com/global")
    assert run.outcome("finished") is Outcome.DRIFT


def test_every_outcome_has_its_own_code_and_meaning():
    assert set(EXIT_CODES) == set(MEANINGS) == set(Outcome)
    assert len(set(EXIT_CODES.values())) == len(Outcome)
    assert [outcome for outcome, code in EXIT_CODES.items() if code == 0] == [Outcome.COMPLETE]
