"""What an outsider finds in a city's books after a day: its database and its bus, read with queries of its own.

Nothing here imports a rule of the platform: a rule that is wrong there cannot hide here behind itself.
"""
