"""Trigger.dev's dialect: run rows inside Electric's shapes, packets, tokens and scopes."""

__all__: list[str] = []
