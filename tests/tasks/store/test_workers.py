"""Independent work on all cores: order, thread limits, failures."""

import threading
import time

import pytest
import torch

from tasks.store import workers
from tasks.store.workers import ahead, in_parallel, share

CPU = torch.device("cpu")


@pytest.fixture
def three(monkeypatch):
    monkeypatch.setattr(workers, "N_THREADS", 3)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_results_come_in_the_order_of_the_items(three):
    def late_first(item):
        time.sleep(0.02 * (item == 0))
        return item

    assert list(in_parallel(late_first, range(9), CPU)) == list(range(9))


def test_each_worker_computes_in_one_thread_and_several_work(three):
    meeting = threading.Barrier(3, timeout=20)

    def meet(_):
        meeting.wait()
        return torch.get_num_threads()

    assert list(in_parallel(meet, range(3), CPU)) == [1, 1, 1]


def test_later_threads_have_all_cores_again(three):
    list(in_parallel(abs, [1], CPU))
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert found == [3]


def test_a_gpu_has_one_worker(three):
    names = in_parallel(lambda _: threading.current_thread().name, range(9), torch.device("cuda"))
    assert len(set(names)) == 1


def test_a_failure_ends_the_rest(three):
    done = []

    def fail_first(item):
        if item == 0:
            raise ValueError("no")
        time.sleep(0.01)
        done.append(item)

    with pytest.raises(ValueError, match="no"):
        list(in_parallel(fail_first, range(200), CPU))
    assert len(done) < 100


def test_shared_items_are_all_done_by_several_threads():
    meeting, done = threading.Barrier(2, timeout=20), []

    def meet(item):
        meeting.wait()
        done.append((item, threading.current_thread().name))

    share(meet, range(6), 2)
    assert sorted(item for item, _ in done) == list(range(6))
    assert len({name for _, name in done}) == 2


@pytest.mark.parametrize("n_threads", [1, 2])
def test_no_item_begins_after_a_failure_is_seen(n_threads):
    begun = []

    def fail(item):
        begun.append(item)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        share(fail, range(1000), n_threads)
    assert len(begun) < 1000


def test_items_made_ahead_come_in_order_one_at_a_time():
    made = []

    def items():
        for item in range(20):
            made.append(item)
            yield item

    for item in ahead(items()):
        assert len(made) - 1 <= item + 1  # the next one at most is made while one is in use
        time.sleep(0.001)
    assert made == list(range(20))


def test_what_stops_the_maker_reaches_the_user():
    def items():
        yield 1
        raise ValueError("torn")

    found = []
    with pytest.raises(ValueError, match="torn"):
        found.extend(ahead(items()))
    assert found == [1]


def test_a_user_who_stops_stops_the_maker():
    made = []
    for item in ahead(made.append(i) or i for i in range(100)):
        if item == 3:
            break
    assert len(made) <= 5
