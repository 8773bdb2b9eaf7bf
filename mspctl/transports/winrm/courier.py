"""One thread with the one protocol object of a link: pywinrm's objects are not for sharing."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """Something asked of the courier; it ends with a result or with the exception that came of it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self._result: list[T] = []
        self.error: Exception | None = None
        """What was raised, once it is over."""

    def run(self) -> None:
        """What the courier calls."""
        try:
            self._result.append(self._work())
        except Exception as error:  # noqa: BLE001 - handed to whoever asked, who tells its kind
            self.error = error
        finally:
            self._done.set()

    def wait(self, seconds: float) -> bool:
        """True once it is over."""
        return self._done.wait(seconds)

    def result(self) -> T:
        """What came of it, if there is no `error`."""
        return self._result[0]


class Courier:
    """Runs errands one after the other on a thread of its own."""

    def __init__(self, name: str) -> None:
        self._errands: queue.SimpleQueue[Errand[object] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def send(self, work: Callable[[], T]) -> Errand[T]:
        """Queue it."""
        errand = Errand(work)
        self._errands.put(errand)  # type: ignore[arg-type]
        return errand

    def dismiss(self) -> None:
        """End after what is queued."""
        self._errands.put(None)

    def _work(self) -> None:
        while (errand := self._errands.get()) is not None:
            errand.run()
