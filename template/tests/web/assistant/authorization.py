"""Who may open the assistant's pages. Nobody here has a conversation, so who gets in finds none."""

from tests.web.authorization.declare import MEMBERS, Page

ASSISTANT_PAGES: dict[str, Page] = {
    "assistant": Page(MEMBERS),
    "assistant_conversation": Page(MEMBERS, status=404),
    "delete_conversation": Page(MEMBERS, "POST", status=404),
}
