"""The contract of `/api/v1`, which Django and FastAPI serve alike."""
