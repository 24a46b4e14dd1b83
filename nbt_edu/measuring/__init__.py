"""Measuring: oracles written out in full, proofs of what is claimed, and close looks at gradients.

May be imported here: what learns and what is below it; nothing that draws.
"""
