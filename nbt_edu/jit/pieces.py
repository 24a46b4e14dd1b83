"""A driver in pieces: what is large stays a function that is called, the rest is written out where it is called.

Methods are meant to be written out (`registry.METHOD`), so that the arrays' shapes are seen through. But LLVM's time grows
faster than the size of a function, and a call of a large one costs nothing beside it: some 20 ns, for what it is given comes as
addresses (`given`). Measured at 2,000 lines of LLVM's text: a race's exact learner with its comparisons compiles in 7.9 s
instead of 10, others in 3.6, 1.9, 2.2 instead of 4.0, 2.3, 2.7, and steps take as long as before, at 16 units too.
"""

import re

from .arena import CALL, FUNCTION

LARGEST = 2000  # lines of LLVM's text, with all that is written out in them
FREE = 10_000  # numbers of groups from here on are not in use

GROUP = re.compile(r"^attributes #(\d+) = \{([^}]*)\}", re.M)  # of a function's attributes, and where one is named:
NAMED = re.compile(r"#(\d+)")


def apart(text):
    """LLVM's text of a whole driver -> the same, in which what is large is not written out."""
    functions, groups = {match[2]: match[0] for match in FUNCTION.finditer(text)}, dict(GROUP.findall(text))
    inlined = {name for name, body in functions.items() if "alwaysinline" in groups.get(_group(body), "")}
    large, sizes = set(), {}

    def size(name):
        if name not in sizes:
            sizes[name] = 0  # while it is looked at, if it should call itself
            called = [match[2] for match in CALL.finditer(functions[name])]
            sizes[name] = functions[name].count("\n") + sum(size(one) for one in called if one in inlined)
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
        made.append(groups[_group(head)].replace("alwaysinline", "noinline"))
        return NAMED.sub(f"#{FREE + len(made)}", head) + "\n" + body

    text = FUNCTION.sub(separate, text)
    return text + "".join(f"attributes #{FREE + i} = {{{one}}}\n" for i, one in enumerate(made, 1))


def _group(function):
    found = NAMED.search(function.split("\n", 1)[0])
    return found and found[1]
