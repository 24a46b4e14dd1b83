"""Write once: the same source runs interpreted (short numpy, to read) and compiled (machine code, for live plots).

    implements   (`nbt_edu.implements`) lets compiled code call the methods of a class
    loops        gives a numpy primitive a loop form, which compiled code uses in its place
    scalar       marks a function, of numbers or of loops over them, that is its own loop form
    single       gives a `scalar` function another form for single precision
    generated    makes a function's compiled form from the types of its arguments
    step         marks the heart of a driver, which drivers call once a step
    compiled     turns a driver (the loop over steps) into machine code, kept on disk between sessions

All of them do nothing without numba. `registry` holds what was decorated, `drivers` compiles, `connect` tells numba, and
`sentences` says what could not be compiled. numba is imported when the first driver is called: it costs half a second that
`import nbt_edu` need not pay. Set the environment variable NBT_EDU_JIT=0 to run everything interpreted.

May be imported here: nothing of the package.
"""

from .drivers import available, cache_folder, chosen, compiled, look_again
from .registry import generated, loops, register, scalar, single, step

__all__ = [
    "available", "cache_folder", "chosen", "compiled", "generated", "look_again", "loops", "register", "scalar", "single",
    "step",
]  # fmt: skip
