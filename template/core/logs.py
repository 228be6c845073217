"""Structured logs: one JSON object a line, each with the id of the request that caused it."""

import logging
import re
import sys
import uuid

import structlog

from core.env import get_settings

REQUEST_ID_HEADER = "X-Request-ID"
# What a proxy in front may send; anything else would let a stranger write into the logs.
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def configure_logging() -> None:
    """Send structlog's and the standard library's records to standard output in one format."""
    settings = get_settings()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # Without the local variables: there are passwords among them.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    last: list[structlog.typing.Processor] = (
        [tracebacks, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[
            # First: a record that nobody will see is not made up.
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)


def bind_request_id(value: str | None = None) -> str:
    """Give the current context a request id: the caller's if it is well formed, else a new one."""
    request_id = value if value and REQUEST_ID.fullmatch(value) else uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def current_request_id() -> str | None:
    """The request id of the current context."""
    value = structlog.contextvars.get_contextvars().get("request_id")
    return value if isinstance(value, str) else None


def clear_request_id() -> None:
    """Forget all that the current context carries."""
    structlog.contextvars.clear_contextvars()
