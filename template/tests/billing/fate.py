"""What becomes of news on their way: each twice, in any order, some late, some never."""

import time
from dataclasses import dataclass, field
from random import Random

from sandbox.stripe.thread import RunningStripe
from sandbox.stripe.webhooks import Delivery

LOST = 0.12  # of all events; nobody hears of them until somebody looks
LATEST = 1.5  # seconds; most that happens meanwhile overtakes


@dataclass
class Fate:
    """Decides over each delivery by its name, so that the same seed decides the same."""

    seed: str
    stripe: RunningStripe
    calm: bool = False
    lost: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Leave alone what happened before."""
        self.before = len(self.stripe.events())

    def __call__(self, delivery: Delivery) -> None:
        """Lose it, or send it later than those that follow."""
        if self.calm:
            return
        event = delivery.event["id"]
        if Random(f"{self.seed} {event}").random() < LOST:  # noqa: S311
            delivery.status = "dropped"
            self.lost.add(event)
        late = Random(f"{self.seed} {event} {len(delivery.attempts)} {delivery.number}")  # noqa: S311
        delivery.due = time.monotonic() + late.uniform(0, LATEST)

    def repeat(self) -> None:
        """Send everything that was sent once, once more."""
        for each in self.deliveries():
            if each.event["id"] not in self.sent:
                self.sent.add(each.event["id"])
                self.stripe.deliveries.duplicate(each)

    def deliveries(self) -> list[Delivery]:
        """Those of what happened since."""
        news = {event["id"] for event in self.stripe.events()[self.before :]}
        return [each for each in self.stripe.deliveries.all() if each.event["id"] in news]
