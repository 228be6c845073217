"""The template's addresses; your product's are in `web/product/urls.py`."""

from django.contrib import admin
from django.urls import include, path

from web.api.api import api
from web.outbox.views import status

urlpatterns = [
    path("account/", include("web.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/queue/", admin.site.admin_view(status), name="outbox_status"),
    path("admin/", admin.site.urls),
    path("impersonate/", include("hijack.urls")),
    path("api/v1/", api.urls),
    path("", include("web.teams.urls")),
    path("", include("web.product.urls")),
]
