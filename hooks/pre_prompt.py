#!/usr/bin/env python3
"""Give Cookiecutter the template directory that it looks for.

Cookiecutter runs this in a temporary copy of the repository, before it asks. The directory stays
empty: Copier writes the files (see post_gen_project.py), so the repository need not carry it.
"""

from pathlib import Path

Path("{{ cookiecutter.project_slug }}").mkdir(exist_ok=True)
