"""What every template sees."""

from django.http import HttpRequest

from core.env import get_settings
from core.project import project


def project_names(request: HttpRequest) -> dict[str, object]:
    """`project` with the names of the project, and the address that people write to."""
    return {"project": project, "support_email": get_settings().support_email}
