import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { fileCounterStore } from "../../src/node/counter-store.js";

const title = fromHex("4D4D4D0000BC614E");
const root = resolve(import.meta.dirname, "../..");
const code = (name: string) => expect.objectContaining({ code: name });
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "counters-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("counter store in files", () => {
  it("goes on where another instance stopped", async () => {
    const path = join(folder, "store");
    const store = fileCounterStore(path);
    expect(await store.next("A1", title)).toBeUndefined();
    expect(await store.reserve("A1", title, 256)).toBe(0);
    expect(await fileCounterStore(path).next("A1", title)).toBe(256);
    expect(await fileCounterStore(path).reserve("A1", title, 10, 1000)).toBe(1000);
    expect(await store.reserve("A1", title, 10, 5)).toBe(1010);
    expect(await store.reserve("B2", title, 1)).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    const [record] = (await readdir(path)).filter((name) => name.startsWith("A1"));
    const files = await readdir(join(path, record!));
    expect(files.sort()).toEqual(["1", "2", "3"]);
    expect((await stat(join(path, record!, files[0]!))).mode & 0o777).toBe(0o600);
  });

  it("gives each of many callers a range of its own", async () => {
    const stores = [1, 2, 3, 4].map(() => fileCounterStore(folder));
    const firsts = await Promise.all(Array.from({ length: 40 }, (_, i) => stores[i % 4]!.reserve("A1", title, 8)));
    expect(new Set(firsts).size).toBe(40);
    expect(firsts.every((first) => first % 8 === 0)).toBe(true);
    const record = join(folder, (await readdir(folder))[0]!);
    expect((await readdir(record)).length).toBeLessThan(20);
  });

  it("refuses a file that someone changed, and never starts again at 0", async () => {
    const store = fileCounterStore(folder);
    await store.reserve("A1", title, 7);
    const record = join(folder, (await readdir(folder))[0]!);
    const file = join(record, (await readdir(record))[0]!);
    for (const text of ["", "12", "zero\n", "99999999999\n"]) {
      await writeFile(file, text);
      await expect(store.reserve("A1", title, 1)).rejects.toThrow(code("counter-store-failed"));
    }
    await writeFile(file, "7\n");
    expect(await store.reserve("A1", title, 1)).toBe(7);
  });

  it("ignores and clears drafts of processes that died", async () => {
    const store = fileCounterStore(folder);
    await store.reserve("A1", title, 7);
    const record = join(folder, (await readdir(folder))[0]!);
    await writeFile(join(record, "new-old"), "");
    await writeFile(join(record, "new-young"), "");
    await utimes(join(record, "new-old"), 1, 1);
    expect(await store.reserve("A1", title, 1)).toBe(7);
    expect((await readdir(record)).sort()).toEqual(["1", "2", "new-young"]);
  });

  it("says in one code what the file system refuses, and what is no name", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(fileCounterStore(file).reserve("A1", title, 1)).rejects.toThrow(code("counter-store-failed"));
    await expect(fileCounterStore(folder).reserve("../x", title, 1)).rejects.toThrow(code("invalid-argument"));
    await expect(fileCounterStore(folder).reserve("A1", title, 2 ** 32)).rejects.toThrow(code("counter-exhausted"));
  });

  it("a killed process never makes another use a counter twice", async () => {
    const worker = join(folder, "worker.mjs");
    await build({
      stdin: {
        contents: `
          import { appendFileSync } from "node:fs";
          import { fileCounterStore } from "./src/node/counter-store.ts";
          const [, , folder, log] = process.argv;
          const store = fileCounterStore(folder);
          for (;;) {
            const count = 1 + Math.floor(Math.random() * 50);
            const first = await store.reserve("A1", new Uint8Array(8), count);
            appendFileSync(log, first + " " + count + "\\n");
          }`,
        resolveDir: root,
      },
      bundle: true,
      outfile: worker,
      format: "esm",
      platform: "node",
      logLevel: "error",
    });
    const store = join(folder, "store");
    await mkdir(store);
    const logs: string[] = [];
    const live = async (lifeMs: number) => {
      const log = join(folder, `log-${logs.length}`);
      logs.push(log);
      await writeFile(log, "");
      const child = spawn(process.execPath, [worker, store, log], { stdio: ["ignore", "ignore", "inherit"] });
      const ended = new Promise<string | null>((done) => child.on("exit", (_, signal) => done(signal)));
      while ((await readFile(log, "utf8")) === "") await sleep(2);
      await sleep(lifeMs);
      child.kill("SIGKILL");
      expect(await ended).toBe("SIGKILL");
    };
    const lane = async () => {
      for (let round = 0; round < 8; round++) await live(Math.random() * 25);
    };
    await Promise.all([lane(), lane(), lane()]);
    const ranges = (await Promise.all(logs.map((log) => readFile(log, "utf8"))))
      .flatMap((text) => text.trim().split("\n"))
      .map((line) => line.split(" ").map(Number) as [number, number])
      .sort(([a], [b]) => a - b);
    expect(ranges.length).toBeGreaterThanOrEqual(24);
    for (let i = 1; i < ranges.length; i++)
      expect(ranges[i]![0]).toBeGreaterThanOrEqual(ranges[i - 1]![0] + ranges[i - 1]![1]);
    const last = ranges.at(-1)!;
    expect(await fileCounterStore(store).reserve("A1", new Uint8Array(8), 1)).toBeGreaterThanOrEqual(last[0] + last[1]);
  });
});
