"""Creates the parts of each process and connects them. The only place that knows which implementation stands behind
each name. A module for each process: none loads what only another needs."""
