import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dlmsError } from "../base/index.js";
import { counterRecordName, type InvocationCounterStore, reserveFrom } from "../security/index.js";
import { Generations } from "./generations.js";
import { forgetIn, keepIn, receivedIn } from "./received-counters.js";

/**
 * Invocation counters in a folder, for any number of processes on one machine.
 *
 * Each record is a folder of numbered generations; a generation is a file with the record's next counter. There is no
 * lock that a killed process could leave behind, a file in place is always whole, and a crash at any point loses
 * counters at most. The folder is readable by its owner alone; it holds key fingerprints, no keys. Its file system must
 * know hard links.
 */
export function fileCounterStore(folder: string): InvocationCounterStore {
  let queue: Promise<unknown> = Promise.resolve();
  /** One reservation at a time in this process; other processes are met at the link. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = queue.then(task);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const records = new Generations(folder, "counter-store-failed", kept);
  const nameOf = (fingerprint: string, title: Uint8Array) =>
    counterRecordName(safeName(fingerprint), title).replace("/", "-");
  const receivedFolder = (fingerprint: string) => join(folder, `${safeName(fingerprint)}-received`);
  return {
    reserve: (fingerprint, title, count, atLeast) =>
      inTurn(() => records.named(() => reserve(records, nameOf(fingerprint, title), count, atLeast))),
    next: (fingerprint, title) =>
      records.named(async () => {
        const newest = await records.newest(nameOf(fingerprint, title));
        return newest && parseCounter(newest.text);
      }),
    received: (fingerprint) => records.named(() => receivedIn(receivedFolder(fingerprint))),
    keepReceived: (fingerprint, title, counter) =>
      inTurn(() => records.named(() => keepIn(receivedFolder(fingerprint), title, counter))),
    forgetReceived: (fingerprint, title) =>
      inTurn(() => records.named(() => forgetIn(receivedFolder(fingerprint), title))),
  };
}

const attempts = 200;
const longestPauseMs = 20;
/** Generations left in place, so that a listing taken while others publish does not miss all of the highest ones. */
const kept = 8;

async function reserve(
  records: Generations,
  record: string,
  count: number,
  atLeast: number | undefined,
): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await records.newest(record);
    const { first, next } = reserveFrom(before && parseCounter(before.text), count, atLeast);
    // To lose a generation that others have long passed wastes counters; it never doubles them.
    if (await records.publish(record, { number: (before?.number ?? 0) + 1, text: `${next}\n` })) return first;
    await sleep(Math.random() * longestPauseMs);
  }
  throw dlmsError("counter-store-failed", "other processes reserved counters all the time", {
    layer: "store",
    retryable: true,
  });
}

function parseCounter(text: string): number {
  if (!/^[0-9]{1,10}\n$/.test(text))
    throw dlmsError("counter-store-failed", "a counter file was changed by someone else: it holds no counter", {
      layer: "store",
    });
  return Number(text);
}

function safeName(fingerprint: string): string {
  if (!/^[0-9A-Za-z]{1,64}$/.test(fingerprint))
    throw dlmsError("invalid-argument", "a key fingerprint is up to 64 letters and digits", { layer: "store" });
  return fingerprint;
}
