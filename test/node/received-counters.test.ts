import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { fileCounterStore } from "../../src/node/counter-store.js";

const meter = fromHex("444C4D0000000001");
const other = fromHex("444C4D0000000002");
const key = "0123456789ABCDEF";
let folder = "";

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "dlms-received-")), "counters");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const keeper = () => {
  const store = fileCounterStore(folder);
  return {
    keep: (counter: number, title = meter, of = key) => store.keepReceived?.(of, title, counter),
    kept: async (of = key) => Object.fromEntries((await store.received?.(of)) ?? []),
    forget: (title = meter) => store.forgetReceived?.(key, title),
    store,
  };
};

describe("counters received, kept in files", () => {
  it("the highest of each meter and key, for every process that looks", async () => {
    const one = keeper();
    expect(await one.kept()).toEqual({});
    await one.keep(7);
    await one.keep(300);
    await one.keep(12);
    await one.keep(5, other);
    await one.keep(9, meter, "FEDCBA9876543210");
    expect(await keeper().kept()).toEqual({ "444C4D0000000001": 300, "444C4D0000000002": 5 });
    expect(await keeper().kept("FEDCBA9876543210")).toEqual({ "444C4D0000000001": 9 });
  });
  it("many at once never lower it", async () => {
    const counters = Array.from({ length: 40 }, (_, i) => (i * 7919) % 1000);
    await Promise.all(counters.map((counter) => keeper().keep(counter)));
    expect(await keeper().kept()).toEqual({ "444C4D0000000001": Math.max(...counters) });
    const folderOfKey = join(folder, `${key}-received`);
    await keeper().keep(2000);
    expect(await readdir(folderOfKey)).toEqual(["444C4D0000000001.2000"]);
  });
  it("forgets a meter and no other", async () => {
    const one = keeper();
    await one.keep(7);
    await one.keep(8, other);
    await one.forget();
    expect(await one.kept()).toEqual({ "444C4D0000000002": 8 });
    await one.keep(3);
    expect(await one.kept()).toEqual({ "444C4D0000000001": 3, "444C4D0000000002": 8 });
  });
  it("is for its owner alone, and takes no notice of what else lies there", async () => {
    const one = keeper();
    await one.keep(7);
    const folderOfKey = join(folder, `${key}-received`);
    expect((await stat(folderOfKey)).mode & 0o077).toBe(0);
    await writeFile(join(folderOfKey, "444C4D0000000001.99999999999999"), "");
    await writeFile(join(folderOfKey, "notes.txt"), "");
    expect(await one.kept()).toEqual({ "444C4D0000000001": 7 });
    // It is no record of counters that are sent.
    expect(await one.store.next(key, meter)).toBeUndefined();
  });
  it("a key fingerprint that is none is refused", async () => {
    await expect(fileCounterStore(folder).received?.("../up")).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
