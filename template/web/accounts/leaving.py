"""Ways out of this site that begin with a form.

Browsers apply `form-action` of the content security policy to where a form's answer redirects. So
a form cannot lead straight to another site while the policy is strict; a page in between can.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def leave_by_page(view: View) -> View:
    """Where the view sends a posted form to another site, answer with a page that goes there."""

    @wraps(view)
    def leaving(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method != "POST" or not isinstance(response, HttpResponseRedirectBase):
            return response
        if not urlsplit(response.url).netloc:
            return response
        return render(request, "leaving.html", {"url": response.url})

    return leaving
