"""A driver in pieces: what is large stays a function that is called, the rest is written out where it is called.

Methods are meant to be written out (`registry.METHOD`), so that the arrays' shapes are seen through. But LLVM's time grows
faster than the size of a function, and a call of a large one costs nothing beside it: some 20 ns, for what it is given comes as
addresses (`given`). Measured at 2,000 lines of LLVM's text: a race's exact learner with its comparisons compiles in 7.9 s
instead of 10, others in 3.6, 1.9, 2.2 instead of 4.0, 2.3, 2.7, and steps take as long as before, at 16 units too.
"""

import re

LARGEST = 2000  # lines of LLVM's text, with all that is written out in them

FUNCTION = re.compile(r'^define (linkonce_odr |internal )?[^@\n]*@("[^"]+"|[\w.$]+)\(.*?\n}\n', re.M | re.S)
CALL = re.compile(r'call [^@\n]*@("[^"]+"|[\w.$]+)\(')
GROUP = re.compile(r"^attributes (#\d+) = \{([^}]*)\}", re.M)


def apart(text):
    """LLVM's text of a whole driver -> the same, in which what is large, and the driver itself, is not written out."""
    functions, groups = {match[2]: match for match in FUNCTION.finditer(text)}, dict(GROUP.findall(text))
    inlined = {name for name, match in functions.items() if "alwaysinline" in _attributes(match[0], groups)}
    large = {name for name, match in functions.items() if not match[1]}  # can be called from outside: the driver
    sizes = {}

    def size(name):
        if name not in sizes:
            body, sizes[name] = functions[name][0], 0  # 0 while it is looked at, if it should call itself
            sizes[name] = body.count("\n") + sum(size(one) for one in CALL.findall(body) if one in inlined and one not in large)
            if name in inlined and sizes[name] > LARGEST:
                large.add(name)
        return 0 if name in large else sizes[name]

    for name in functions:
        size(name)
    made = []

    def separate(match):
        if match[2] not in large:
            return match[0]
        head, body = match[0].split("\n", 1)
        group = re.search(r"#\d+", head)
        made.append(f"{groups[group[0]] if group else ''} noinline".replace("alwaysinline", ""))
        number = f"#{len(groups) + len(made) + 1000}"
        return (head.replace(group[0], number) if group else f"{head.removesuffix('{')}{number} {{") + "\n" + body

    text = FUNCTION.sub(separate, text)
    return text + "".join(f"attributes #{len(groups) + 1001 + i} = {{ {one} }}\n" for i, one in enumerate(made))


def _attributes(function, groups):
    head = function.split("\n", 1)[0]
    return head + " ".join(groups.get(group, "") for group in re.findall(r"#\d+", head))
