"""The small arrays of a step lie in an arena: a part of the driver's own stack, free again as soon as the step ends.

numba gives every array memory of its own and counts who holds it, some 30 ns each: twenty times a step, that is more than the
arithmetic of a small network. Whatever a step makes ends with it (`lifetimes.BorrowArguments`), so that

    alloc            takes the next bytes of the arena, and asks numba's allocator only when they do not suffice
    incref, decref   count what lies outside of it alone
    mark, release    begin and end a step: what was taken in between is free again

LLVM's text of a whole driver is changed so before it is optimised: each function that does any of this, or calls one that does,
is given the arena as one argument more. It is passed on, not global, for two drivers may run in two threads at once. A driver
is left as it is where an array could outlive it: one that answers arrays, or that marks nothing (`lifetimes.Scopes`); and one
in which numba's own functions look otherwise than in the versions that were tried.
"""

import re

BYTES = 1 << 16
HEADER = 64  # bytes before an array's own: numba's count, and at DATA the address of what follows
DATA, HELD = 24, 1 << 40  # HELD: a count that what is not passed the arena never brings down to zero
MARK, RELEASE = "nbt_edu_mark", "nbt_edu_release"
ALLOCATE, COUNT, DISCOUNT = "NRT_MemInfo_alloc_aligned", "NRT_incref", "NRT_decref"
TAKEN_OVER = {ALLOCATE: "alloc", COUNT: "incref", DISCOUNT: "decref", MARK: "mark", RELEASE: "release"}  # by arena.alloc, ...
EXPECTED = f"declare noalias ptr @{ALLOCATE}(i64, i32)", f"define linkonce_odr void @{DISCOUNT}(ptr"
HANDED_OUT = "NRT_adapt_ndarray_to_python"

FUNCTION = re.compile(r'^define (linkonce_odr )?[^@\n]*@("[^"]+"|[\w.$]+)\(.*?\n}\n', re.M | re.S)
CALL = re.compile(r'(?:tail )?(call [^@\n]*@)("[^"]+"|[\w.$]+)\((?=(.))')
NAME = re.compile(r'@("[^"]+"|[\w.$]+)')

ARENA = f"""
define internal ptr @arena.alloc(ptr %arena, i64 %size, i32 %align) alwaysinline {{
  %used = load i64, ptr %arena, align 8
  %more = add i64 %size, {HEADER + 63}
  %whole = and i64 %more, -64
  %next = add i64 %used, %whole
  %small = icmp ult i64 %size, {BYTES}
  %fits = icmp ule i64 %next, {BYTES}
  %here = and i1 %small, %fits
  br i1 %here, label %taken, label %asked
taken:
  store i64 %next, ptr %arena, align 8
  %array = getelementptr i8, ptr %arena, i64 %used
  %data = getelementptr i8, ptr %array, i64 {HEADER}
  %place = getelementptr i8, ptr %array, i64 {DATA}
  store i64 {HELD}, ptr %array, align 8
  store ptr %data, ptr %place, align 8
  ret ptr %array
asked:
  %other = call ptr @{ALLOCATE}(i64 %size, i32 %align)
  ret ptr %other
}}
define internal i64 @arena.mark(ptr %arena) alwaysinline {{
  %used = load i64, ptr %arena, align 8
  ret i64 %used
}}
define internal void @arena.release(ptr %arena, i64 %used) alwaysinline {{
  store i64 %used, ptr %arena, align 8
  ret void
}}
""" + "".join(f"""
define internal void @arena.{name}(ptr %arena, ptr %array) alwaysinline {{
  %none = icmp eq ptr %array, null
  br i1 %none, label %done, label %some
some:
  %from = ptrtoint ptr %arena to i64
  %at = ptrtoint ptr %array to i64
  %offset = sub i64 %at, %from
  %inside = icmp ult i64 %offset, {BYTES}
  br i1 %inside, label %done, label %counted
counted:
  call void @NRT_{name}(ptr %array)
  br label %done
done:
  ret void
}}
""" for name in ("incref", "decref"))  # fmt: skip
WITHOUT = {MARK: "define internal i64 @{}() {{ ret i64 0 }}", RELEASE: "define internal void @{}(i64 %0) {{ ret void }}"}


def equipped(text):
    """LLVM's text of a whole driver -> one whose steps use an arena."""
    marks = any(MARK in match[0] for match in FUNCTION.finditer(text) if not match[1])  # the driver itself
    if marks and all(one in text for one in EXPECTED) and HANDED_OUT not in text:
        return _rewritten(text) + ARENA
    for name, body in WITHOUT.items():
        text = re.sub(rf"^declare [^\n]*@{name}\([^\n]*", body.format(name), text, flags=re.M)
    return text


def _rewritten(text):
    functions = {match[2]: match for match in FUNCTION.finditer(text)}
    calls = {name: {call[2] for call in CALL.finditer(match[0])} for name, match in functions.items()}
    own = {name for name, match in functions.items() if match[1]} - TAKEN_OVER.keys() - _addressed(text)
    told = set(TAKEN_OVER)  # who is told of the arena: all of `own` that need it
    while more := {name for name in own - told if calls[name] & told}:
        told |= more

    def function(match):
        name, body = match[2], match[0]
        if name in TAKEN_OVER or not (name in told or calls[name] & (told - TAKEN_OVER.keys())):
            return body
        head, rest = body.split("\n", 1)
        rest = CALL.sub(call, rest)
        if name in told:
            head = head.replace("linkonce_odr", "internal", 1)
            before, after = head.split(f"@{name}(", 1)
            head = f"{before}@{_own(name)}(ptr %arena{_comma(after[0])}{after}"
        else:
            label, rest = rest.split("\n", 1)
            rest = f"{label}\n  %arena = alloca [{BYTES} x i8], align 64\n  store i64 {HEADER}, ptr %arena, align 8\n{rest}"
        return f"{head}\n{rest}"

    def call(match):
        if match[2] not in told:
            return match[0]
        return f"{match[1]}{_own(TAKEN_OVER.get(match[2], match[2]))}(ptr %arena{_comma(match[3])}"

    return FUNCTION.sub(function, text)


def _own(name):
    """A name of its own for what takes an arena: machine code of other drivers, without, is in memory under the same names."""
    return f'"arena.{name[1:]}' if name.startswith('"') else f"arena.{name}"


def _comma(following):
    return "" if following == ")" else ", "


def _addressed(text):
    """Names that occur otherwise than defined, declared or called: somebody else may call these."""
    text = re.sub(r'^(?:define|declare) [^@\n]*@("[^"]+"|[\w.$]+)', "", text, flags=re.M)
    return set(NAME.findall(CALL.sub("", text)))
