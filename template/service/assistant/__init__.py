"""The assistant: conversations with a language model, streamed as they are written."""
