// Takes the picture of the README: the dashboard of the sample edition, as the program serves it.
//
//   node dist/tests/screenshot.js FILE.png

import { start } from "./site.js";

const file = process.argv[2];
if (!file) throw new Error("name the file to write");

const site = await start();
try {
  const page = await site.browser.newPage({ viewport: { width: 1280, height: 1620 } });
  await page.goto(`${site.address}/dashboard?lang=en`, { waitUntil: "networkidle" });
  await page.screenshot({ path: file });
} finally {
  await site.close();
}
