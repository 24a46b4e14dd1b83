"""What a step costs, as ratios to running the network: `nbt-edu bench`, or `python -m nbt_edu.bench`.

May be imported here: what learns and what is below it.
"""
