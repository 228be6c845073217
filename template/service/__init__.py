"""The FastAPI application. Imports `core` and itself, never Django."""
