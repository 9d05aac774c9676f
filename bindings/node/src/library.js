// Finds, opens and checks the library, once in each thread, at the first use. Nothing else opens one.

import { resolve } from "node:path";
import koffi from "koffi";
import { ABI_MAJOR, ABI_MINOR, CAP_DETAILS, CAP_OUTPUT, CAP_STREAM, FAMILIES, FUNCTIONS } from "./abi.js";
import { fault, GwpluginsError, LibraryError } from "./errors.js";
import { Cells } from "./memory.js";

/**
 * @import { LibraryHandle } from "koffi"
 * @import { CODEC_FUNCTIONS, LIMITER_FUNCTIONS } from "./abi.js"
 * @typedef {typeof FUNCTIONS & typeof LIMITER_FUNCTIONS & typeof CODEC_FUNCTIONS} Declarations
 * @typedef {Record<keyof Declarations, ReturnType<LibraryHandle["func"]>>} Functions those of a family are there after
 *   `need`
 * @typedef {"gwp_guard_new" | "gwp_result_new" | "gwp_stream_new"} GuardMaker
 * @typedef {GuardMaker | "gwp_limiter_new" | "gwp_codec_new" | "gwp_codec_stream_new"} Maker
 * @typedef {"gwp_kind_name" | "gwp_kind_schema" | "gwp_guard_describe" | "gwp_result_detail"} GuardTeller
 * @typedef {"gwp_limiter_schema" | "gwp_limiter_describe" | "gwp_limiter_script"} LimiterTeller
 * @typedef {"gwp_codec_name" | "gwp_codec_schema" | "gwp_codec_describe" | "gwp_codec_choose"} CodecTeller
 * @typedef {GuardTeller | LimiterTeller | CodecTeller} Teller
 */

/** @type {Partial<Record<NodeJS.Platform, string[]>>} */
const NAMES = { darwin: ["libgwplugins.1.dylib", "libgwplugins.dylib"], win32: ["gwplugins.dll"] };
const ELF_NAMES = ["libgwplugins.so.1", "libgwplugins.so"];

/** The functions of a library, their out-parameters turned into values and their errors into exceptions. */
export class Library {
  #cells = new Cells();
  #handle;
  /** @type {Set<keyof typeof FAMILIES>} */
  #had = new Set();

  /**
   * @param {string} file
   * @param {LibraryHandle} handle
   */
  constructor(file, handle) {
    this.file = file;
    this.#handle = handle;
    this.functions = /** @type {Functions} */ (declared(handle, file, FUNCTIONS));
  }

