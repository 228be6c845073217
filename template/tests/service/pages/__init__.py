"""Promises of the pages that mails link to."""
