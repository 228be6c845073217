"""The outbox under fire: real processes, killed at the worst moments."""