  /**
   * The library itself, which has the functions of a family from now on.
   *
   * @param {keyof typeof FAMILIES} family
   * @throws GwpluginsError GWP_E_UNSUPPORTED: it is older, or was built without
   */
  need(family) {
    if (this.#had.has(family)) return this;
    const { minor, functions } = FAMILIES[family];
    if (!this.functions.gwp_abi_supports(ABI_MAJOR, minor)) {
      const abi = abiText(this.functions.gwp_abi_version());
      throw fault("GWP_E_UNSUPPORTED", `${this.file} has ABI ${abi}; ${family} need ${ABI_MAJOR}.${minor}`);
    }
    Object.assign(this.functions, declared(this.#handle, this.file, functions));
    if (!this.#wasBuiltWith(family)) throw fault("GWP_E_UNSUPPORTED", `${this.file} was built without ${family}`);
    this.#had.add(family);
    return this;
  }

  /**
   * Raises what a call reported.
   *
   * @param {number} status
   * @param {Cells} cells those the call was given
   */
  check(status, cells) {
    if (status !== 0) throw this.#error(status, cells.error);
  }

  /**
   * The handle that a function makes.
   *
   * @param {Maker} name
   * @param {unknown[]} given
   */
  make(name, ...given) {
    const cells = this.#cells;
    this.check(this.functions[name](...given, cells.pointerAt, cells.errorAt), cells);
    return cells.pointer;
  }

  /**
   * A copy of the text that a function points to.
   *
   * @param {Teller} name
   * @param {unknown[]} given
   */
  text(name, ...given) {
    const cells = this.#cells;
    this.check(this.functions[name](...given, cells.pointerAt, cells.countAt, cells.errorAt), cells);
    return cells.text();
  }

  kinds() {
    return Array.from({ length: this.functions.gwp_kind_count() }, (_, index) => ({
      name: this.text("gwp_kind_name", index),
      capabilities: this.#capabilities(index),
      schema: JSON.parse(this.text("gwp_kind_schema", index)),
    }));
  }

  /**
   * Where the library's own schema of limiters lies: another address is another library.
   */
  mark() {
    this.text("gwp_limiter_schema");
    return this.#cells.pointer;
  }

  /** @param {keyof typeof FAMILIES} family */
  #wasBuiltWith(family) {
    if (family === "codecs") return this.functions.gwp_codec_count() > 0;
    const { pointerAt, countAt, errorAt } = this.#cells;
    const status = this.functions.gwp_limiter_schema(pointerAt, countAt, errorAt);
    this.functions.gwp_error_free(this.#cells.error);
    return status === 0;
  }

  /** @param {number} index */
  #capabilities(index) {
    const cells = this.#cells;
    this.check(this.functions.gwp_kind_caps(index, cells.countAt, cells.errorAt), cells);
    const bits = cells.half;
    return {
      output: (bits & CAP_OUTPUT) !== 0,
      stream: (bits & CAP_STREAM) !== 0,
      details: (bits & CAP_DETAILS) !== 0,
    };
  }

  /**
   * @param {number} status
   * @param {bigint} error
   */
  #error(status, error) {
    const { gwp_error_free, gwp_error_message, gwp_error_path, gwp_status_name } = this.functions;
    const cells = this.#cells;
    try {
      gwp_error_message(error, cells.pointerAt, cells.countAt);
      const message = cells.text();
      gwp_error_path(error, cells.pointerAt, cells.countAt);
      return new GwpluginsError(status, gwp_status_name(status), message, cells.text() || null);
    } finally {
      gwp_error_free(error);
    }
  }
}

/** @type {Library | undefined} */
let loaded;

/** The library of this thread; opens it at the first use. */
export const library = () => (loaded ??= open(candidates()));

/** @param {string} [file] */
export function load(file) {
  const wanted = file === undefined ? undefined : resolve(file);
  if (loaded && wanted && wanted !== loaded.file) {
    throw new LibraryError(`${loaded.file} is in use already; ${wanted} cannot be loaded as well`);
  }
  loaded ??= open(wanted ? [wanted] : candidates());
  return loaded.file;
}

export const abiVersion = () => /** @type {number} */ (library().functions.gwp_abi_version());
export const version = () => /** @type {string} */ (library().functions.gwp_version());
export const kinds = () => library().kinds();
export const limiterSchema = () => JSON.parse(library().need("limiters").text("gwp_limiter_schema"));

export const codecSchema = () => JSON.parse(library().need("codecs").text("gwp_codec_schema"));

/** @returns {string[]} */
export function codecs() {
  const own = library().need("codecs");
  return Array.from({ length: own.functions.gwp_codec_count() }, (_, index) => own.text("gwp_codec_name", index));
}

/** What is tried, in this order. */
function candidates() {
  const named = process.env["GWPLUGINS_LIBRARY"];
  return named ? [resolve(named)] : (NAMES[process.platform] ?? ELF_NAMES);
}

/** @param {string[]} files */
function open(files) {
  const tried = [];
  for (const file of files) {
    let handle;
    try {
      handle = koffi.load(file);
    } catch (error) {
      tried.push(`${file} (${/** @type {Error} */ (error).message})`);
      continue;
    }
    return checked(handle, file);
  }
  throw new LibraryError(`libgwplugins was not found; tried ${tried.join(", ")}. GWPLUGINS_LIBRARY may name the file`);
}

/**
 * @param {LibraryHandle} handle
 * @param {string} file
 */
function checked(handle, file) {
  // First what every ABI has: an older library may lack the others.
  const { gwp_abi_supports, gwp_abi_version } = FUNCTIONS;
  const first = declared(handle, file, { gwp_abi_supports, gwp_abi_version });
  if (!first.gwp_abi_supports(ABI_MAJOR, ABI_MINOR)) {
    const abi = abiText(first.gwp_abi_version());
    throw new LibraryError(`${file} has ABI ${abi}; this package needs ${ABI_MAJOR}.${ABI_MINOR}`);
  }
  pin(file);
  return new Library(file, handle);
}

/** @param {number} abi */
const abiText = (abi) => `${abi >>> 16}.${abi & 0xffff}`;

/**
 * @template {Readonly<Record<string, readonly [string, ...string[]]>>} Some
 * @param {LibraryHandle} handle
 * @param {string} file
 * @param {Some} functions
 */
function declared(handle, file, functions) {
  try {
    const entries = Object.entries(functions).map(([name, [result, ...parameters]]) => [
      name,
      handle.func(name, result, parameters),
    ]);
    return /** @type {Record<keyof Some, ReturnType<LibraryHandle["func"]>>} */ (Object.fromEntries(entries));
  } catch (error) {
    throw new LibraryError(`${file} is no usable gwplugins library: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Keeps the library in the process. koffi unloads it with the thread that loaded it, which gwplugins does not support:
 * its tables would be lost, some 0.3 MB for each worker thread.
 *
 * @param {string} file
 */
function pin(file) {
  if (process.platform === "win32") return;
  const RTLD_LAZY = 1;
  koffi.load(null).func("dlopen", "void *", ["const char *", "int"])(file, RTLD_LAZY);
}
