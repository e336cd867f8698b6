"""
How does every announcement get delivered, at least once and in order?

A thread for each notifier takes from the outbox what is due, oldest first for each machine, and
marks it when it is delivered.  Killed in between, it sends the same again, under the same key.
What fails is tried again ever more slowly; what is refused for good is kept as a dead letter.
A disk that takes no mark for a while does not make a message go out twice.
What people read is gathered: a recorder that dies is one message, see `core/telling.py`.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from threading import Condition, Thread

from motion_tracking.core.changes import Delivery
from motion_tracking.notify import Notifier, Outbox, PostponedError, RefusedError

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15 * 60.0
"""Seconds before the second try, and at most before any."""

REMIND_EVERY = 60.0
"""Seconds between log lines about a failure that goes on."""

LOOK_EVERY = 5.0
"""Seconds after which the outbox is looked at though nobody woke us: who revives dead letters
is another process."""


PICTURES_WITHIN = 8.0
"""Seconds after a change for which a message waits for its pictures."""

PICTURES = 2
"""Of a change, before and after; each is listed by itself, so one may be found alone."""


def pause(tries: int, jitter: float) -> float:
    """Return seconds to wait after so many tries; `jitter` in 0..1 spreads them."""
    longest = min(FIRST_PAUSE * 2.0 ** min(tries, 20), LONGEST_PAUSE)
    return longest * (0.5 + 0.5 * jitter)


class Sender:
    """Delivers for the machines of this process, to all notifiers at once."""

    def __init__(
        self,
        open_outbox: Callable[[], Outbox],
        notifiers: Mapping[str, Notifier],
        machines: Sequence[str],
        now: Callable[[], float],
        random: Random | None = None,
        pictured: Collection[str] = (),
        dashboard: str = "",
    ) -> None:
        """
        `open_outbox` is called in each thread; `now` gives seconds since 1970.

        There will be pictures of the events `pictured`.  Messages lead to the `dashboard`.
        """
        self._couriers = [
            _Courier(name, notifier, open_outbox, machines, now, random or Random())
            for name, notifier in notifiers.items()
        ]
        for courier in self._couriers:
            courier.pictured = frozenset(pictured)
            courier.dashboard = dashboard

    def start(self) -> None:
        """Begin with what is left from before."""
        for courier in self._couriers:
            courier.thread.start()

    def wake(self) -> None:
        """Say that there is something new; does not wait."""
        for courier in self._couriers:
            courier.wake()

    def close(self, timeout: float = 0.5) -> None:
        """End, but wait at most `timeout` seconds for what is being sent; the rest stays."""
        for courier in self._couriers:
            courier.stop()
        for courier in self._couriers:
            if courier.thread.is_alive():
                courier.thread.join(timeout / len(self._couriers))


class _Courier:
    """The thread of one notifier."""

    def __init__(
        self,
        name: str,
        notifier: Notifier,
        open_outbox: Callable[[], Outbox],
        machines: Sequence[str],
        now: Callable[[], float],
        random: Random,
    ) -> None:
        self.thread = Thread(target=self._run, name=f"sender-{name}", daemon=True)
        self.pictured: frozenset[str] = frozenset()
        self.dashboard = ""
        self._name = name
        self._notifier = notifier
        self._open_outbox = open_outbox
        self._machines = machines
        self._now = now
        self._random = random
        self._owner = f"{random.getrandbits(64):016x}"
        self._news = Condition()
        self._awake = False
        self._stopping = False
        self._failures = 0
        self._told_at = float("-inf")
        self._unmarked: dict[int, Callable[[Outbox], None]] = {}  # by the delivery's number

    def wake(self) -> None:
        with self._news:
            self._awake = True
            self._news.notify()

    def stop(self) -> None:
        with self._news:
            self._stopping = True
            self._news.notify()

    def _run(self) -> None:
        while not self._stopping:
            try:
                outbox = self._open_outbox()
                try:
                    self._deliver_all(outbox)
                finally:
                    outbox.close()
            except OSError as error:  # the disk: what is not marked will be sent again
                self._failed(f"the outbox cannot be used: {error}")
                self._wait(REMIND_EVERY / 12)
        self._notifier.close()

    def _deliver_all(self, outbox: Outbox) -> None:
        while not self._stopping:
            sent = False
            for delivery in self._due(outbox):
                if self._stopping:
                    return
                self._deliver(outbox, delivery)
                sent = True
            if not sent:
                next_due = outbox.next_due(self._machines)
                wait = LOOK_EVERY if next_due is None else next_due - self._now()
                self._wait(min(max(wait, 1.0), LOOK_EVERY))

    def _due(self, outbox: Outbox) -> Iterator[Delivery]:
        if not self._notifier.gathers:
            due = outbox.due(self._machines, self._now())
            ours = (delivery for delivery in due if delivery.notifier == self._name)
            yield from (delivery for delivery in ours if not self._lacks_pictures(delivery))
            return
        for delivery_id in outbox.gathered(self._name, self._machines, self._now()):
            # only now, since what was sent meanwhile may have taken this along
            delivery = outbox.claim(delivery_id, self._now(), self._owner)
            if delivery is not None and not self._lacks_pictures(delivery):
                yield delivery

    def _lacks_pictures(self, delivery: Delivery) -> bool:
        """Whether more pictures of what happened will be there in a moment, and are wanted."""
        told = delivery.announcement
        wanted = told.event.value in self.pictured and len(told.pictures) < PICTURES
        since = self._now() - told.change.detected_at.timestamp()
        shows = getattr(self._notifier, "shows_pictures", False)
        return wanted and shows and 0 <= since < PICTURES_WITHIN

    def _deliver(self, outbox: Outbox, delivery: Delivery) -> None:
        if delivery.id not in self._unmarked:
            self._unmarked[delivery.id] = self._send(delivery)
        self._unmarked[delivery.id](outbox)  # where the disk fails, only this is done again
        del self._unmarked[delivery.id]

    def _send(self, delivery: Delivery) -> Callable[[Outbox], None]:
        """Send it, and return how the outbox is told what became of it."""
        try:
            self._notifier.send(replace(delivery.announcement, dashboard=self.dashboard))
        except RefusedError as error:
            return self._refused(delivery, str(error))
        except PostponedError as error:
            return self._postponed(delivery, str(error), error.after)
        except Exception as error:  # noqa: BLE001 - win10toast may raise anything
            return self._postponed(delivery, type(error).__name__, None)
        self._recovered()
        return lambda outbox: outbox.delivered(delivery.id, self._now())

    def _refused(self, delivery: Delivery, error: str) -> Callable[[Outbox], None]:
        log.warning(
            "%s: %s was refused and is given up: %s (motion-track notify --outbox)",
            self._name,
            delivery.announcement.key,
            error,
        )
        return lambda outbox: outbox.given_up(delivery.id, self._now(), error)

    def _postponed(
        self, delivery: Delivery, error: str, after: float | None
    ) -> Callable[[Outbox], None]:
        self._failed(error)
        # who says "after 0 seconds" has not said when: at once would be a thousand times a second
        until = self._now() + (after or pause(delivery.tries, self._random.random()))
        return lambda outbox: outbox.postponed(delivery.id, until, error)

    def _failed(self, error: str) -> None:
        self._failures += 1
        if self._failures == 1 or self._now() - self._told_at >= REMIND_EVERY:
            self._told_at = self._now()
            log.warning("%s: %s (failed %d times)", self._name, error, self._failures)

    def _recovered(self) -> None:
        if self._failures:
            log.info("%s: delivers again, after %d failures", self._name, self._failures)
        self._failures = 0

    def _wait(self, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: self._awake or self._stopping, seconds)
            self._awake = False
