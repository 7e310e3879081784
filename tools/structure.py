#!/usr/bin/env python3
"""Measure the structure of the code: what imports what, in circles or against the layers, and what is repeated.

    tools/structure.py                        # all crates, in words
    tools/structure.py crates/server          # some of them
    tools/structure.py --edges access/guard crates/server   # why: what a file imports, and who imports it
    tools/structure.py --repo FOLDER --check  # ends with 1 where there is a circle or an arrow back

An import is a path of another file of the same crate, in `use`, or written out in the code. A path that leads
through a re-export (`pub use`) is an import of the file that the thing is in. Neither `mod` nor a re-export is one:
a folder's `mod.rs` may list what it has. Tests (`#[cfg(test)]`, files that only tests have, `tests/`) are left out.

A circle is told apart by what closes it. Where only imports of a file from the module that it is a part of do (of
`sync/mod.rs` by `sync/fields.rs`, of `lib.rs` by any), it is a module and its parts, which is printed and allowed;
where it is closed without them, it is one between modules, which is a fault.

This reads text, not types: a method that is called on a value makes no arrow, and what a macro writes is not seen.
"""

import argparse
import collections
import pathlib
import re
import sys

# The layers of a crate, from the bottom: a module imports those of lines before its own, and of its own name.
# Modules of one line do not import each other.
LAYERS = {
    "server": [
        ["http"],
        ["settings"],
        ["limits"],
        ["monitoring"],
        ["access"],
        ["state"],
        ["request"],
        ["files"],
        ["pages"],
        ["api"],
        ["router"],
        ["export"],
        ["listen"],
    ],
    "render": [
        ["language"],
        ["inhabitants", "link"],
        ["glossary", "provenance"],
        ["draw"],
        ["statement"],
        ["indicators"],
        ["charts"],
        ["export"],
        ["dashboard"],
        ["report"],
    ],
    "warehouse": [
        ["error", "key", "migrations", "comment", "grouping", "model_sql", "stored", "task"],
        ["table", "url"],
        ["engine"],
        ["open", "model", "bulk", "cells", "rekey", "sql"],
        ["ledger", "cluster", "published", "quality", "revision", "roles", "writer"],
        ["block", "doubt", "runs", "status"],
        ["lines", "own", "records"],
        ["bodies", "fill"],
        ["everybody", "mart", "staging"],
        ["accounts", "aggregates"],
        ["standing"],
    ],
}

# Circles and arrows back that are meant, with the reason: pairs of files, as they are printed.
ALLOWED = {}

LARGEST = 12
LITERAL = re.compile(r'"(?:revenue|expense)"')
SQL_LITERAL = re.compile(r"'(?:revenue|expense)'")
# Hundredths of a percent, rounded half away from zero.
RATE = re.compile(r"\b20_?000\s*\*")
WORD = r"[A-Za-z_]\w*"


def code_of(text):
    """Rust without comments, the inside of texts and `#[cfg(test)]` items; lines stay where they are."""

    def blank(found):
        kept = re.sub(r"[^\n]", " ", found[0])
        return f'"{kept[1:-1]}"' if found[0].endswith('"') and len(found[0]) > 1 else kept

    pattern = (
        r"//[^\n]*|/\*.*?\*/"
        r'|\b[bc]?r(#*)".*?"\1'
        r'|\b[bc]?"(?:\\.|[^"\\])*"|"(?:\\.|[^"\\])*"'
        r"|'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'"
    )
    text = re.sub(pattern, blank, text, flags=re.S)
    return without_tests(text)


def without_tests(text):
    """Takes away each item that only tests have."""
    while found := re.search(r"#\[cfg\(test\)\]", text):
        at, depth, stop = found.end(), 0, len(text)
        for index in range(at, len(text)):
            letter = text[index]
            if letter in "{([":
                depth += 1
            elif letter in "})]":
                depth -= 1
                if depth == 0 and letter == "}":
                    stop = index + 1
                    break
            elif letter == ";" and depth == 0:
                stop = index + 1
                break
        gone = text[found.start() : stop]
        text = text[: found.start()] + "".join("\n" if letter == "\n" else " " for letter in gone) + text[stop:]
    return text


