"""What is typically not understood: a table from numba's words to ours, and what to write instead.

A row: a pattern in numba's message; what was not understood, {0}, {1} being the pattern's groups; the remedy. The first fits.
"""

FIELDS = "change arrays in place, `x[...] = y` or `nbt_edu.kernels.assign`"
LOOPS = "write a loop, or use the primitives of nbt_edu.kernels"
SCALAR = "make it a method, or put @nbt.jit.scalar above its definition (machine code is then made in each session)"
PARENT = "write in the class `theirs = Parent.method`, and call self.theirs(...)"

MISTAKES = [
    (r"Untyped \w+ name '(super)'", "{0}() is not understood", PARENT),
    (r"Unknown attribute '(\w+)' of type class\(", "a method of another class, called by its name, is not understood", PARENT),
    (r"Untyped \w+ name '(\w+)':.*<class 'function'>", "{0} is a plain Python function", SCALAR),
    (r"Untyped \w+ name '(\w+)':.*<class 'type'>", "{0} is a class, whose objects compiled code cannot make",
     "use numbers, arrays and NamedTuples"),
    (r"Untyped \w+ name '(\w+)':.*<class '([\w.]+)'>", "{0} is a global {1}",
     "make it a number, an array or a field of the class"),
    (r"assigned to variable '(\w+)' in globals", "{0} is a global list, dict or set",
     "make it a tuple, an array or a field of the class"),
    (r"NameError: name '(\w+)' is not defined", "the name {0} is not defined", "define or import it above the class"),
    (r"unsupported NumPy function 'numpy\.([\w.]+)'", "np.{0} is not known to numba, or not so called", LOOPS),
    (r"Unknown attribute '(\w+)' of type Module\(<module 'numpy\.random'", "np.random.{0} is not known to numba",
     "take random numbers from the argument `noise`, as many as `noise_vectors` asks for"),
    (r"Unknown attribute '(\w+)' of type Module\(<module '([\w.]+)'", "{1}.{0} is not known to numba", LOOPS),
    (r"Unknown attribute '(_replace)' of type", "{0} is not understood", "keep what changes in the state, and " + FIELDS),
    (r"Unknown attribute '(\w+)' of type array\((\w+), (\d)d", "an array's .{0} is not known to numba", LOOPS),
    (r"Unknown attribute '(\w+)' of type (\w+)", "{1}.{0} is no field or method", "name one that it has"),
    (r"No definition for lowering (\w+)\(.*\)\.(\w+) =", "the field {1} of {0} is assigned to", FIELDS),
    (r"exception_match|Use of unsupported opcode .*(?:EXC|FINALLY)|[Uu]nsupported.*\b(?:try|except|raise)\b",
     "this try/except is not understood", "test with `if` beforehand"),
    (r"Unsupported context manager", "`with` is not understood", "take its lines out of it"),
    (r"isinstance\(\) does not support", "isinstance is not understood here",
     "give the classes a method of one name, and call that"),
    (r"f-string|JoinedStr|FORMAT_VALUE|FORMAT_SIMPLE|FORMAT_WITH", "an f-string is not understood",
     "leave text to `label`, which is not compiled"),
    (r"yield in a closure", "a generator expression is not understood", "write a loop"),
    (r"Cannot unify (.+?) and (.+?) for '(\w+?)(?:\.\d+)?'", "{2} is now {0}, now {1}",
     "give a variable one type throughout, or two variables two names"),
    (r"[Cc]an't unify return type from the following types: (.+)", "it returns now one type, now another ({0})",
     "answer one type at every return"),
    (r"(np\.\w+\(\)|'@'|\S+) arguments must all have the same dtype", "{0} is given arrays of two dtypes",
     "make all of them of one, such as np.zeros(n, theta.dtype)"),
    (r"unsupported dtype for <?BLAS|only supported on float and complex",
     "a product of arrays that are not floats is not understood", "make them floats: np.ones(3), or x.astype(np.float64)"),
    (r"reshape\(\) supports contiguous array only|incompatible shape for array",
     "only an array that lies in one piece can be reshaped", "write np.ascontiguousarray(x).reshape(...)"),
    (r"Cannot determine Numba type of <class '([\w.]+)'>|(?:dtype|data type).*(object)", "a {0} is not understood",
     "use numbers, arrays, and NamedTuples of them"),
    (r"IMPORT_NAME", "an import within a method is not understood", "import at the top of the file"),
    (r"unsupported opcode \((\w+)\)", "Python's {0} is not understood", "write it with numbers, arrays, `if` and `for`"),
    (r"<built-in function \w+>\) found for signature:\s*>>> (\w+\(.*\))", "{0} is not possible",
     "compare the types and shapes, or write a loop"),
]  # fmt: skip
