// The process of one subject in Node: `worker.mjs MODULE`, jobs and answers as in worker.py, one line of JSON each.
//
// MODULE exports `operations`, functions by name, and perhaps `read`, `prepare` and `versions`, as `bench.plugin.Opened` has them. Inputs of
// workloads are made in Python and come with the job `load`. Nothing may print here. Tests: tests/bench/test_worker.py.

import { createInterface } from "node:readline";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// A sample lasts at least this long, or is one call.
const SAMPLE_NS = 2e6;

const subject = await import(pathToFileURL(resolve(process.argv[2])));
const inputs = new Map();
const counts = new Map();

function calls({ call, argument }, count) {
  const began = process.hrtime.bigint();
  for (let done = 0; done < count; done++) call(argument);
  return Number(process.hrtime.bigint() - began);
}

// Calls that fill a sample. The first calls are not counted: V8 compiles what it has seen often.
function calibrated(input, warmups) {
  for (const end = process.hrtime.bigint() + 200_000_000n; process.hrtime.bigint() < end; ) warmups.push(calls(input, 1) / 1e9);
  let count = 1;
  for (;;) {
    const took = calls(input, count);
    warmups.push(took / count / 1e9);
    if (took >= SAMPLE_NS) return count;
    count = Math.max(2 * count, Math.floor((count * 1.2 * SAMPLE_NS) / Math.max(took, 100)));
  }
}

const jobs = {
  versions: () => ({ node: process.versions.node, ...subject.versions }),
  load({ workload, operation, input }) {
    const argument = subject.prepare?.[operation]?.(input) ?? input;
    inputs.set(workload, { call: subject.operations[operation], argument, read: subject.read?.[operation] ?? ((made) => made) });
    return null;
  },
  answer({ workload }) {
    const { call, argument, read } = inputs.get(workload);
    return read(call(argument));
  },
  time({ workload, seconds, most }) {
    const input = inputs.get(workload);
    const warmups = [];
    if (!counts.has(workload)) counts.set(workload, calibrated(input, warmups));
    const loops = counts.get(workload);
    const values = [];
    const end = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
    while (!values.length || (values.length < most && process.hrtime.bigint() < end)) values.push(calls(input, loops) / loops / 1e9);
    return { loops, warmups: warmups.slice(-8), values };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: job, ...given } = JSON.parse(line);
  let reply;
  try {
    reply = { answer: jobs[job](given) };
  } catch (error) {
    reply = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
