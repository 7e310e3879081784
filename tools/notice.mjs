// Makes NOTICE: what the program carries of others, and under which licences. Run by `make notice`; `--check`, a part
// of `make lint`, says whether it is what the dependencies of today say.
//
// What is carried are the crates that `centime` is made of on the machines of the image, the packages that are bundled
// into the scripts, and the fonts. Of a choice of licences the first of `ACCEPTED` is taken; a licence that is not
// there, or one whose text a package does not bring and `tools/licences/` has not, is an error: somebody has to look.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// The machines that the image is made for.
const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];

// The first is the one whose text all packages share.
const SHARED = "Apache-2.0";
const ACCEPTED = [
  SHARED,
  "Apache-2.0 WITH LLVM-exception",
  "MIT",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "Zlib",
  "BSL-1.0",
  "0BSD",
  "MIT-0",
  "Unlicense",
  "CC0-1.0",
  "Unicode-3.0",
  "OFL-1.1",
  "MPL-2.0",
  "CDLA-Permissive-2.0",
];

const LICENCE = /^(un)?(licen[cs]e|copying|copyright|ofl)([-_. ].*)?$|^CopyrightNotice\.txt$/i;
const NOTICE = /^notices?([-_. ].*)?$/i;
// What is not in the program, although it is in the package.
const NOT_CARRIED = new Set(["tests", "test", "benches", "examples", "fuzz", "node_modules", "target", ".git"]);

function fail(message) {
  console.error(`notice: ${message}`);
  process.exitCode = 1;
}

// Licences: expressions of SPDX, with the slash that older crates write.

function chosen(expression, of) {
  const tokens = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g);
  let at = 0;
  const rank = (licences) => Math.max(...licences.map((one) => ACCEPTED.indexOf(one)));
  function atom() {
    if (tokens[at] === "(") {
      at += 1;
      const inner = either();
      at += 1;
      return inner;
    }
    let name = tokens[at++];
    if (tokens[at] === "WITH") {
      name += ` WITH ${tokens[at + 1]}`;
      at += 2;
    }
    return [[name]];
  }
  function both() {
    let left = atom();
    while (tokens[at] === "AND") {
      at += 1;
      const right = atom();
      left = left.flatMap((one) => right.map((other) => [...one, ...other]));
    }
    return left;
  }
  function either() {
    const choices = both();
    while (tokens[at] === "OR") {
      at += 1;
      choices.push(...both());
    }
    return choices;
  }
  const possible = either().filter((choice) => choice.every((one) => ACCEPTED.includes(one)));
  if (possible.length === 0) {
    fail(`${of} is under ${expression}, which tools/notice.mjs does not accept`);
    return [];
  }
  return possible.sort((one, other) => rank(one) - rank(other))[0];
}

// Files of packages.

function walk(folder, found = []) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.isDirectory()) {
      if (!NOT_CARRIED.has(entry.name)) walk(join(folder, entry.name), found);
    } else if (entry.isFile() && (LICENCE.test(entry.name) || NOTICE.test(entry.name))) {
      // Programs are called so, too.
      if (!/\.(rs|js|ts|mjs|c|h|py|json|css|html)$/i.test(entry.name)) found.push(join(folder, entry.name));
    }
  }
  return found;
}

function text(file) {
  const lines = readFileSync(file, "utf8").replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split("\n");
  return lines.map((line) => line.trimEnd()).join("\n").replace(/\n{3,}/g, "\n\n").replace(/^\n+|\n+$/g, "");
}

// Whether a text is that of the licence that all share, and of no other beside it.
const OTHERS = /Permission (is hereby granted|to use, copy)|Redistribution and use in source and binary/;
const isShared = (words) => /Apache License\s+Version 2\.0, January 2004/.test(words) && !OTHERS.test(words);

// What one package is under, and the texts that it brings.
function described({ name, version, licence, folder, authors, address }) {
  const label = `${name} ${version}`;
  if (!licence) {
    fail(`${label} does not say which licence it is under`);
    return { label, licences: [], address, texts: [] };
  }
  const licences = chosen(licence, label);
  const files = walk(folder);
  const atRoot = (file) => dirname(file) === folder;
  const texts = [];
  for (const file of files) {
    const words = text(file);
    if (words === "" || isShared(words)) continue;
    // Of the texts at the root only those are needed that are not of a licence that was not chosen. What is further
    // down is of others that the package itself carries.
    const needed = NOTICE.test(basename(file)) || !atRoot(file) || licences.some((one) => one !== SHARED);
    if (needed) texts.push({ words, from: atRoot(file) ? label : `${label}, ${relative(folder, file)}` });
  }
  for (const one of licences.filter((one) => one !== SHARED)) {
    if (texts.some(({ from }) => from === label)) continue;
    const template = join(root, "tools/licences", `${one}.txt`);
    if (!existsSync(template)) {
      fail(`${label} does not bring the text of ${one}, nor does tools/licences/`);
      continue;
    }
    const holders = authors.length > 0 ? authors.map((author) => author.replace(/\s*<.*>/, "")).join(", ") : `the authors of ${name}`;
    texts.push({ words: text(template).replace("<holders>", holders), from: label });
  }
  return { label, licences, address, texts };
}

