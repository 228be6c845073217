"""What a conversation is called until somebody calls it something else."""

MOST = 60  # letters


def title_of(question: str) -> str:
    """The beginning of the first question, cut between words where there are some."""
    text = " ".join(question.split())
    if len(text) <= MOST:
        return text
    begin, space, _ = text[:MOST].rpartition(" ")
    # A language without spaces, or a long address, is cut anywhere.
    return f"{begin if space and len(begin) > MOST // 2 else text[: MOST - 1]}…"