def use_tree(text, prefix=()):
    """The paths of what follows `use`, each with the name that it is given."""
    text = text.strip()
    depth, parts, start = 0, [], 0
    for index, letter in enumerate(text):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    for part in filter(None, (part.strip() for part in parts)):
        head, brace, rest = part.partition("{")
        path = tuple(name.strip() for name in head.split("::") if name.strip())
        if brace:
            yield from use_tree(rest.rpartition("}")[0], prefix + path)
            continue
        last, _, alias = path[-1].partition(" as ") if path else ("", "", "")
        path = prefix + path[:-1] + (last.strip(),)
        if path[-1] == "self":
            path = path[:-1]
        yield path, alias.strip() or path[-1]


class Module:
    """A module: its file, what it has, and what its names stand for."""

    def __init__(self, path, file):
        self.path = path
        self.file = file
        self.code = ""
        self.children = {}
        self.names = {}
        self.globs = []
        self.exported = set()


class Crate:
    """The files of a crate and what they import of each other."""

    def __init__(self, folder):
        self.folder = folder
        self.name = folder.name
        self.modules = {}
        self.lines = {}
        self.arrows = collections.defaultdict(lambda: collections.defaultdict(set))
        source = folder / "src"
        for root in ("lib.rs", "main.rs"):
            if (source / root).is_file():
                self.modules = {}
                self.load((), source / root, source)
                self.link()

    def load(self, path, file, folder):
        """Reads a module and those below it; `folder` is where its children are."""
        module = Module(path, str(file.relative_to(self.folder / "src")))
        text = file.read_text(encoding="utf-8")
        self.lines[module.file] = text.count("\n")
        self.read(module, code_of(text), folder)

    def read(self, module, code, folder):
        self.modules[module.path] = module
        while found := re.search(rf"\bmod\s+(\w+)\s*\{{", code):
            depth, stop = 0, len(code)
            for index in range(found.end() - 1, len(code)):
                depth += {"{": 1, "}": -1}.get(code[index], 0)
                if depth == 0:
                    stop = index
                    break
            inner = Module((*module.path, found[1]), module.file)
            module.children[found[1]] = inner.path
            self.read(inner, code[found.end() : stop], folder / found[1])
            code = code[: found.start()] + code[stop + 1 :]
        for name in re.findall(r"\bmod\s+(\w+)\s*;", code):
            for file in (folder / f"{name}.rs", folder / name / "mod.rs"):
                if file.is_file():
                    module.children[name] = (*module.path, name)
                    self.load(module.children[name], file, folder / name)
                    break
        uses = re.compile(rf"(\bpub(?:\s*\([^)]*\))?\s+)?\buse\s+([^;]+);")
        for public, tree in uses.findall(code):
            for path, alias in use_tree(tree):
                if path and path[-1] == "*":
                    module.globs.append((path[:-1], bool(public)))
                else:
                    module.names[alias] = path
                    if public:
                        module.exported.add(alias)
        module.code = uses.sub("", re.sub(r"\bmod\s+\w+\s*;", "", code))

    def base(self, module, path):
        """The module that a path begins at, and the rest of the path; nothing for another crate."""
        first, rest = path[0], path[1:]
        if first == "crate":
            return self.modules[()], rest
        if first == "self":
            return module, rest
        if first == "super":
            at = module.path[:-1]
            while rest and rest[0] == "super":
                at, rest = at[:-1], rest[1:]
            return self.modules[at], rest
        if first in module.children:
            return self.modules[module.children[first]], rest
        return None, path

    def resolve(self, module, path, seen=()):
        """The file that a path leads into, through modules and re-exports; nothing for another crate."""
        if not path or (module.path, path) in seen:
            return None
        seen = (*seen, (module.path, path))
        at, rest = self.base(module, path)
        if at is None:
            named = module.names.get(path[0])
            if named and named != path[:1]:
                return self.resolve(module, named + path[1:], seen)
            return None
        while rest:
            name = rest[0]
            if name in at.children:
                at, rest = self.modules[at.children[name]], rest[1:]
                continue
            if name in at.names:
                named = at.names[name]
                there = self.resolve(at, named + rest[1:], seen)
                # A name of another crate is an import of nothing here.
                return there or (at.file if self.base(at, named)[0] is not None else None)
            if not self.defines(at, name):
                for glob, _ in at.globs:
                    there = self.resolve(at, glob + rest, seen)
                    if there:
                        return there
            break
        return at.file

    def defines(self, module, name):
        return re.search(rf"\b(?:fn|struct|enum|trait|type|const|static|union|macro_rules!)\s+{name}\b", module.code)

    def link(self):
        for module in list(self.modules.values()):
            for alias, path in module.names.items():
                if alias not in module.exported:
                    self.arrow(module, path)
                elif re.search(rf"\b{re.escape(alias)}\b", module.code):
                    self.arrow(module, path)
            for path, public in module.globs:
                if not public:
                    self.arrow(module, path)
            for found in re.finditer(rf"(?<![\w:.])({WORD}(?:::{WORD})+)", module.code):
                path = tuple(found[1].split("::"))
                if path[0] in ("crate", "super", "self") or path[0] in module.children:
                    self.arrow(module, path)

    def arrow(self, module, path):
        there = self.resolve(module, path)
        if there and there != module.file:
            self.arrows[module.file][there].add("::".join(path))

    def above(self, here, there):
        """Whether a file is that of a module which the other is a part of."""
        folder = there.removesuffix("mod.rs").removesuffix(".rs") if there not in ("lib.rs", "main.rs") else ""
        return here != there and here.startswith(folder if folder.endswith("/") or not folder else folder + "/")

    def circles(self, upward):
        """The strongly connected files, largest circle first; with imports of a file's own module, or without."""
        low, index, stack, found = {}, {}, [], []

        def visit(node):
            index[node] = low[node] = len(index)
            stack.append(node)
            for there in self.arrows.get(node, {}):
                if not upward and self.above(node, there):
                    continue
                if there not in index:
                    visit(there)
                    low[node] = min(low[node], low[there])
                elif there in stack:
                    low[node] = min(low[node], index[there])
            if low[node] == index[node]:
                circle = []
                while not circle or circle[-1] != node:
                    circle.append(stack.pop())
                if len(circle) > 1:
                    found.append(sorted(circle))

        for node in sorted(self.lines):
            if node not in index:
                visit(node)
        return sorted(found, key=lambda circle: (-len(circle), circle))

    def back(self):
        """The imports that go against the layers: the two files, and a path."""
        layers = LAYERS.get(self.name)
        if not layers:
            return []
        rank = {name: number for number, names in enumerate(layers) for name in names}

        def room(file):
            return file.partition("/")[0].removesuffix(".rs")

        found = []
        for here, targets in sorted(self.arrows.items()):
            for there, paths in sorted(targets.items()):
                one, other = room(here), room(there)
                if one == other or one in ("lib", "main"):
                    continue
                if one in rank and other in rank and rank[other] >= rank[one]:
                    found.append((here, there, sorted(paths)[0]))
        return found


    def in_no_layer(self):
        """The modules that the layers do not name."""
        known = {name for names in LAYERS.get(self.name, []) for name in names} | {"lib", "main"}
        rooms = {file.partition("/")[0].removesuffix(".rs") for file in self.lines}
        return sorted(rooms - known) if self.name in LAYERS else []


