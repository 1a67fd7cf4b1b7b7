"""The search: routes and times for visits, some of them synchronised. Knows arrays, not orders."""
