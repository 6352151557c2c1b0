import { describe, expect, it } from "vitest";
import {
  actionResults,
  apduTags,
  apduTypeOf,
  applicationContexts,
  conformanceBits,
  conformanceNames,
  conformanceOf,
  dataAccessResults,
  decodeApdu,
  encodeApdu,
  encodeGeneralHeader,
  hasConformance,
  nameIn,
  serviceErrorNames,
} from "../../src/apdu/index.js";
import { fromHex, toHex } from "../../src/base/index.js";

describe("tags of the APDUs", () => {
  it("are one octet each, and each leads back to its APDU", () => {
    const tags = Object.values(apduTags);
    expect(new Set(tags).size).toBe(tags.length);
    for (const [type, tag] of Object.entries(apduTags)) expect(apduTypeOf(tag)).toBe(type);
    expect(apduTypeOf(0xde)).toBeUndefined();
    expect(apduTypeOf(-1)).toBeUndefined();
  });

  it("of ciphered services follow from those of the plain ones (Green Book 9.5)", () => {
    for (const [type, tag] of Object.entries(apduTags)) {
      const [, key, service] = /^(glo|ded)-(.*)$/.exec(type) ?? [];
      if (service === undefined) continue;
      const plain = apduTags[service as keyof typeof apduTags];
      const [global, dedicated] = plain < 0x80 ? [0x20, 0x40] : [0x08, 0x10];
      expect(tag, type).toBe(plain + (key === "glo" ? global : dedicated));
    }
  });
});

describe("conformance", () => {
  it("counts its bits from the highest of 24", () => {
    expect(conformanceOf(["action"])).toBe(0x000001);
    expect(conformanceOf(["reserved-zero"])).toBe(0x800000);
    expect(Object.values(conformanceBits)).toEqual(Array.from({ length: 24 }, (_, bit) => bit));
  });

  it("names what a meter grants", () => {
    expect(conformanceNames(0x00501f)).toEqual([
      "priority-mgmt-supported",
      "block-transfer-with-get-or-read",
      "get",
      "set",
      "selective-access",
      "event-notification",
      "action",
    ]);
    expect(conformanceNames(0x1c0320)).toEqual([
      "read",
      "write",
      "unconfirmed-write",
      "multiple-references",
      "information-report",
      "parameterized-access",
    ]);
    expect(hasConformance(0x00501f, "get")).toBe(true);
    expect(hasConformance(0x00501f, "access")).toBe(false);
  });
});

describe("enumerations", () => {
  it("name what is known and leave the rest a number", () => {
    expect(nameIn(dataAccessResults, 13)).toBe("scope-of-access-violated");
    expect(nameIn(dataAccessResults, 99)).toBeUndefined();
    expect(nameIn(actionResults, 250)).toBe("other-reason");
    expect(nameIn(applicationContexts, "2.16.756.5.8.1.3")).toBe("logical-name-ciphered");
  });

  it("name a service error by category and value", () => {
    expect(serviceErrorNames(6, 1)).toEqual({ category: "initiate", value: "dlms-version-too-low" });
    expect(serviceErrorNames(6, 77)).toEqual({ category: "initiate", value: undefined });
    expect(serviceErrorNames(10, 0)).toEqual({ category: "other", value: undefined });
    expect(serviceErrorNames(55, 0)).toEqual({ category: undefined, value: undefined });
  });
});

it("the general header is what stands in front of key-info and content", () => {
  const header = {
    transactionId: fromHex("0102"),
    originatorSystemTitle: fromHex("4D4D4D0000BC614E"),
    recipientSystemTitle: fromHex("4D4D4D0000000001"),
    dateTime: new Uint8Array(),
    otherInformation: new Uint8Array(),
  };
  const apdu = encodeApdu({ type: "general-ciphering", ...header, content: fromHex("30") });
  expect(toHex(encodeGeneralHeader(header))).toBe("020102084D4D4D0000BC614E084D4D4D00000000010000");
  expect(toHex(apdu)).toBe(`DD${toHex(encodeGeneralHeader(header))}000130`);
});

it("decoded octets are views on the input, not copies", () => {
  const bytes = fromHex("C401C1000904AABBCCDD");
  const apdu = decodeApdu(bytes);
  if (apdu.type !== "get-response" || apdu.choice !== "normal" || !apdu.result.ok)
    throw new Error("not a get-response");
  expect(apdu.result.data.buffer).toBe(bytes.buffer);
  expect(apdu.result.data.byteOffset).toBe(bytes.byteOffset + 4);
});
