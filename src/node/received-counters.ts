import { mkdir, readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../base/index.js";

/**
 * Highest counters received, in a folder: each is the name of an empty file, `<system title>.<counter>`. The highest
 * one counts, whoever wrote it; lower ones are cleared away after it is there. So nothing a process does late, or does
 * not get to do, ever lowers one.
 */
export async function receivedIn(folder: string): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>();
  for (const { title, counter } of await entriesOf(folder))
    highest.set(title, Math.max(counter, highest.get(title) ?? -1));
  return highest;
}

/** Keeps a counter unless a higher one is there. */
export async function keepIn(folder: string, systemTitle: Uint8Array, counter: number): Promise<void> {
  const title = toHex(systemTitle);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before = (await entriesOf(folder)).filter((entry) => entry.title === title);
  if (before.some((entry) => entry.counter >= counter)) return;
  await writeFile(join(folder, `${title}.${counter}`), "", { mode: 0o600 });
  await remove(folder, before);
}

/** Forgets a sender. */
export async function forgetIn(folder: string, systemTitle: Uint8Array): Promise<void> {
  const title = toHex(systemTitle);
  await remove(
    folder,
    (await entriesOf(folder)).filter((entry) => entry.title === title),
  );
}

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly counter: number;
}

async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.flatMap((name) => {
    const [, title, counter] = /^([0-9A-F]{16})\.([0-9]{1,10})$/.exec(name) ?? [];
    return title === undefined || counter === undefined ? [] : [{ name, title, counter: Number(counter) }];
  });
}

async function remove(folder: string, entries: readonly Entry[]): Promise<void> {
  for (const { name } of entries)
    await unlink(join(folder, name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
