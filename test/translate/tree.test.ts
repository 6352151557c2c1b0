import { describe, expect, it } from "vitest";
import { renderMessages, translate } from "../../src/translate/index.js";

const lines = (hex: string) =>
  renderMessages(translate(hex))
    .split("\n")
    .map((line) => line.trim());

describe("the tree for people", () => {
  it("names classes, attributes and codes in words", () => {
    expect(lines("C001C100080000010000FF0200")).toEqual(
      expect.arrayContaining(["classId: 8 (clock)", "obis: 0-0:1.0.0*255 (clock)", "attributeId: 2 (time)"]),
    );
    expect(lines("C3018100460000600301FF01010F00")).toEqual(
      expect.arrayContaining(["classId: 70 (disconnect control)", "methodId: 1 (remote disconnect)"]),
    );
    expect(lines("C001C1FFFF0000010000FF0000")).toEqual(
      expect.arrayContaining(["classId: 65535", "attributeId: 0 (all attributes)"]),
    );
  });

  it("shows a value with its scaler and unit as what it means", () => {
    expect(lines("0F00000001000203090601002007 00FF1208FC02020FFF1623".replace(" ", ""))).toEqual(
      expect.arrayContaining([
        "[0]: octet-string 0100200700FF (1-0:32.7.0*255, voltage L1)",
        "[1]: long-unsigned 2300 = 230.0 V",
        "[0]: integer -1",
        "[1]: enum 35 (V)",
      ]),
    );
  });

  it("names what a list of objects to push or to capture refers to", () => {
    expect(lines("C401C10001010204120003090601000108 00FF0F02120000".replace(" ", ""))).toEqual(
      expect.arrayContaining([
        "[0]: long-unsigned 3 (register)",
        "[1]: octet-string 0100010800FF (1-0:1.8.0*255, active energy import, total)",
        "[2]: integer 2 (value)",
        "[3]: long-unsigned 0",
      ]),
    );
  });

  it("shows base names of short names in hexadecimal", () => {
    expect(lines("050102FA00")).toContain("name: 64000 (FA00)");
    expect(lines("0800065F1F040000301D01F4FA00").at(-2)).toContain("vaaName: 64000 (FA00, short names)");
    expect(lines("0800065F1F040000301D01F40007").at(-2)).toContain("vaaName: 7 (logical names)");
  });

  it("shows all fields of APDUs that have a field named value", () => {
    expect(lines("C20000010000010000FF020600000001")).toEqual(
      expect.arrayContaining(["apdu: event-notification-request", "+11    value: double-long-unsigned 1"]),
    );
    expect(lines("0E010601")).toEqual(
      expect.arrayContaining([
        "apdu: confirmed-service-error",
        "+1    service: 1 (initiate-error)",
        "+3    value: dlms-version-too-low",
      ]),
    );
  });
});
