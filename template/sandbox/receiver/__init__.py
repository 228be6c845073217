"""A receiver of webhooks that shows what came and whether its signature fits.

- In development its address is `/dev/receiver/in`; the page `/dev/receiver` shows what came there,
  and sets how it answers.
- In tests `thread.receiver_in_thread()` runs it beside the test.
"""
