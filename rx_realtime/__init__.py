"""The realtime of durable-workflow engines as ReactiveX observables."""

__all__ = ["__version__"]

__version__ = "0.1.0"
