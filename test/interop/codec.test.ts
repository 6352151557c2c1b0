// Every APDU form as our ends send it, read and written again by a codec that was generated from the ASN.1 of the
// standard.
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { formsByPeer } from "../coverage/forms.js";
import { formsOfSessions } from "../coverage/sessions.js";
import { jdlmsCodec } from "./support/report.js";

const samples = new Map(
  [...formsOfSessions()].map(([name, apdu]) => [name.replace(/^(client|meter) sends /, ""), apdu] as const),
);
/** `get-request/normal` as the codec names it: getRequest, getRequestNormal. */
const camel = (text: string) => text.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

describe("the codec of jDLMS", () => {
  const read = new Map<string, { left: string; encoded: string; text: string }>();
  beforeAll(() => {
    const [command = "", ...args] = jdlmsCodec();
    const asked = formsByPeer.filter((form) => samples.has(form));
    const input = asked.map((form) => toHex(samples.get(form) ?? new Uint8Array())).join("\n");
    const { stdout } = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 26 });
    stdout.split("\n").forEach((line, i) => {
      const [left = "", encoded = "", ...words] = line.split(" ");
      read.set(asked[i] ?? "", { left, encoded, text: words.join(" ") });
    });
  });
  it.each(formsByPeer)("%s", (form) => {
    const [type = "", choice] = form.split("/");
    const sample = samples.get(form);
    expect(sample, "our ends send it").toBeDefined();
    const answer = read.get(form);
    expect(answer?.text).toContain(`${camel(type)}: `);
    if (choice !== undefined) expect(answer?.text.toLowerCase()).toContain(`${camel(choice).toLowerCase()}: `);
    expect(answer).toMatchObject({ left: "0", encoded: toHex(sample ?? new Uint8Array()) });
  });
});
