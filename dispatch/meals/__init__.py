"""Meal runs: from a kitchen, when a meal is ready, to one or more doors on one trip, while it is hot.

model                 kitchens, meals, carriers (boxes, shifts, ordinary visits), runs; the policy's points
stretches             when a carrier is free, and from where
planning              who carries what together; who must be told now
formulation           a day as the arrays of `kernel.runs`, and back
gates, explain        what forbids a carrier a meal; why this one, why not the others, why nobody
checker               every rule once more, in loops of its own

    day = plan_runs(day, MealPolicy(), GreatCircleTravel(), seconds=0.2)   # at every order placed
    runs = due_to_tell(day, next_look_min)                                # these are told now, and final
    why = [explain_run(day, run, MealPolicy(), GreatCircleTravel()) for run in runs]
    day = told(day, runs)
"""
