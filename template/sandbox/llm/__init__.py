"""A language model that knows nothing and is always there: it streams real HTTP, offline.

- In development it is at `/dev/assistant`, where a person sees what was asked, and sets its pace
  and its failings; the service asks it unless ASSISTANT_URL names another.
- In tests `thread.llm_in_thread()` runs it beside the test, and `python -m sandbox.llm PORT` in a
  process.
"""
