"""What stands in the way of an answer, for programs to compare and for people to read."""

from core.problems import Problem


def already_answering() -> Problem:
    """409: a conversation has one answer at a time."""
    return Problem(
        409,
        "answer-running",
        "An answer is being written",
        "Wait until the answer in this conversation has ended, or stop it.",
    )


def too_many_answers(most: int) -> Problem:
    """429: the team has as many answers at work as it may."""
    answers = "one answer is" if most == 1 else f"{most} answers are"
    return Problem(
        429,
        "too-many-answers",
        "Too many answers at once",
        f"As much as {answers} written for a team at a time. Try again when one has ended.",
        headers={"Retry-After": "5"},
    )


def too_many_followers() -> Problem:
    """429: the person listens to as many answers as they may."""
    return Problem(
        429,
        "too-many-followers",
        "Too many pages wait for answers",
        "Close some of them, or try again when an answer has ended.",
        headers={"Retry-After": "5"},
    )


def budget_spoken_for() -> Problem:
    """429: what runs may use up what is left of the month's tokens."""
    return Problem(
        429,
        "budget-spoken-for",
        "The rest is spoken for",
        "The answers being written may use up this month's tokens. Try again when they have ended.",
        headers={"Retry-After": "5"},
    )


def budget_used_up(most: int, more: str) -> Problem:
    """402: the month's tokens are gone; `more` says where there are more."""
    detail = f"The {most:,} tokens of this month are used up; there are new ones next month. {more}"
    return Problem(
        402,
        "limit-reached",
        "This month's tokens are used up",
        detail.strip(),
        extra={"limit": "tokens", "most": most},
    )


def answer_lost() -> Problem:
    """What became of an answer whose process was killed."""
    return Problem(
        500, "answer-lost", "The answer was lost", "The server broke off. Please ask again."
    )


def answer_broken() -> Problem:
    """A mistake of ours."""
    return Problem(500, "answer-broken", "The answer broke off", "Please ask again.")


def answer_not_kept() -> Problem:
    """The database did not take what was said."""
    return Problem(
        503,
        "answer-not-kept",
        "The answer could not be kept",
        "The database does not answer. What you see is not in the history.",
    )


def server_stopping() -> Problem:
    """What ends an answer when the server has to; it is kept as far as it came."""
    return Problem(
        503,
        "server-stopping",
        "The server is restarting",
        "What was written so far is kept. Try again in a moment.",
        headers={"Retry-After": "5"},
    )


def answer_too_long() -> Problem:
    """An answer may take so long and no longer; it is kept as far as it came."""
    return Problem(504, "answer-too-long", "The answer takes too long", "Ask for less at a time.")


def former(error: str) -> Problem:
    """What is still known of why an answer failed: the type of the problem."""
    kind = error.removeprefix("urn:problem:") or "answer-broken"
    return Problem(500, kind, "The answer failed", "Please ask again.")


def type_of(problem: Problem) -> str:
    """The name under which a message keeps it."""
    return f"urn:problem:{problem.kind}"
