"""Five sources that know something of everything, each with a failing of its own.

- In development they are at `/dev/sources`, where a person sets how each behaves, and the service
  asks them unless UPSTREAMS names others.
- In tests `thread.sources_in_thread()` runs them beside the test.
"""
