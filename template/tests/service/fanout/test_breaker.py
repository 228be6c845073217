"""A breaker lets through what it should, whatever happens in whatever order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.fanout.breaker import Breaker, State, Verdict

FAILURES, REST = 3, 10.0


class Attempts(RuleBasedStateMachine):
    """Attempts begin, end and overlap while time passes.

    The model is a history: what counts is what ended since the breaker last changed, of those
    attempts that began since then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(FAILURES, REST, lambda: self.now)
        self.out: list[tuple[int, int]] = []  # tickets, and the age in which each was given
        self.age = 0
        self.opened_at: float | None = None
        self.in_a_row = 0

    @property
    def state(self) -> State:
        if self.opened_at is None:
            return State.CLOSED
        return State.OPEN if self.now < self.opened_at + REST else State.HALF_OPEN

    @property
    def of_this_age(self) -> int:
        return sum(age == self.age for _, age in self.out)

    @rule(seconds=st.sampled_from([0.0, 1.0, REST / 2, REST]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def begin(self) -> None:
        allowed = self.state is State.CLOSED or (
            self.state is State.HALF_OPEN and self.of_this_age == 0
        )
        ticket = self.breaker.admit()
        assert (ticket is not None) == allowed
        if ticket is not None:
            self.out.append((ticket, self.age))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), verdict=st.sampled_from(Verdict))
    def end(self, data: st.DataObject, verdict: Verdict) -> None:
        ticket, age = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        changed = False
        if age == self.age and verdict is Verdict.FAILED:
            self.in_a_row += 1
            changed = self.opened_at is not None or self.in_a_row == FAILURES
            self.opened_at = self.now if changed else None
        elif age == self.age and verdict is Verdict.FINE:
            self.in_a_row = 0
            changed = self.opened_at is not None
            self.opened_at = None
        self.age += changed
        assert self.breaker.settle(ticket, verdict) == changed

    @invariant()
    def is_in_the_state_that_history_says(self) -> None:
        assert self.breaker.state is self.state

    @invariant()
    def never_tries_two_at_once(self) -> None:
        assert self.opened_at is None or self.of_this_age <= 1


TestBreaker = Attempts.TestCase


def test_who_fails_is_left_alone_and_then_asked_once() -> None:
    now = [0.0]
    breaker = Breaker(FAILURES, REST, lambda: now[0])
    for _ in range(FAILURES):
        ticket = breaker.admit()
        assert ticket is not None
        breaker.settle(ticket, Verdict.FAILED)
    assert breaker.admit() is None
    now[0] = REST
    trial = breaker.admit()
    assert trial is not None
    assert breaker.admit() is None
    assert breaker.settle(trial, Verdict.FINE)
    assert breaker.state is State.CLOSED
    assert breaker.admit() is not None
