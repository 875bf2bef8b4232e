"""The feed without a screen: what is asked is answered, again after changes, and never for another row."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from textual.message import Message
from textual.message_pump import MessagePump

from jobistemer_tui.errors import NotFound, StoreUnavailable
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.tui import feed_worker
from jobistemer_tui.tui.feed_worker import Feed
from jobistemer_tui.tui.first_read import FirstRead
from jobistemer_tui.tui.messages import Answer, ReadingFailed
from jobistemer_tui.tui.read_values import Gone, JobsRead, ReadValue
from jobistemer_tui.tui.screens.reads import read_jobs
from tests.support.fake_operations import FakeOperations
from tests.support.wait_until import wait_until


class Listener(MessagePump):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Message] = []

    def post_message(self, message: Message) -> bool:
        self.got.append(message)
        return True

    def answers(self, question: str) -> list[ReadValue]:
        return [message.value for message in self.got if isinstance(message, Answer) and message.question == question]


class Started:
    """A feed whose thread is restarted after a failure, as the app does."""

    def __init__(self) -> None:
        self.operations = FakeOperations()
        self.feed = Feed(self.operations)
        self.feed.go_on()
        self.listener = Listener()
        self.thread = threading.Thread(target=self._run, name="feed under test")
        self.thread.start()

    def _run(self) -> None:
        while not self.feed.closed:
            try:
                self.feed.run()
            except StoreUnavailable:
                continue


@pytest.fixture
def started() -> Iterator[Started]:
    started = Started()
    yield started
    started.feed.close()
    started.thread.join(60)
    assert not started.thread.is_alive()


def test_answers_once_and_again_after_each_kind_of_change(started: Started) -> None:
    started.feed.watch(started.listener, {"jobs": read_jobs})
    wait_until(lambda: len(started.listener.answers("jobs")) == 1)
    wait_until(lambda: started.feed.idle)
    before = len(started.listener.answers("jobs"))
    started.operations.commit()
    wait_until(lambda: len(started.listener.answers("jobs")) > before)
    wait_until(lambda: started.feed.idle)
    before = len(started.listener.answers("jobs"))
    started.operations.touch()
    wait_until(lambda: len(started.listener.answers("jobs")) > before)


def test_only_the_watched_listener_is_told(started: Started) -> None:
    other = Listener()
    started.feed.watch(other, {"jobs": read_jobs})
    wait_until(lambda: other.answers("jobs"))
    started.feed.watch(started.listener, {})
    count = len(other.got)
    started.feed.ask(other, "late", read_jobs)
    started.operations.commit()
    wait_until(lambda: started.feed.idle)
    assert len(other.got) == count


def test_an_answer_to_a_replaced_question_is_dropped(started: Started) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slow(operations: Operations) -> JobsRead:
        reading.set()
        assert go_on.wait(60)
        return JobsRead(())

    started.feed.watch(started.listener, {"job": slow})
    assert reading.wait(60)
    started.feed.ask(started.listener, "job", read_jobs)
    go_on.set()
    wait_until(lambda: started.listener.answers("job"))
    assert JobsRead(()) not in started.listener.answers("job")


def test_a_dropped_question_is_not_asked_again(started: Started) -> None:
    started.feed.watch(started.listener, {"jobs": read_jobs})
    wait_until(lambda: started.listener.answers("jobs"))
    started.feed.ask(started.listener, "jobs", None)
    wait_until(lambda: started.feed.idle)
    count = len(started.listener.answers("jobs"))
    started.operations.commit()
    wait_until(lambda: started.feed.idle)
    assert len(started.listener.answers("jobs")) == count


def test_what_is_gone_is_an_answer(started: Started) -> None:
    def gone(operations: Operations) -> ReadValue:
        raise NotFound("no job x")

    started.feed.watch(started.listener, {"job": gone})
    wait_until(lambda: Gone("no job x") in started.listener.answers("job"))


def test_a_failure_is_told_and_its_end_too(started: Started) -> None:
    started.operations.failure = StoreUnavailable("away")
    started.feed.watch(started.listener, {"jobs": read_jobs})
    wait_until(lambda: any(isinstance(message, ReadingFailed) and message.text for message in started.listener.got))
    started.operations.failure = None
    wait_until(lambda: started.listener.answers("jobs"))
    failures = [message.text for message in started.listener.got if isinstance(message, ReadingFailed)]
    assert failures[-1] == ""
    assert "StoreUnavailable: away" in failures


def test_the_listener_of_changes_is_taken_back(started: Started) -> None:
    wait_until(lambda: started.operations._listeners)
    started.feed.close()
    wait_until(lambda: not started.operations._listeners)


def test_the_first_rows_are_waited_for_though_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, operations, is_asked, go_on = JobsRead(()), FakeOperations(), threading.Event(), threading.Event()

    def slow(operations: Operations) -> JobsRead:
        assert go_on.wait(60)
        return rows

    def once_waited_for(operations: Operations) -> JobsRead:
        assert is_asked.wait(60)
        wait_until(lambda: feed._first is None)
        return rows

    def failing(operations: Operations) -> JobsRead:
        raise StoreUnavailable("away")

    monkeypatch.setattr(feed_worker, "_FIRST_ROWS_S", 0.01)
    assert Feed(operations, FirstRead(operations, slow)).take_first() is None
    go_on.set()
    monkeypatch.setattr(feed_worker, "_FIRST_ROWS_S", 60)
    feed = Feed(operations, FirstRead(operations, once_waited_for))
    is_asked.set()
    assert feed.take_first() is rows
    assert feed.take_first() is None
    assert Feed(operations, FirstRead(operations, failing)).take_first() is None
