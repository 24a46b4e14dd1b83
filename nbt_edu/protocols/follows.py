"""How a protocol says which of its methods need not be written."""


def follows(method):
    """Mark a protocol's method that follows from the others: a class has it unless it writes a better one."""
    method.follows = True
    return method


def shortcut(*sources):
    """Mark one that a class may answer quicker than by its `sources`, methods of that class, with the same answer.

    A class that inherits a shortcut and writes one of its sources anew has the protocol's own again, unless it writes both.
    """

    def mark(method):
        method.sources = sources
        return follows(method)

    return mark
