"""Sign-up and the verification of the address.

No answer tells whether an address has an account: that is told only in a mail to the address.
"""

from fastapi import APIRouter

from core.env import get_settings
from core.tasks import SendMail, SendVerificationMail
from service.accounts import queries
from service.accounts.hashing import Hashing
from service.accounts.links import RESET_PASSWORD
from service.accounts.passwords import new_hash
from service.accounts.schemas import MailAddress, Message, Registration, Verification
from service.accounts.verification import verify_email
from service.db import CurrentSession
from service.http.problems import documented
from service.limits import REGISTER, VERIFY, Limits
from service.queue import enqueue

router = APIRouter(prefix="/auth", tags=["sign-up"])


@router.post("/register", status_code=202, summary="Sign up", responses=documented(429))
async def register(
    body: Registration,
    session: CurrentSession,
    hashing: Hashing,
    limits: Limits,
) -> Message:
    """Makes an account and mails a link that verifies the address.

    When the address has an account already, nothing is changed and its owner gets a mail that says
    so; the answer is the same.
    """
    await limits.check(REGISTER, body.email)
    stored = await new_hash(
        hashing, body.password, email=body.email, name=body.name, field="password"
    )
    address = await queries.create_user(session, email=body.email, password=stored, name=body.name)
    if address:
        await enqueue(session, SendVerificationMail(email_address_id=address.id))
    else:
        context = {"url": f"{get_settings().origin}{RESET_PASSWORD.page}"}
        await enqueue(session, SendMail(template="account_exists", to=body.email, context=context))
    await session.commit()
    return Message(detail="Open the link in the mail that we sent to you.")


@router.post("/verify", summary="Verify an address", responses=documented(400, 429))
async def verify(body: Verification, session: CurrentSession, limits: Limits) -> Message:
    """Marks the address of the mailed link as verified, so that its owner can log in."""
    await limits.check(VERIFY)
    await verify_email(session, body.token)
    return Message(detail="The address is verified.")


@router.post(
    "/verify/resend",
    status_code=202,
    summary="Mail the verification link again",
    responses=documented(429),
)
async def resend_verification(
    body: MailAddress, session: CurrentSession, limits: Limits
) -> Message:
    """Mails a new link if the address waits for its verification; the answer is the same if not."""
    await limits.check(VERIFY, body.email)
    address = await queries.unverified_address(session, body.email)
    # For nobody's address too, so that both answers take as long: the task sends nothing then.
    address_id = address.id if address else 0
    await enqueue(session, SendVerificationMail(email_address_id=address_id))
    await session.commit()
    return Message(detail="If the address waits for its verification, a mail is on its way.")
