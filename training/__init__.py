"""Entry point for the data scientist: fit, evaluate and compare models."""