def rust_and_sql(repository):
    for path in sorted(repository.glob("crates/**/*")):
        if path.suffix in (".rs", ".sql", ".toml") and "target" not in path.parts and path.is_file():
            yield path


def repeated(repository):
    """The literals and formulas that have one place: how often they are elsewhere."""
    counts = collections.Counter()
    places = collections.defaultdict(collections.Counter)
    for path in rust_and_sql(repository):
        name = path.relative_to(repository)
        text = path.read_text(encoding="utf-8")
        test = "tests" in name.parts or name.stem == "tests" or name.parts[1].startswith("test-")
        if path.suffix == ".rs":
            if name.parts[1] != "accounts":
                whole = len(LITERAL.findall(re.sub(r"//[^\n]*", "", text)))
                shipped = 0 if test else len(LITERAL.findall(without_tests(re.sub(r"//[^\n]*", "", text))))
                counts["rust"] += shipped
                counts["tests"] += whole - shipped
                places["rust"][str(name)] += shipped
            if test:
                continue
            text = without_tests(text)
        if name.parts[1] != "accounts":
            counts["sql"] += len(SQL_LITERAL.findall(text))
            places["sql"][str(name)] += len(SQL_LITERAL.findall(text))
        counts["rate"] += len(RATE.findall(text))
        places["rate"][str(name)] += len(RATE.findall(text))
    return counts, places