function crates() {
  const packages = new Map();
  for (const target of TARGETS) {
    const asked = ["metadata", "--format-version", "1", "--locked", "--filter-platform", target];
    const output = execFileSync(process.env.CARGO ?? "cargo", asked, { cwd: root, maxBuffer: 1 << 28 });
    const metadata = JSON.parse(output.toString());
    const known = new Map(metadata.packages.map((one) => [one.id, one]));
    const nodes = new Map(metadata.resolve.nodes.map((one) => [one.id, one]));
    const start = metadata.packages.find((one) => one.name === "centime");
    const seen = new Set();
    const visit = (id) => {
      if (seen.has(id)) return;
      seen.add(id);
      const found = known.get(id);
      // What is of a registry; the others are ours.
      if (found.source) packages.set(`${found.name} ${found.version}`, found);
      for (const { pkg, dep_kinds } of nodes.get(id).deps) {
        // What tests and builds need is not in the program.
        if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg);
      }
    };
    visit(start.id);
  }
  return [...packages.values()].map((one) =>
    described({
      name: one.name,
      version: one.version,
      licence: one.license,
      folder: dirname(one.manifest_path),
      authors: one.authors,
      address: one.repository ?? one.homepage ?? `https://crates.io/crates/${one.name}`,
    }),
  );
}

function webPackages() {
  const lock = JSON.parse(readFileSync(join(root, "web/package-lock.json"), "utf8"));
  const fonts = readFileSync(join(root, "web/build.mjs"), "utf8").match(/"@[\w-]+\/[\w-]+(?=\/)/g);
  const wanted = new Set(fonts.map((name) => `node_modules/${name.slice(1)}`));
  for (const [place, { dev }] of Object.entries(lock.packages)) {
    if (place !== "" && !dev) wanted.add(place);
  }
  return [...wanted].map((place) => {
    const folder = join(root, "web", place);
    if (!existsSync(folder)) throw new Error(`${folder} is not there: run make web first`);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { author } = about;
    const name = typeof author === "string" ? author : author?.name;
    // The fonts of a package are under another licence than its scripts, of which nothing is carried.
    const licence = place.includes("google-fonts") ? "OFL-1.1" : about.license;
    const repository = typeof about.repository === "string" ? about.repository : about.repository?.url;
    return described({
      name: about.name,
      version: about.version,
      licence,
      folder,
      authors: name ? [name] : [],
      address: (repository ?? about.homepage ?? "").replace(/^git\+/, "").replace(/\.git$/, ""),
    });
  });
}

function page(sections) {
  const rule = "=".repeat(100);
  const lines = [
    "Centime",
    "Copyright the Centime authors. Apache License 2.0, see LICENSE.",
    "",
    "The program carries the following work of others. This file is made by `make notice` from what it is built of on",
    "Linux (x86-64 and ARM64); each is named with the licence under which it is carried. Texts of licences follow, each",
    "once, with those that they are of. That of the Apache License 2.0 is in LICENSE.",
    "",
    "This product includes software developed at The Apache Software Foundation.",
    "",
    "Beside these it carries the standard library of Rust (Copyright The Rust Project contributors, Apache-2.0),",
    "SQLite, which is in the public domain, and, with the feature «encryption», SQLCipher (Copyright (c) Zetetic LLC,",
    "BSD-3-Clause).",
  ];
  const texts = new Map();
  for (const [title, packages] of sections) {
    packages.sort((one, other) => (one.label < other.label ? -1 : 1));
    lines.push("", title, "-".repeat(title.length), "");
    for (const { label, licences, address, texts: of } of packages) {
      lines.push(`${label} (${licences.join(" AND ")}) ${address}`.trimEnd());
      for (const { words, from } of of) {
        // The same text may be broken otherwise.
        const key = words.replace(/\s+/g, " ");
        const found = texts.get(key) ?? { words, from: [] };
        found.from.push(from);
        texts.set(key, found);
      }
    }
  }
  for (const { words, from } of texts.values()) {
    lines.push("", rule, ...from, rule, "", words);
  }
  return `${lines.join("\n")}\n`;
}

const made = page([
  ["Crates", crates()],
  ["Scripts and fonts of the site", webPackages()],
]);
const file = join(root, "NOTICE");
if (process.exitCode) {
  // What was said has to be looked at first.
} else if (process.argv.includes("--check")) {
  if (text(file) !== made.trim().replace(/\n{3,}/g, "\n\n")) {
    fail("NOTICE is not what the dependencies say: run make notice and commit what it writes");
  }
} else {
  writeFileSync(file, made);
}
