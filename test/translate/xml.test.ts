import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Apdu, encodeApdu } from "../../src/apdu/index.js";
import { DlmsError, fromHex, toHex } from "../../src/base/index.js";
import { apduToXml, xmlToApdu } from "../../src/translate/index.js";
import { arbitraryApdus } from "../apdu/arbitraries.js";

const back = (hex: string) => toHex(xmlToApdu(apduToXml(fromHex(hex))));
const head = '<?xml version="1.0"?>';
const document = (inside: string) =>
  `${head}<x:xDLMS-APDU xmlns:x="http://www.dlms.com/COSEMpdu">${inside}</x:xDLMS-APDU>`;

describe("COSEMpdu XML", () => {
  it("writes a GET request as the schema does", () => {
    expect(apduToXml(fromHex("C001C100080000010000FF0200"))).toBe(`<?xml version="1.0" encoding="utf-8"?>
<x:xDLMS-APDU xmlns:x="http://www.dlms.com/COSEMpdu">
  <x:get-request>
    <x:get-request-normal>
      <x:invoke-id-and-priority>193</x:invoke-id-and-priority>
      <x:cosem-attribute-descriptor>
        <x:class-id>8</x:class-id>
        <x:instance-id>0000010000FF</x:instance-id>
        <x:attribute-id>2</x:attribute-id>
      </x:cosem-attribute-descriptor>
    </x:get-request-normal>
  </x:get-request>
</x:xDLMS-APDU>
`);
  });

  it("reads what another program writes, with names of its own and comments", () => {
    const text = document(`<!-- a block --><get-response><get-response-with-data-block>
      <invoke-id-and-priority>129</invoke-id-and-priority><result><last-block>0</last-block><block-number>1</block-number>
      <result><raw-data>01 02 03</raw-data></result></result></get-response-with-data-block></get-response>`);
    expect(toHex(xmlToApdu(text))).toBe("C4028100000000010003010203");
  });

  it("writes base names as the Integer16 that they are, and reads them with a sign or without", () => {
    expect(apduToXml(fromHex("050102FA00"))).toContain("<x:variable-name>-1536</x:variable-name>");
    const text = (name: string) =>
      document(`<readRequest><Variable-Access-Specification><variable-name>${name}</variable-name>
      </Variable-Access-Specification></readRequest>`);
    for (const name of ["-1536", "64000"]) expect(toHex(xmlToApdu(text(name)))).toBe("050102FA00");
    expect(() => xmlToApdu(text("-32769"))).toThrow(DlmsError);
    expect(() => xmlToApdu(text("65536"))).toThrow(DlmsError);
  });

  it.each([
    ["names", "get selective-access"],
    ["names of another spelling", "Get SelectiveAccess"],
    ["elements", '<ConformanceBit Name="Get" /><ConformanceBit Name="SelectiveAccess"></ConformanceBit>'],
    ["bits", "000000000000000000010100"],
  ])("reads a conformance given as %s", (_, conformance) => {
    const text = document(`<initiateRequest><response-allowed>true</response-allowed>
      <proposed-dlms-version-number>6</proposed-dlms-version-number>
      <proposed-conformance>${conformance}</proposed-conformance>
      <client-max-receive-pdu-size>65535</client-max-receive-pdu-size></initiateRequest>`);
    expect(toHex(xmlToApdu(text))).toBe("01000000065F1F0400000014FFFF");
    for (const wrong of ["fly", "0101", '<ConformanceBit Name="fly" />', "<Other />"])
      expect(() => xmlToApdu(text.replace(conformance, wrong))).toThrow(DlmsError);
  });

  it("reads a compact array whose types stand without their structure, and errors under another name", () => {
    const array = document(`<get-response><get-response-normal><invoke-id-and-priority>193</invoke-id-and-priority>
      <result><data><compact-array><contents-description><long-unsigned/><unsigned/></contents-description>
      <array-contents>03 00 01 00 02</array-contents></compact-array></data></result></get-response-normal></get-response>`);
    expect(toHex(xmlToApdu(array))).toBe("C401C1001302021211050300010002");
    const refused = document(
      "<writeResponse><CHOICE><data-access-result>11</data-access-result></CHOICE></writeResponse>",
    );
    expect(toHex(xmlToApdu(refused))).toBe("0D01010B");
  });

  for (const [name, data] of Object.entries({
    numbers: "02080F801080001101120001050000000106FFFFFFFF0D991605",
    "64 bits": "02021480000000000000001 5FFFFFFFFFFFFFFFF".replace(" ", ""),
    "a boolean of another octet": "0305",
    "a bit string with unused bits set": "0403BF",
    "a not-a-number with a payload": "177FC12345",
    "text that XML must escape": "0A053C263E223B",
    "text with blanks at its ends": "0A03204120",
    "text that XML cannot hold": "0A0300FF80",
    "UTF-8": "0C02C3A4",
    "date-times": "0203 1907E00701FF000000FF800000 1A07E00701FF 1B00000000".replaceAll(" ", ""),
    "delta values": "02061CFF1DFFFF1EFFFFFFFF1FFF20FFFF21FFFFFFFF",
    "null and don't care": "010200FF",
    "a compact array": "1302021211050300010002",
    "a compact array of arrays": "1301000211040A0B0C0D",
    "an empty text": "0A00",
  }))
    it(`loses nothing of ${name}`, () => {
      expect(back(`C4018100${data}`)).toBe(`C4018100${data}`);
    });

  it("round trips every form of every APDU", () => {
    for (const arbitrary of arbitraryApdus)
      fc.assert(
        fc.property(arbitrary, (value) => {
          const { dateTimeTagged: _, ...apdu } = value as { dateTimeTagged?: true };
          const octets = encodeApdu(apdu as Apdu);
          expect(toHex(xmlToApdu(apduToXml(octets)))).toBe(toHex(octets));
        }),
        { numRuns: 40 },
      );
  });
});

