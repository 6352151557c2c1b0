import { describe, expect, it } from "vitest";
import { type Apdu, decodeApdu, encodeApdu, inspectApdu } from "../../src/apdu/index.js";
import { DecodeError, DlmsError, fromHex, UsageError } from "../../src/base/index.js";

function failure(hex: string): DecodeError {
  try {
    decodeApdu(fromHex(hex));
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${hex} decoded`);
}

describe("counts and lengths of the wire are not believed", () => {
  const lists = {
    "get-request with list": "C0 03 C1 82 FFFF",
    "get-response with list": "C4 03 C1 82 FFFF 00",
    "set-response with list": "C5 05 C1 84 FFFFFFFF 00",
    "action-request with list": "C3 03 C1 83 FFFFFF 0001",
    "read-request": "05 82 FFFF 02 FA00",
    "read-response": "0C 84 7FFFFFFF 00 00",
    "write-request": "06 01 02 FA00 82 FFFF",
    "access-request": "D9 00000000 00 82 FFFF 01",
    "access-response": "DA 00000000 00 00 82 FFFF 00",
  };
  for (const [name, hex] of Object.entries(lists))
    it(`${name} that claims far more items than octets fails at once`, () => {
      const error = failure(hex);
      expect(error.code).toBe("truncated");
      expect(error.message).toMatch(/items announced/);
    });

  it("an octet string longer than the message", () => {
    expect(failure("C8 84 FFFFFFFF 30").code).toBe("truncated");
    expect(failure("E0 80 0001 0000 82 FFFF 00").details.path).toBe("general-block-transfer.blockData");
  });

  it("an indefinite length", () => {
    expect(failure("61 80 A1 00 00 00").code).toBe("malformed");
  });

  it("nested arrays inside a list of values end in an error, not in the stack", () => {
    const deep = new Uint8Array(200_000).fill(1);
    deep.set(fromHex("C403C10100"));
    expect(() => decodeApdu(deep)).toThrow(DlmsError);
  });

  it("a list of 60,000 results takes time in proportion", () => {
    const count = 60_000;
    const list = new Uint8Array(6 + 2 * count).fill(1);
    list.set(fromHex("C403C182EA60"));
    const apdu = decodeApdu(list);
    expect(apdu).toMatchObject({ choice: "with-list", results: { length: count } });
  });

  it("an ACSE APDU full of unknown fields is read once", () => {
    const fields = new Uint8Array(4 + 60_000).fill(0);
    fields.set(fromHex("6282EA60"));
    let notices = 0;
    expect(decodeApdu(fields, { onNotice: () => notices++ })).toEqual({ type: "rlrq" });
    expect(notices).toBe(30_000);
  });
});

describe("a fault names its place", () => {
  it.each([
    ["", "truncated", undefined, 0],
    ["77", "malformed", undefined, 0],
    ["C0 09 C1", "malformed", "get-request.choice", 1],
    [
      "C0 03 C1 02 0001 0000800000FF 02 00 0001 0000",
      "truncated",
      "get-request.attributes[1].attribute.instanceId",
      16,
    ],
    ["C0 01 C1 0001 0000800000FF 02 07", "malformed", "get-request.access", 12],
    ["C4 01 C1 00", "truncated", "get-response.result", 4],
    ["C4 01 C1 05", "malformed", "get-response.result", 3],
    ["C4 01 C1 01 01 00", "trailing-bytes", "get-response", 5],
    ["05 01 03 FA00", "malformed", "read-request.variables[0].choice", 2],
    ["60 03 A1 01 06", "truncated", "aarq.applicationContextName", 5],
    ["60 00", "malformed", "aarq.applicationContextName", 2],
    ["60 0D 80 02 07 80 80 02 07 80 A1 03 06 01 2A", "malformed", "aarq.protocolVersion", 6],
    ["08 00 06 5F1F 03 00 00501F", "malformed", "initiate-response.negotiatedConformance", 3],
    ["0F 00000001 05 0102030405 1105", "malformed", "data-notification.dateTime", 5],
  ])("%s", (hex, code, path, offset) => {
    const { code: found, details } = failure(hex);
    expect({ code: found, path: details.path, offset: details.offset }).toEqual({ code, path, offset });
  });

  it("and what could be read before it is kept, apart from the error", () => {
    const { apdu, error } = inspectApdu(fromHex("01 01 02 AABB 00 00 06 5F1F 04 00 0000"));
    expect(apdu).toEqual({
      type: "initiate-request",
      dedicatedKey: fromHex("AABB"),
      responseAllowed: true,
      proposedDlmsVersionNumber: 6,
    });
    expect(error?.details.path).toBe("initiate-request.proposedConformance");
    expect(JSON.stringify(error?.details)).not.toMatch(/AABB|170/);
    expect(inspectApdu(fromHex("C4 03 C1 02 00 1105 00 12")).apdu).toMatchObject({
      results: [{ ok: true, data: fromHex("1105") }],
    });
  });
});

describe("values that do not fit are refused, not cut", () => {
  const invokeIdAndPriority = { invokeId: 1, confirmed: true, highPriority: false };
  const attribute = { classId: 1, instanceId: fromHex("0000800000FF"), attributeId: 2 };
  const get = { type: "get-request", choice: "normal", invokeIdAndPriority, attribute } as const;
  const bad: Record<string, Apdu> = {
    "get-request.attribute.attributeId": { ...get, attribute: { ...attribute, attributeId: 256 } },
    "get-request.attribute.classId": { ...get, attribute: { ...attribute, classId: 1.5 } },
    "get-request.attribute.instanceId": { ...get, attribute: { ...attribute, instanceId: fromHex("00") } },
    "get-request.invokeIdAndPriority": { ...get, invokeIdAndPriority: { ...invokeIdAndPriority, invokeId: 16 } },
    "get-request.access.parameters": { ...get, access: { selector: 1, parameters: new Uint8Array() } },
    "set-response.results[1]": {
      type: "set-response",
      choice: "with-list",
      invokeIdAndPriority,
      results: [0, -1],
    },
    "initiate-response.negotiatedConformance": {
      type: "initiate-response",
      negotiatedDlmsVersionNumber: 6,
      negotiatedConformance: 0x1000000,
      serverMaxReceivePduSize: 0,
      vaaName: 7,
    },
    "aarq.applicationContextName": { type: "aarq", applicationContextName: "7.1" },
    "rlrq.reason": { type: "rlrq", reason: Number.NaN },
  };
  for (const [path, apdu] of Object.entries(bad))
    it(path, () => {
      let error: unknown;
      try {
        encodeApdu(apdu);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).details.path).toBe(path);
    });

  it("an APDU without a field, or of no known type or choice", () => {
    const { attribute: _, ...rest } = get;
    expect(() => encodeApdu(rest as Apdu)).toThrow(/get-request.attribute: the field is missing/);
    expect(() => encodeApdu({ type: "get" } as unknown as Apdu)).toThrow(UsageError);
    expect(() => encodeApdu({ ...get, choice: "all" } as unknown as Apdu)).toThrow(UsageError);
  });
});
