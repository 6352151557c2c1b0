import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DlmsError, dlmsError } from "../base/index.js";
import { counterRecordName, type InvocationCounterStore, reserveFrom } from "../security/index.js";

/**
 * Invocation counters in a folder, for any number of processes on one machine.
 *
 * Each record is a folder of numbered generations; a generation is a file with the record's next counter. A
 * reservation writes the next generation beside it, flushes it, and puts it in place by a hard link, which fails when
 * another process was there first. So there is no lock that a killed process could leave behind, a file in place is
 * always whole, and a crash at any point loses counters at most. The folder is readable by its owner alone; it holds
 * key fingerprints, no keys. Its file system must know hard links.
 */
export function fileCounterStore(folder: string): InvocationCounterStore {
  let queue: Promise<unknown> = Promise.resolve();
  /** One reservation at a time in this process; other processes are met at the link. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = queue.then(task);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const recordFolder = (fingerprint: string, title: Uint8Array) =>
    join(folder, counterRecordName(safeName(fingerprint), title).replace("/", "-"));
  return {
    reserve: (fingerprint, title, count, atLeast) =>
      inTurn(() => named(folder, () => reserve(recordFolder(fingerprint, title), count, atLeast))),
    next: (fingerprint, title) => named(folder, async () => (await newest(recordFolder(fingerprint, title)))?.next),
  };
}

const attempts = 200;
const longestPauseMs = 20;
/** Temporary files this old belong to no one. */
const abandonedAfterMs = 60_000;
const temporary = "new-";
/** Generations left in place, so that a listing taken while others publish does not miss all of the highest ones. */
const kept = 8;

interface Generation {
  readonly number: number;
  readonly next: number;
}

async function reserve(record: string, count: number, atLeast: number | undefined): Promise<number> {
  await mkdir(record, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await newest(record);
    const { first, next } = reserveFrom(before?.next, count, atLeast);
    const number = (before?.number ?? 0) + 1;
    if (await publish(record, { number, next })) {
      await tidy(record, number);
      return first;
    }
    await sleep(Math.random() * longestPauseMs);
  }
  throw dlmsError("counter-store-failed", "other processes reserved counters all the time", {
    layer: "store",
    retryable: true,
  });
}

/** Puts a generation in place. False when another process was faster. */
async function publish(record: string, { number, next }: Generation): Promise<boolean> {
  const draft = join(record, `${temporary}${randomBytes(8).toString("hex")}`);
  try {
    await writeFlushed(draft, `${next}\n`);
    await link(draft, join(record, String(number)));
  } catch (error) {
    // ENOENT: someone took the draft for abandoned.
    if (hasCode(error, "EEXIST") || hasCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    await removeIfThere(draft);
  }
  await flushFolder(record);
  // Whoever slept since it looked may have put back a number that others have long passed and cleared away: only the
  // highest number counts. To lose one by this rule wastes counters; it never doubles them.
  return (await generations(record)).at(-1) === number;
}

/** Clears older generations and drafts of processes that died. */
async function tidy(record: string, current: number): Promise<void> {
  for (const number of await generations(record))
    if (number <= current - kept) await removeIfThere(join(record, String(number)));
  for (const name of await readdir(record)) {
    if (!name.startsWith(temporary)) continue;
    const age = await stat(join(record, name)).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedAfterMs) await removeIfThere(join(record, name));
  }
}

async function newest(record: string): Promise<Generation | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const number = (await generations(record)).at(-1);
    if (number === undefined) return undefined;
    try {
      return { number, next: parseCounter(await readFile(join(record, String(number)), "utf8")) };
    } catch (error) {
      // Cleared away since it was listed: a newer one is there.
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  throw dlmsError("counter-store-failed", "the record changes faster than it can be read", { layer: "store" });
}

/** Numbers in place, ascending. */
async function generations(record: string): Promise<number[]> {
  const names = await readdir(record).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  return names
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function parseCounter(text: string): number {
  if (!/^[0-9]{1,10}\n$/.test(text))
    throw dlmsError("counter-store-failed", "a counter file was changed by someone else: it holds no counter", {
      layer: "store",
    });
  return Number(text);
}

async function writeFlushed(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the link itself lasting. Windows has no such call and needs none. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function safeName(fingerprint: string): string {
  if (!/^[0-9A-Za-z]{1,64}$/.test(fingerprint))
    throw dlmsError("invalid-argument", "a key fingerprint is up to 64 letters and digits", { layer: "store" });
  return fingerprint;
}

/** Creates the folder for its owner alone, and turns errors of the file system into ours. */
async function named<T>(folder: string, task: () => Promise<T>): Promise<T> {
  try {
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (created !== undefined) await chmod(folder, 0o700);
    return await task();
  } catch (error) {
    if (DlmsError.is(error)) throw error;
    throw dlmsError("counter-store-failed", `the counter store in ${folder} cannot be used`, {
      layer: "store",
      cause: error,
    });
  }
}
