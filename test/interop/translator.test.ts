// Our COSEMpdu XML read by Gurux's translator, and theirs by ours.
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { apduToXml, xmlToApdu } from "../../src/translate/index.js";
import { guruxTranslator } from "./support/report.js";

/** Forms that both ends write and read alike. */
const alike = {
  "get-request-normal": "C001C100080000010000FF0200",
  "get-request-normal with selection":
    "C0018100070100630100FF0201010204020412000809060000010000FF0F02120000090C07E50101FF000000FF800000090C07E50102FF000000FF8000000100",
  "get-request-next": "C0028100000001",
  "get-response-normal": "C401C100090C07E50101FF000000FF800000",
  "get-response-normal, refused": "C401C10103",
  "set-request-normal": "C1014100080000010000FF0200090C07E50101FF000000FF800000",
  "set-request-with-list": "C104410200080000010000FF020000080000010000FF03000206000000011100",
  "set-response-normal": "C501810B",
  "set-response-datablock": "C5028100000001",
  "exception-response": "D80202",
  "read-request": "050102FA00",
  "read-request, parameterised": "050104FA00010600000000",
  "read-request of two": "050202FA0002FA08",
  "read-response": "0C01000600000001",
  "read-response, refused": "0C010104",
  "read-response of two": "0C020006000000010104",
  "write-request": "060102FA00010600000001",
  "write-response, refused": "0D01010B",
  "information-report-request": "18000102FA00010600000001",
  "rlre with a reason": "6303800100",
  "aarq with a password":
    "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E01000000065F1F0400007E1FFFFF",
  "aare accepted": "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000301D01F40007",
  "aarq without authentication": "601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFF",
  "data-notification": "0F0000000100020209060100010800FF0600003039",
  "access-request": "D94000000100010100080000010000FF020100",
  "access-request with data": "D94000000100020100080000010000FF020200080000010000FF0202000600000001",
  "access-response": "DA400000010000010600000001010100",
  "event-notification-request": "C20000010000010000FF020600000001",
  "glo-get-request": "C8113000000001AABBCCDDEEFF001122334455",
  "general-glo-ciphering": "DB084D4D4D0000BC614E113000000001AABBCCDDEEFF001122334455",
} as const;

/**
 * Forms that Gurux writes and ours reads, while Gurux does not read what the standard's schema says: it names the
 * blocks in another way, takes only names of conformance bits, drops the structure of a compact array, reads flags as
 * numbers, and puts general blocks into another once more.
 */
const written = {
  "get-request-with-list": "C003810200080000010000FF020000080000010000FF0300",
  "get-response-with-datablock": "C4028101000000010003010203",
  "set-request-with-datablock": "C10341010000000203010203",
  "set-response-last-datablock": "C503810000000002",
  "set-response-with-list": "C50581020003",
  "action-response with data": "C701810001000F05",
  "confirmed-service-error": "0E010601",
  "write-response": "0D0100",
  "rlrq with a reason": "6203800100",
  "initiate-request": "01000000065F1F0400007E1FFFFF",
  "initiate-response of short names": "0800065F1F040000301D01F4FA00",
  "data-notification with a time and a flag": "0F000000010C07E50101FF000000FF80000002010301",
  "general-block-transfer": "E0400001000001AA",
  "compact array": "C401C1001302021211050300010002",
} as const;

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const textOf = (encoded: string) => new TextDecoder().decode(Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0)));

describe("the translator of Gurux", () => {
  const answers = new Map<string, string>();
  beforeAll(() => {
    const octets = [...Object.values(alike), ...Object.values(written)];
    const asked = octets.flatMap((one) => [`xml ${one}`, `pdu ${base64(apduToXml(fromHex(one)))}`]);
    const [command = "", ...args] = guruxTranslator();
    const { stdout } = spawnSync(command, args, {
      input: `${asked.join("\n")}\n`,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    for (const [i, line] of stdout.split("\n").entries()) answers.set(asked[i] ?? "", line.trim());
  });
  const theirs = (one: string) => textOf(answers.get(`xml ${one}`) ?? "");

  it.each(Object.entries(alike))("reads ours and writes what ours reads: %s", (_, one) => {
    expect(answers.get(`pdu ${base64(apduToXml(fromHex(one)))}`)).toBe(one);
    expect(toHex(xmlToApdu(theirs(one)))).toBe(one);
  });

  it.each(Object.entries(written))("writes what ours reads: %s", (_, one) => {
    expect(toHex(xmlToApdu(theirs(one)))).toBe(one);
  });
});
