"""Simulated people of a day: families, workers, offices and operators. They know only HTTP."""
