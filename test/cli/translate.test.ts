import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/base/index.js";
import { registerTranslate } from "../../src/cli/translate.js";
import { runTranslate } from "../../src/cli/translate-run.js";

const written = { out: "", err: "" };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dlms-translate-"));
  Object.assign(written, { out: "", err: "" });
  const capture = (stream: "stdout" | "stderr", key: "out" | "err") =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[key] += text;
      return true;
    });
  capture("stdout", "out");
  capture("stderr", "err");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  process.exitCode = undefined;
});
const file = (name: string, text: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const getRequest = "C001C100010000600100FF0200";
/** Green Book, example of a glo-get-request. */
const gloGet = "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B";
const ek = "000102030405060708090A0B0C0D0E0F";
const ak = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const title = "4D4D4D0000BC614E";

describe("dlms translate", () => {
  it("prints a tree, or one JSON array", () => {
    expect(runTranslate([getRequest], {})).toBe(0);
    expect(written.out).toContain("apdu: get-request");
    expect(written.out).toContain("0-0:96.1.0*255");
    written.out = "";
    expect(runTranslate([getRequest, "C501C100"], { json: true })).toBe(0);
    expect((JSON.parse(written.out) as { apdu: { type: string } }[]).map(({ apdu }) => apdu.type)).toEqual([
      "get-request",
      "set-response",
    ]);
  });

  it("reads files of hexadecimal text and of octets", () => {
    const octets = Uint8Array.from(getRequest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    expect(runTranslate([file("hex.txt", `${getRequest}\n`), file("octets.bin", octets)], { json: true })).toBe(0);
    expect(JSON.parse(written.out)).toHaveLength(2);
  });

  it("takes keys as options or from a file, and shows none of them", () => {
    for (const options of [
      { ek, ak, systemTitle: ["0000000000000000", title] },
      {
        keys: file("keys.json", JSON.stringify({ encryptionKey: ek, authenticationKey: ak, clientSystemTitle: title })),
      },
    ]) {
      written.out = "";
      expect(runTranslate([gloGet], { ...options, json: true })).toBe(0);
      expect(JSON.parse(written.out)).toMatchObject([{ security: { authenticated: true } }]);
      for (const secret of [ek, ak]) expect(written.out + written.err).not.toContain(secret);
    }
  });

  it.each([
    ["what cannot be opened", [gloGet], { ek: ak, ak, systemTitle: [title] }],
    ["damage", [`${getRequest.slice(0, -2)}`], {}],
    ["octets of nothing", ["FFFF"], {}],
  ])("exits with 5 for %s", (_, input, options) => {
    expect(runTranslate(input, { ...options, json: true })).toBe(5);
    expect(JSON.parse(written.out)).toMatchObject([{ error: { code: expect.any(String) } }]);
  });

  it("exits with 2 for bad usage, and never shows a key that it refuses", () => {
    const secret = "SECRET0123456789ABCDEF";
    expect(runTranslate([getRequest], { ek: secret })).toBe(2);
    expect(runTranslate([getRequest], { keys: file("bad.json", `{"encryptionKey": "${secret}"`) })).toBe(2);
    expect(runTranslate([getRequest], { keys: file("list.json", `["${secret}"]`) })).toBe(2);
    expect(runTranslate([getRequest], { keys: file("number.json", '{"encryptionKey": 5}') })).toBe(2);
    expect(runTranslate([getRequest], { keys: file("two.json", `{"encryptionKey": ["${ek}", "${ek}"]}`) })).toBe(2);
    expect(runTranslate([getRequest], { keys: file("profile.json", '{"profile": "mine"}') })).toBe(2);
    expect(runTranslate([join(folder, "nothing.here")], {})).toBe(2);
    expect(written.err).not.toContain(secret);
    expect(written.out).toBe("");
  });

  it("is declared with all its options", async () => {
    const program = new Command();
    registerTranslate(program);
    const args = [
      "--ek",
      ek,
      "--ak",
      ak,
      "--system-title",
      toHex(new Uint8Array(8)),
      "--system-title",
      title,
      "--json",
    ];
    await program.parseAsync(["node", "dlms", "translate", ...args, gloGet]);
    expect(process.exitCode).toBe(0);
    expect(JSON.parse(written.out)).toMatchObject([{ security: { systemTitle: title, authenticated: true } }]);
  });
});

describe("translate and XML", () => {
  it("prints an APDU as XML, and such XML as hexadecimal or JSON", () => {
    expect(runTranslate([getRequest], { xml: true })).toBe(0);
    const document = file("request.xml", written.out);
    written.out = "";
    expect(runTranslate([document], {})).toBe(0);
    expect(written.out).toBe(`${getRequest}\n`);
    written.out = "";
    expect(runTranslate([document], { json: true })).toBe(0);
    expect(JSON.parse(written.out)[0].apdu.type).toBe("get-request");
  });

  it("shows what was opened as a comment", () => {
    expect(runTranslate([gloGet], { xml: true, ek, ak, systemTitle: [title] })).toBe(0);
    expect(written.out).toMatch(/<x:glo-get-request>3001.*<!--.*<x:get-request-normal>.*-->/s);
  });

  it("refuses broken XML", () => {
    expect(runTranslate([file("bad.xml", "<xDLMS-APDU><get-request>")], {})).not.toBe(0);
    expect(written.err).toContain("XML");
  });
});
