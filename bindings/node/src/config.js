// Configurations as the library reads them.

import { fault } from "./errors.js";

/** @param {string | object | null | undefined} config */
export function configText(config) {
  if (config === undefined || config === null) return "";
  if (typeof config === "string") return config;
  if (typeof config !== "object") throw fault("GWP_E_BAD_TYPE", "the configuration is neither JSON text nor an object");
  try {
    return JSON.stringify(config);
  } catch {
    throw fault("GWP_E_CONFIG_SYNTAX", "the configuration holds a value that JSON cannot express, or itself");
  }
}
