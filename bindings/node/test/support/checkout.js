// The files of the checkout that tests read: GWPLUGINS_CHECKOUT names it when the tests run from a copy of this folder.

import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const named = process.env["GWPLUGINS_CHECKOUT"];
const root = named ? pathToFileURL(`${named}/`) : new URL("../../../../", import.meta.url);

/** @param {string} path */
export const read = (path) => readFileSync(fileURLToPath(new URL(path, root)), "utf8");
