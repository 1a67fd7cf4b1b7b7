"""A simulated day of orders in a city of its own: `yian sim day`. Why its clock can run fast, and no other city's:
docs/decisions/0028-a-simulated-day.md."""
