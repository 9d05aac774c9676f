// Compiled, never run: what the sources export is what index.d.ts declares, and a user's program in strict TypeScript compiles.

import { Buffer } from "node:buffer";
import { pipeline } from "node:stream/promises";
import type * as declared from "../index.js";
import * as source from "../src/index.js";

source satisfies typeof declared;
type Missing = Exclude<keyof typeof declared, keyof typeof source>;
type Undeclared = Exclude<keyof typeof source, keyof typeof declared>;
export const complete: [Missing, Undeclared] extends [never, never] ? true : false = true;

export async function families({ Limiter, Codec, codecs, chooseCodec }: typeof declared): Promise<unknown> {
  using limiter = new Limiter({ by_user: "10/s" });
  const decision: declared.Decision = limiter.check({ user: "ann" }, { cost: 2n, details: true });
  const left: number | null = limiter.reserve(["ann"], { cost: 3 }).settle(1).remaining;
  using lease = limiter.acquire("ann");
  const same = new Limiter(limiter.share());
  const command: declared.RedisCommand | null = limiter.redisCommand("ann", { operation: "check" });
  // @ts-expect-error: there is no such operation
  limiter.redisScript("acquire");
  using codec = new Codec(chooseCodec(Buffer.from("text"), { accept: "gzip" }));
  const bytes: Buffer = codec.decompress(await codec.compressAsync(new Uint8Array(8)));
  await pipeline(process.stdin, codec.transform("compress"), process.stdout);
  const web: ReadableStream<Uint8Array> = new Blob(["text"]).stream().pipeThrough(codec.webTransform("decompress"));
  // @ts-expect-error: a string is no bytes
  codec.stream("compress").push("text");
  return [decision.retryAfterNs, left, lease.number, same, command?.keys, codecs(), bytes, web];
}

export async function program({ Guard, GwpluginsError }: typeof declared): Promise<string> {
  using guard = new Guard("pii_filter", { detect_ssn: false });
  const text: string = guard.rewrite("text").output;
  const bytes: Uint8Array = guard.rewrite(Buffer.from("text"), { unit: "codePoints", details: true }).output;
  const many: string[] = guard.rewriteBatch(["a", "b"]).map((one) => one.output);
  const spans = guard.scan(text).findings.map(({ start, end, rule, action }) => `${rule} ${action} ${start}-${end}`);
  const later: declared.Rewrite<string> = await guard.rewriteAsync("text");
  const strings = guard.stream();
  const output: string = strings.push("text").output + strings.finish().output;
  const buffers: declared.GuardStream<Uint8Array> = guard.stream({ input: "bytes" });
  await pipeline(process.stdin, guard.transform({ onResult: (part) => void part.findings }), process.stdout);
  const web: TransformStream<string, string> = guard.webTransform({ input: "text" });
  try {
    // @ts-expect-error: a number is no text
    guard.scan(1);
  } catch (error) {
    if (error instanceof GwpluginsError) return `${error.code} ${error.name} ${error.path ?? ""} ${error.message}`;
  }
  return [text, bytes, many, spans, later.verdict, output, buffers, web].join();
}
