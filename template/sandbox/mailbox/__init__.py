"""A mailbox that catches every mail the product sends, so that none leaves this machine."""