def where(places):
    found = [f"{name} {number}" for name, number in places.most_common(6) if number]
    return f" ({', '.join(found)}{', …' if sum(1 for n in places.values() if n) > 6 else ''})" if found else ""


def counted(number, word):
    return f"{number} {word}" + ("" if number == 1 else "s")


def main():
    sys.setrecursionlimit(10_000)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crates", nargs="*", help="as in `server` or `crates/server` [default: all]")
    parser.add_argument("--repo", default=pathlib.Path(__file__).resolve().parent.parent, type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="end with 1 where there is a circle or an arrow back")
    parser.add_argument("--edges", metavar="FILE", help="what files of this name import, and who imports them")
    asked = parser.parse_args()
    repository = asked.repo.resolve()
    wanted = {name.rstrip("/").rpartition("/")[2] for name in asked.crates}
    folders = sorted(path.parent for path in repository.glob("crates/*/Cargo.toml"))
    if unknown := wanted - {folder.name for folder in folders}:
        sys.exit(f"structure: no crate is called {', '.join(sorted(unknown))}")
    crates = [Crate(folder) for folder in folders if not wanted or folder.name in wanted]
    bad, totals, largest = [], collections.Counter(), []
    for crate in crates:
        imports = sum(len(targets) for targets in crate.arrows.values())
        every, between = crate.circles(upward=True), crate.circles(upward=False)
        back, homeless = crate.back(), crate.in_no_layer()
        totals.update(files=len(crate.lines), imports=imports, between=len(between), every=len(every), back=len(back))
        largest += [(lines, f"{crate.name}/src/{file}") for file, lines in crate.lines.items()]
        print(f"{crate.name}: {counted(len(crate.lines), 'file')}, {counted(imports, 'import')}")
        for circle in every:
            print(f"  circle of {len(circle)}: {' '.join(circle)}")
        for circle in between:
            if circle not in every:
                print(f"  of which between modules, {len(circle)}: {' '.join(circle)}")
            if tuple(circle) not in ALLOWED:
                bad.append(f"{crate.name}: circle of {', '.join(circle)}")
        if every and not between:
            print("  none of them is between modules: each is a module and its parts")
        for here, there, path in back:
            print(f"  against the layers: {here} -> {there} ({path})")
            if (here, there) not in ALLOWED:
                bad.append(f"{crate.name}: {here} imports {there}")
        if homeless:
            print(f"  in no layer: {' '.join(homeless)}")
            bad.append(f"{crate.name}: no layer has {', '.join(homeless)}")
        if asked.edges:
            for here, targets in sorted(crate.arrows.items()):
                for there, paths in sorted(targets.items()):
                    if asked.edges in here or asked.edges in there:
                        print(f"  {here} -> {there}: {', '.join(sorted(paths))}")
    print(
        f"together: {counted(totals['files'], 'file')}, {counted(totals['imports'], 'import')}, "
        f"{counted(totals['every'], 'circle')} ({totals['between']} between modules), "
        f"{counted(totals['back'], 'import')} against the layers"
    )
    if not wanted:
        print("largest files (lines, with their unit tests):")
        for lines, file in sorted(largest, reverse=True)[:LARGEST]:
            print(f"  {lines:5} {file}")
        counts, places = repeated(repository)
        print("sides of a statement as texts, outside accounts:")
        print(f'  {counts["rust"]} × "revenue" or "expense" in Rust{where(places["rust"])}')
        print(f"  {counts['sql']} × 'revenue' or 'expense' in SQL{where(places['sql'])}")
        print(f"  {counts['tests']} in tests")
        print(f"the formula of a rate: written {counts['rate']} times{where(places['rate'])}")
    if asked.check and bad:
        print("\n".join(["structure: faults", *bad]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
