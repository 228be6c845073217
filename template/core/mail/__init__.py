"""Every mail the product sends, rendered the same in every stack."""

from core.mail.render import Mail, render_mail

__all__ = ["Mail", "render_mail"]
