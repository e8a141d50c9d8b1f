"""Each check finds what it is there for, in a history that is wrong in that alone."""

from tests.reliability.processes.checks import ALL_CHECKS, violations
from tests.reliability.processes.history import History, Outcome, parse
from tests.reliability.processes.read_checks import FINAL
from tests.reliability.processes.story import SEA, Story

ISBN = "9780141186160"
OK, REFUSED, UNKNOWN = Outcome.OK, Outcome.REFUSED, Outcome.UNKNOWN


def broken(story: Story) -> set[str]:
    return set(violations(story.history))


def a_long_story() -> Story:
    """Return a right history with an operation of each kind and outcome."""
    story = Story()
    story.command("add", body={**SEA, "isbn": ISBN}, key="k1", status=201)
    story.command("add", body={**SEA, "isbn": ISBN}, key="k1", status=201, logged=False)
    story.command("revise", body={"title": "The Sea, the Sea"}, if_match=1)
    story.command("revise", body={"language": "en"}, outcome=UNKNOWN, status=0, logged=True)
    story.command("revise", body={"language": "fr"}, outcome=UNKNOWN, status=503, logged=False)
    story.command("revise", body={"title": "The Sea, the Sea"}, logged=False)
    story.command(
        "revise",
        body={"title": "No"},
        if_match=2,
        outcome=REFUSED,
        status=412,
        response={"type": "stale", "version": 3},
    )
    story.command(
        "add",
        "other",
        {**SEA, "isbn": ISBN},
        outcome=REFUSED,
        status=409,
        response={"type": "isbn-taken", "isbn": ISBN, "book_id": "sea"},
    )
    story.get(version=1)
    story.get(min_version=3)
    story.page(("sea", 3), parameters={"isbn": ISBN})
    story.history_page(range(1, 4))
    story.as_of("2026-01-01T00:00:01.500000Z", 2)
    story.command("revise", body={"isbn": None})
    story.command("add", "other", {**SEA, "isbn": ISBN}, status=201)
    story.command("remove", "other")
    story.get("other", status=404, min_version=2)
    story.get(client=FINAL)
    story.get("other", client=FINAL, status=404)
    story.page(("sea", 4), walk="f", client=FINAL)
    return story


def test_a_right_history_has_no_violations() -> None:
    assert violations(a_long_story().history) == {}


def test_a_history_is_the_same_when_it_is_read_from_its_file() -> None:
    history = a_long_story().history
    assert parse(list(history.lines())) == history


def test_a_history_without_anything_is_right() -> None:
    assert violations(History(Story().history.run)) == {}


def test_the_names_of_the_checks_differ() -> None:
    assert len({check.__name__ for check in ALL_CHECKS}) == len(ALL_CHECKS)


def test_a_missing_version_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.change_event(0, version=2)
    assert "each_log_is_1_to_n" in broken(story)


def test_an_event_that_is_stored_twice_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.change_event(1, event_id=story.events[0].event_id)
    assert broken(story) == {"each_log_is_1_to_n"}


def test_an_event_that_nobody_asked_for_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.change_event(0, correlation_id="nobody's")
    assert "each_event_is_what_a_request_asked_for" in broken(story)


def test_an_event_with_other_content_than_its_request_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.change_event(0, data={"details": {**SEA, "title": "Else"}})
    assert broken(story) == {"each_event_is_what_a_request_asked_for"}


def test_a_revision_of_a_removed_book_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("remove")
    story.command("revise", body={"title": "Alive"})
    assert "each_event_is_what_a_request_asked_for" in broken(story)


def test_a_lost_acknowledged_command_is_found() -> None:
    story = Story()
    story.command("add", body=SEA, status=201, logged=False)
    assert "each_command_is_one_event" in broken(story)


def test_a_lost_acknowledged_revision_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "Lost"}, logged=False)
    assert broken(story) == {"each_command_is_one_event"}


