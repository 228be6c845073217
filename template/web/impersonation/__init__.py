"""Staff who work as a user for a while, to see what they see. django-hijack does the switching.

Only who has the permission `impersonation.impersonate` may, and never as another member of staff.
Start and end are in the audit log, and so is the member of staff in all that is recorded meanwhile.
"""
