// Makes what the program carries: scripts, style sheet and fonts, in `dist/assets`.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const out = "dist/assets";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  // Addresses on the site, not files here.
  external: ["/assets/*"],
};

await Promise.all([
  // What every page may load, and the charts that it loads when they are used.
  build({ ...common, entryPoints: ["site/site.ts"], format: "esm", outfile: `${out}/site.js` }),
  build({
    ...common,
    entryPoints: ["charts/browser.ts"],
    format: "esm",
    outfile: `${out}/charts.js`,
  }),
  build({ ...common, target: [], entryPoints: ["css/site.css"], outfile: `${out}/site.css` }),
]);

const fonts = {
  "@expo-google-fonts/source-sans-3/400Regular/SourceSans3_400Regular.ttf": "chart-regular.ttf",
  "@expo-google-fonts/source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf": "chart-semibold.ttf",
  "@expo-google-fonts/source-serif-4/400Regular/SourceSerif4_400Regular.ttf": "report-regular.ttf",
  "@expo-google-fonts/source-serif-4/600SemiBold/SourceSerif4_600SemiBold.ttf":
    "report-semibold.ttf",
  "@fontsource/source-sans-3/files/source-sans-3-latin-400-normal.woff2": "chart-regular.woff2",
  "@fontsource/source-sans-3/files/source-sans-3-latin-600-normal.woff2": "chart-semibold.woff2",
};
for (const [from, to] of Object.entries(fonts)) {
  copyFileSync(`node_modules/${from}`, `${out}/${to}`);
}

// What is named by its content may be kept for ever, and is another address when it changes. It is beside the
// sheet, wherever on its host the site is.
const sheet = readFileSync(`${out}/site.css`, "utf8").replace(/\/assets\/([\w.-]+)/g, (_, name) => {
  const hash = createHash("sha256")
    .update(readFileSync(`${out}/${name}`))
    .digest("hex");
  return `${name}?v=${hash.slice(0, 16)}`;
});
writeFileSync(`${out}/site.css`, sheet);

// The program sends these compressed as they are, so they are compressed as well as can be.
for (const name of ["site.css", "site.js", "charts.js"]) {
  const plain = readFileSync(`${out}/${name}`);
  writeFileSync(`${out}/${name}.gz`, gzipSync(plain, { level: 9 }));
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  writeFileSync(`${out}/${name}.br`, brotliCompressSync(plain, { params: size }));
}