describe("hostile XML ends in an error", () => {
  for (const [name, text] of Object.entries({
    nothing: "",
    "a document type": `<!DOCTYPE x [<!ENTITY a "b">]>${document("<get-request/>")}`,
    "an entity of its own": document("<get-request>&a;</get-request>"),
    "character data": document("<![CDATA[x]]>"),
    "elements crossed": document("<a><b></a></b>"),
    "no end": "<x:xDLMS-APDU><get-request>",
    "two documents": document("<a/>") + document("<a/>"),
    "an unknown APDU": document("<constructor/>"),
    "an ACSE APDU in the other root": document("<rlrq/>"),
    "an unknown type of Data": document(
      "<get-response><get-response-normal><invoke-id-and-priority>1</invoke-id-and-priority><result><data><toString/></data></result></get-response-normal></get-response>",
    ),
    "a number out of range": document(
      "<get-request><get-request-next><invoke-id-and-priority>1</invoke-id-and-priority><block-number>4294967296</block-number></get-request-next></get-request>",
    ),
    "an invoke-id out of range": document(
      "<get-request><get-request-next><invoke-id-and-priority>256</invoke-id-and-priority><block-number>1</block-number></get-request-next></get-request>",
    ),
    "deep nesting": "<a>".repeat(100_000),
    "comments without an end": `<!--${"-".repeat(100_000)}`,
    "an attribute without an end": `<a ${'b="c" '.repeat(20_000)}`,
  }))
    it(name, () => {
      expect(() => xmlToApdu(text)).toThrow(DlmsError);
    });

  it("any change of a document", () => {
    const text = apduToXml(fromHex("C001C100070100630100FF0201010202120800110A"));
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 4 }), (at, cut, inserted) => {
        try {
          xmlToApdu(text.slice(0, at) + inserted + text.slice(at + cut));
        } catch (error) {
          if (!DlmsError.is(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
