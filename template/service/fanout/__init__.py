"""Calls several upstreams at once, under one deadline, and answers with what came.

    calls = {name: Call(name, "facts", parse=Facts.model_validate_json) for name in upstreams}
    for name, result in (await upstreams.ask(calls, deadline=2.0)).items():
        if isinstance(result, Success):
            ...result.value
        else:
            ...result.reason

`UPSTREAMS` names the upstreams, and nothing else is ever called. `docs/fanout.md` says what can be
relied on.
"""

from service.fanout.calls import Call, Failure, Reason, Result, Success
from service.fanout.upstreams import CurrentUpstreams, Upstreams, open_upstreams

__all__ = [
    "Call",
    "CurrentUpstreams",
    "Failure",
    "Reason",
    "Result",
    "Success",
    "Upstreams",
    "open_upstreams",
]
