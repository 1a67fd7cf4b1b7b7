"""Simulated devices: firmware that knows the wire and nothing else of the platform."""