def test_a_command_that_was_doubled_by_its_repeat_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"}, key="k", outcome=UNKNOWN, status=0, logged=True)
    story.command("revise", body={"title": "A"})
    story.command("revise", body={"title": "B"}, key="k", logged=True)
    assert "each_command_is_one_event" in broken(story)


def test_a_refused_command_that_is_in_the_log_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"}, outcome=REFUSED, status=409, logged=True)
    assert "each_command_is_one_event" in broken(story)


def test_a_replay_with_another_response_than_the_first_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"}, key="k")
    story.command("revise", body={"title": "C"})
    story.command("revise", body={"title": "B"}, key="k", logged=False)
    assert "replays_give_the_first_response" in broken(story)


def test_a_replay_that_is_refused_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("remove", key="k")
    refusal = {"type": "no-such-book"}
    story.command("remove", key="k", outcome=REFUSED, status=404, response=refusal)
    assert broken(story) == {"replays_give_the_first_response"}


def test_two_requests_with_one_key_that_were_both_accepted_are_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"}, key="k")
    story.command("revise", body={"title": "C"}, key="k")
    assert broken(story) == {"a_key_is_for_one_request"}


def test_a_change_on_top_of_another_version_than_if_match_names_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.command("revise", body={"title": "C"}, if_match=1)
    assert broken(story) == {"if_match_holds"}


def test_a_412_for_the_present_version_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    told = {"type": "stale", "version": 1}
    story.command("revise", body={}, if_match=1, outcome=REFUSED, status=412, response=told)
    assert broken(story) == {"if_match_holds"}


def test_a_later_version_that_was_acknowledged_before_an_earlier_one_was_asked_for_is_found() -> (
    None
):
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.command("revise", body={"title": "C"})
    story.change(1, invoked=10.0, completed=11.0)
    assert broken(story) == {"each_version_has_a_moment"}


def test_a_version_that_was_read_before_it_was_asked_for_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.get(version=2)
    story.change(2, invoked=0.6, completed=0.7)
    assert broken(story) == {"each_version_has_a_moment"}


def test_an_isbn_of_two_books_is_found() -> None:
    story = Story()
    story.command("add", "one", {**SEA, "isbn": ISBN})
    story.command("add", "two", {**SEA, "isbn": ISBN})
    assert broken(story) == {"an_isbn_belongs_to_one_book"}


def test_an_isbn_that_was_taken_before_it_was_given_up_is_found() -> None:
    story = Story()
    story.command("add", "one", {**SEA, "isbn": ISBN})
    story.command("add", "two", {**SEA, "isbn": ISBN})
    story.command("revise", "one", {"isbn": None})
    assert broken(story) == {"an_isbn_belongs_to_one_book"}


def test_an_isbn_that_moves_is_right() -> None:
    story = Story()
    story.command("add", "one", {**SEA, "isbn": ISBN})
    story.command("remove", "one")
    story.command("add", "two", {**SEA, "isbn": ISBN})
    assert broken(story) == set()


def test_a_refusal_for_an_isbn_that_is_free_is_found() -> None:
    story = Story()
    story.command("add", "one", SEA)
    taken = {"type": "isbn-taken", "isbn": ISBN, "book_id": "one"}
    body = {**SEA, "isbn": ISBN}
    story.command("add", "two", body, outcome=REFUSED, status=409, response=taken)
    assert broken(story) == {"refusals_have_a_reason"}


def test_a_404_for_a_book_that_is_there_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    refusal = {"type": "no-such-book"}
    story.command("remove", outcome=REFUSED, status=404, response=refusal)
    assert broken(story) == {"refusals_have_a_reason"}


def test_a_422_for_a_key_that_was_not_used_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    refusal = {"type": "key-reused"}
    body = {"title": "B"}
    story.command("revise", body=body, key="k", outcome=REFUSED, status=422, response=refusal)
    assert broken(story) == {"refusals_have_a_reason"}


def test_time_that_goes_back_within_a_stream_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.change_event(1, occurred_at="2025-12-31T23:59:30.000000Z")
    assert broken(story) == {"time_goes_back_only_from_a_wrong_clock"}


