"""Every mail the product sends, rendered the same in every stack."""

from core.mail.attachment import Attachment
from core.mail.render import Mail, render_mail

__all__ = ["Attachment", "Mail", "render_mail"]
