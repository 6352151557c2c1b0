import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DlmsError, dlmsError } from "../base/index.js";

/** One state of a record. */
export interface Generation {
  readonly number: number;
  readonly text: string;
}

const attempts = 200;
/** Temporary files this old belong to no one. */
const abandonedAfterMs = 60_000;
const temporary = "new-";

/**
 * Records in a folder, each a folder of numbered generations, for any number of processes on one machine: the highest
 * number counts. A change writes the next generation beside it, flushes it, and puts it in place by a hard link, which
 * fails when another process was there first. So there is no lock that a killed process could leave behind, and a file
 * in place is always whole. All of it is readable by its owner alone.
 */
export class Generations {
  readonly folder: string;
  readonly #code: "counter-store-failed" | "key-store-failed";
  readonly #kept: number;

  /** `kept` generations stay in place, the highest among them; `code` names every failure of the file system. */
  constructor(folder: string, code: "counter-store-failed" | "key-store-failed", kept: number) {
    this.folder = folder;
    this.#code = code;
    this.#kept = kept;
  }

  /** Names of all records. */
  async records(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  /** The highest generation of a record, and the path it lies at; undefined without one. */
  async newest(record: string): Promise<(Generation & { readonly path: string }) | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const number = (await this.#numbers(record)).at(-1);
      if (number === undefined) return undefined;
      const path = join(this.folder, record, String(number));
      try {
        return { number, path, text: await readFile(path, "utf8") };
      } catch (error) {
        // Cleared away since it was listed: a newer one is there.
        if (!hasCode(error, "ENOENT")) throw error;
      }
    }
    throw dlmsError(this.#code, "the record changes faster than it can be read", { layer: "store" });
  }

  /** Puts a generation in place. False when another process was faster. */
  async publish(record: string, { number, text }: Generation): Promise<boolean> {
    const path = join(this.folder, record);
    await mkdir(path, { recursive: true, mode: 0o700 });
    const draft = join(path, `${temporary}${randomBytes(8).toString("hex")}`);
    const place = join(path, String(number));
    try {
      await writeFlushed(draft, text);
      await link(draft, place);
    } catch (error) {
      // ENOENT: someone took the draft for abandoned.
      if (hasCode(error, "EEXIST") || hasCode(error, "ENOENT")) return false;
      throw error;
    } finally {
      await removeIfThere(draft);
    }
    await flushFolder(path);
    // Whoever slept since it looked may have put back a number that others have long passed and cleared away: only the
    // highest number counts.
    if ((await this.#numbers(record)).at(-1) !== number) {
      await removeIfThere(place);
      return false;
    }
    await this.#tidy(path, record, number);
    return true;
  }

  /** Creates the folder for its owner alone, and turns errors of the file system into ours. */
  async named<T>(task: () => Promise<T>): Promise<T> {
    try {
      const created = await mkdir(this.folder, { recursive: true, mode: 0o700 });
      if (created !== undefined) await chmod(this.folder, 0o700);
      return await task();
    } catch (error) {
      if (DlmsError.is(error)) throw error;
      const what = this.#code === "counter-store-failed" ? "counter" : "key";
      throw dlmsError(this.#code, `the ${what} store in ${this.folder} cannot be used`, {
        layer: "store",
        cause: error,
      });
    }
  }

  /** Clears older generations and drafts of processes that died. */
  async #tidy(path: string, record: string, current: number): Promise<void> {
    for (const number of await this.#numbers(record))
      if (number <= current - this.#kept) await removeIfThere(join(path, String(number)));
    for (const name of await readdir(path)) {
      if (!name.startsWith(temporary)) continue;
      const age = await stat(join(path, name)).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > abandonedAfterMs) await removeIfThere(join(path, name));
    }
  }

  /** Numbers in place, ascending. */
  async #numbers(record: string): Promise<number[]> {
    const names = await readdir(join(this.folder, record)).catch((error: unknown) => {
      if (hasCode(error, "ENOENT")) return [];
      throw error;
    });
    return names
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }
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
