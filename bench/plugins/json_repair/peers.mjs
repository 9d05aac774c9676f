// npm jsonrepair for bench/worker.mjs.

import { readFileSync } from "node:fs";
import { jsonrepair } from "jsonrepair";

export const operations = { repair: jsonrepair, many: (texts) => texts.map((text) => jsonrepair(text)) };
export const versions = {
  jsonrepair: JSON.parse(readFileSync(new URL("node_modules/jsonrepair/package.json", import.meta.url))).version,
};
