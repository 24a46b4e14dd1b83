"""How a protocol says which of its methods need not be written."""


def follows(method):
    """Mark a protocol's method that follows from the others: a class has it unless it writes a better one."""
    method.follows = True
    return method
