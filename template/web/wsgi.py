"""What the web server runs: `granian --interface wsgi web.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from core.logs import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")
configure_logging()
application = get_wsgi_application()
