"""A day of any size, asked again and again: what was worked out is kept, and an answer costs what it touches.

day                          LivingDay: what others use
book, timing (gaps, columns) who has what, and when, kept up to date
bounds, looks                what a visit would at least cost each worker, all of them at once
parts                        some routes as a day of their own, in which every start is that of the whole day
insertion (search)           the full look's answer, from a look at a part
stopping (reasons)           what stops whom
overriding                   what a person's override would mean
"""
