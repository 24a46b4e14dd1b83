"""Learning online: the loop, the learner that runs it, its streams, its record, and the instruments it carries along.

May be imported here: estimators, optimizers, tasks, systems, readouts and what is below them; nothing that draws or measures.
"""
