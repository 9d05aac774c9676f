// Masks what comes in: node mask.mjs [KIND [CONFIG_JSON]] <in >out

import { buffer } from "node:stream/consumers";
import { Guard } from "gwplugins";

const [kind = "pii_filter", config] = process.argv.slice(2);
const { output, verdict } = new Guard(kind, config).rewrite(await buffer(process.stdin));
if (verdict === "block") {
  console.error("the content must not pass");
  process.exit(1);
}
process.stdout.write(output);
