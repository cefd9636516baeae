"""Entry point for the routing system: the HTTP API and batch prediction."""
