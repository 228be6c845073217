"""Errors as Stripe answers them (Stripe's documentation: "Errors")."""

from typing import Any


class StripeError(Exception):
    """Ends a request with an error object."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.more = more

    def body(self) -> dict[str, Any]:
        """The JSON that the client reads."""
        error: dict[str, Any] = {"type": self.kind, "message": str(self), **self.more}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    """A request that makes no sense."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param)


def missing_param(param: str) -> StripeError:
    """A parameter that must be there and is not."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def unknown_param(param: str) -> StripeError:
    """A parameter that Stripe or this sandbox does not know."""
    return invalid(
        f"Received unknown parameter: {param} (this sandbox knows fewer than Stripe does)",
        param,
        "parameter_unknown",
    )


def missing(kind: str, name: str, param: str = "id") -> StripeError:
    """An object that is not there: 404 in the address, 400 elsewhere."""
    label = kind.rpartition(".")[2].replace("_", " ")
    return StripeError(
        404 if param == "id" else 400,
        "invalid_request_error",
        f"No such {label}: '{name}'",
        code="resource_missing",
        param=param,
    )


def unauthorized(message: str) -> StripeError:
    """No key, or a wrong one."""
    return StripeError(401, "invalid_request_error", message)


def idempotency_conflict(key: str) -> StripeError:
    """A key that was used for something else."""
    return StripeError(
        400,
        "idempotency_error",
        "Keys for idempotent requests can only be used with the same parameters they were first "
        f"used with. Try using a key other than '{key}' if you meant to execute a different "
        "request.",
    )


def card_error(decline: dict[str, Any], **more: Any) -> StripeError:
    """A payment that the card's bank refused; `decline` is the intent's `last_payment_error`."""
    return StripeError(
        402,
        "card_error",
        decline["message"],
        code=decline["code"],
        **({"decline_code": decline["decline_code"]} if "decline_code" in decline else {}),
        **more,
    )
