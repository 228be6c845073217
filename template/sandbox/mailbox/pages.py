"""The mailbox's pages, `/dev/mail`, and the same as JSON for scripts, `/dev/mail.json`.

What a mail holds is hostile: its text is escaped, its HTML is shown in a frame that may run no
script and has an origin of its own, and only links to the web are links.
"""

import asyncio
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup, escape

from sandbox.mailbox.mail import LINK, CaughtMail
from sandbox.mailbox.store import MailStore
from sandbox.offer import Offer, render_with

STORE = web.AppKey("mail_store", MailStore)

# Twice safe: the frame is sandboxed by its attribute, and the document by its own header.
MAIL_HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)

routes = web.RouteTableDef()


@routes.get("/mail")
@routes.get("/mail/")
async def mail_list(request: web.Request) -> web.Response:
    """Every mail, the newest first."""
    mails = await asyncio.to_thread(request.app[STORE].all)
    return page(request, "mailbox/list.html", mails=mails[::-1])


@routes.get("/mail.json")
async def mail_json(request: web.Request) -> web.Response:
    """Every mail, the newest first, for scripts."""
    mails = await asyncio.to_thread(request.app[STORE].all)
    return web.json_response([as_json(mail) for mail in reversed(mails)])


@routes.post("/mail/delete")
async def delete_all(request: web.Request) -> web.Response:
    """Forget every mail."""
    await asyncio.to_thread(request.app[STORE].clear)
    raise web.HTTPSeeOther("/dev/mail")


@routes.get("/mail/{id}")
async def one_mail(request: web.Request) -> web.Response:
    """One mail: its HTML, its text, its headers."""
    mail = await find(request)
    return page(request, "mailbox/message.html", mail=mail, text=with_links(mail.text))


@routes.get("/mail/{id}/html")
async def mail_html(request: web.Request) -> web.Response:
    """The HTML part alone, for the frame. Its links open beside the mailbox."""
    mail = await find(request)
    return web.Response(
        text=f'<!doctype html><base target="_blank">{mail.html}',
        content_type="text/html",
        headers={"Content-Security-Policy": MAIL_HTML_POLICY},
    )


@routes.get(r"/mail/{id}/files/{number:\d{1,3}}")
async def mail_file(request: web.Request) -> web.Response:
    """One attachment, to be saved and never shown: whoever sent it may have written a page."""
    files = (await find(request)).files
    number = int(request.match_info["number"])
    if number >= len(files):
        raise web.HTTPNotFound(text="There is no such attachment.")
    name = quote(files[number].name, safe="")
    return web.Response(
        body=files[number].content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        },
    )


@routes.get("/mail/{id}/raw")
async def mail_raw(request: web.Request) -> web.Response:
    """The mail as it came."""
    mail = await find(request)
    return web.Response(body=mail.raw, content_type="text/plain")


OFFER = Offer(
    title="Mailbox",
    purpose="Every mail the product sends lands here and goes nowhere else.",
    path="/dev/mail",
    routes=routes,
)


async def find(request: web.Request) -> CaughtMail:
    """The mail that the address names."""
    mail = await asyncio.to_thread(request.app[STORE].get, request.match_info["id"])
    if mail is None:
        raise web.HTTPNotFound(text="There is no such mail; it may have been deleted.")
    return mail


def page(request: web.Request, template: str, **context: object) -> web.Response:
    """A page from its template."""
    html = request.app[render_with].get_template(template).render(context)
    return web.Response(text=html, content_type="text/html")


def with_links(text: str) -> Markup:
    """Plain text as HTML, its web addresses clickable."""
    html, end = Markup(), 0
    for found in LINK.finditer(text):
        address = found[0].rstrip(".,;:!?)]")
        link = Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(address)
        html += escape(text[end : found.start()]) + link
        end = found.start() + len(address)
    return html + escape(text[end:])


def as_json(mail: CaughtMail) -> dict[str, object]:
    """What a script wants to know of a mail."""
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
        "files": [
            {"name": file.name, "path": f"/dev/mail/{mail.id}/files/{number}"}
            for number, file in enumerate(mail.files)
        ],
    }