def test_a_status_that_the_contract_does_not_name_is_found() -> None:
    story = Story()
    story.get(status=500)
    assert broken(story) == {"statuses_are_those_of_the_contract"}


def test_a_read_of_what_was_never_written_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get(title="Something else")
    assert broken(story) == {"reads_show_what_was_written"}


def test_a_listing_of_what_was_never_written_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.change(0, response={**story.operations[0].response})
    page = story.page(("sea", 1))
    story.change(1, response={**page.response, "items": [["sea", 1, "another digest"]]})
    assert broken(story) == {"reads_show_what_was_written"}


def test_a_reader_with_min_version_that_sees_less_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.get(version=1, min_version=2)
    assert broken(story) == {"min_version_is_reached"}


def test_a_404_with_min_version_for_a_book_that_is_there_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get(status=404, min_version=1)
    assert broken(story) == {"min_version_is_reached"}


def test_a_reader_who_reads_backwards_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.get(version=2)
    story.get(version=1)
    assert broken(story) == {"nobody_reads_backwards"}


def test_a_book_that_disappears_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get()
    story.get(status=404)
    assert broken(story) == {"nobody_reads_backwards"}


def test_a_removed_book_that_comes_back_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("remove")
    story.get(version=1)
    story.get(status=404)
    story.get(version=1)
    assert broken(story) == {"nobody_reads_backwards"}


def test_a_book_that_is_twice_in_a_listing_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.page(("sea", 1), more=True)
    story.page(("sea", 1))
    assert broken(story) == {"listings_are_in_order"}


def test_a_book_in_a_listing_where_it_does_not_belong_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.page(("sea", 1), parameters={"q": "ocean"})
    assert broken(story) == {"listings_are_in_order"}


def test_a_listing_in_another_order_is_found() -> None:
    story = Story()
    story.command("add", "a", {**SEA, "title": "A"})
    story.command("add", "b", {**SEA, "title": "B"})
    story.page(("b", 1), ("a", 1))
    assert broken(story) == {"listings_are_in_order"}


def test_a_listing_in_descending_order_is_right() -> None:
    story = Story()
    story.command("add", "a", {**SEA, "title": "A"})
    story.command("add", "b", {**SEA, "title": "B"})
    story.page(("b", 1), ("a", 1), parameters={"sort": "-title"})
    assert broken(story) == set()


def test_a_listing_that_lacks_a_book_that_stayed_as_it_was_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get()
    story.page()
    assert broken(story) == {"listings_miss_nothing"}


def test_a_listing_may_lack_a_book_that_changed_meanwhile() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get()
    story.page()
    story.command("revise", body={"title": "B"})
    story.change(3, invoked=2.1)
    assert broken(story) == set()


def test_a_history_that_ends_too_early_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.history_page(range(1, 2))
    assert broken(story) == {"histories_are_the_log"}


def test_a_history_that_lacks_an_event_in_the_middle_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    page = story.history_page(range(1, 3))
    story.change(2, response={**page.response, "events": page.response["events"][1:]})
    assert "histories_are_the_log" in broken(story)


def test_a_book_as_of_an_instant_at_another_version_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.as_of(story.events[0].occurred_at, 2)
    assert broken(story) == {"as_of_is_a_fold"}


def test_a_read_model_that_is_behind_in_the_end_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("revise", body={"title": "B"})
    story.get(version=1, client=FINAL)
    assert broken(story) == {"the_read_model_equals_the_fold"}


def test_a_book_that_never_becomes_visible_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.get(client=FINAL, status=503, min_version=1)
    assert broken(story) == {"the_read_model_equals_the_fold"}


def test_a_removed_book_that_is_shown_in_the_end_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.command("remove")
    story.get(version=1, client=FINAL)
    assert broken(story) == {"the_read_model_equals_the_fold"}


def test_a_listing_that_lacks_a_book_in_the_end_is_found() -> None:
    story = Story()
    story.command("add", body=SEA)
    story.page(client=FINAL)
    assert broken(story) == {"the_listings_equal_the_oracle"}
