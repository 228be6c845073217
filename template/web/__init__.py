"""Django: pages, accounts, admin and the JSON API."""
