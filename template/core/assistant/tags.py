"""What the group of its operations is about, for the API's document."""

ASSISTANT_TAGS = {
    "assistant": "Conversations with a language model, whose answers come as they are written."
}
