"""Yours: the routes, tables and tasks of your product. Updates never touch this folder."""
