"""`yian up`: a whole city on one machine, from the database to the simulated wearables."""
