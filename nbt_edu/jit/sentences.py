"""What could not be compiled, in one sentence."""


def explain(error, driver, args):
    return str(error)
