"""Structured logs: one JSON object a line, each with the id of the request that caused it."""

import logging
import re
import secrets
import sys
from typing import Any, ClassVar, TextIO

import structlog

from core.env import get_settings

REQUEST_ID_HEADER = "X-Request-ID"
# What a proxy in front may send; anything else would let a stranger write into the logs.
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


# These lines are records as well, for whatever else listens: something that tracks errors.
RECORDED = {
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "exception": logging.ERROR,
    "critical": logging.CRITICAL,
}
WRITTEN = "is_written"  # the mark of such a record


class Logger(structlog.stdlib.BoundLogger):
    """Writes its lines itself. A record of the standard library would cost more than the line."""

    handler: ClassVar[logging.StreamHandler[TextIO]]

    def _proxy_to_logger(
        self, method_name: str, event: str | None = None, *event_args: str, **event_kw: Any
    ) -> None:
        if event_args:
            event_kw["positional_args"] = event_args
        try:
            (line,), _ = self._process_event(method_name, event, event_kw)
            self._write(line)
            if level := RECORDED.get(method_name):
                self._record(level, event, event_kw.get("exc_info"))
        except structlog.DropEvent:
            return
        except Exception:
            # As with records: it is said on standard error, and whoever logs does not fail.
            self.handler.handleError(logging.makeLogRecord({"msg": event}))

    def _write(self, line: str) -> None:
        self.handler.acquire()
        try:
            self.handler.stream.write(f"{line}\n")
            self.handler.flush()
        finally:
            self.handler.release()

    def _record(self, level: int, event: str | None, error: object) -> None:
        """Tell of a line that is written."""
        if isinstance(error, BaseException):
            error = (type(error), error, error.__traceback__)
        elif not isinstance(error, tuple):
            error = sys.exc_info() if error else None
        logger: logging.Logger = self._logger
        mark = {WRITTEN: True}
        logger.handle(logger.makeRecord(logger.name, level, "", 0, event, (), error, extra=mark))


def configure_logging() -> None:
    """Send structlog's lines and the standard library's records to standard output in one format.

    Documentation: https://www.structlog.org/en/stable/performance.html
    """
    settings = get_settings()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
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
    Logger.handler = logging.StreamHandler(sys.stdout)
    Logger.handler.addFilter(lambda record: not hasattr(record, WRITTEN))
    Logger.handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    structlog.configure(
        # First the level: a line that nobody will see is not made up.
        processors=[structlog.stdlib.filter_by_level, *shared, *last],
        # Of the standard library's loggers ours have the names and the levels.
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=Logger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [Logger.handler]
    root.setLevel(settings.log_level)


def bind_request_id(value: str | None = None) -> str:
    """Give the current context a request id: the caller's if it is well formed, else a new one."""
    request_id = value if value and REQUEST_ID.fullmatch(value) else secrets.token_hex(16)
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def current_request_id() -> str | None:
    """The request id of the current context."""
    value = structlog.contextvars.get_contextvars().get("request_id")
    return value if isinstance(value, str) else None


def clear_request_id() -> None:
    """Forget all that the current context carries."""
    structlog.contextvars.clear_contextvars()
