import { describe, expect, expectTypeOf, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import {
  attribute,
  DataClass,
  decodeAttribute,
  defineClass,
  fixed,
  method,
  query,
  Register,
  structure as structureOf,
  uint8,
  uint32,
  visibleString,
} from "../../src/cosem/index.js";
import { type Data, decodeData, encodeData, i8, octets, structure, text, u8, u16, u32 } from "../../src/data/index.js";
import { accessResult, LogicalDevice, type MockObject, object, Refusal } from "../../src/mock/index.js";

const context = { clientSap: 1, protection: "none", now: 0 } as const;

function read(device: LogicalDevice, { classId, logicalName }: MockObject, attributeId: number): Data | number {
  const attribute = { classId, instanceId: logicalName, attributeId };
  const response = device.handle({ service: "get", items: [{ attribute }] }, context);
  const [result] = response.service === "get" ? response.results : [];
  return result?.ok === true ? decodeData(result.data) : (result?.result ?? -1);
}

function write(device: LogicalDevice, { classId, logicalName }: MockObject, attributeId: number, value: Data): unknown {
  const attribute = { classId, instanceId: logicalName, attributeId };
  return device.handle({ service: "set", items: [{ attribute, value: encodeData(value) }] }, context).results[0];
}

function invoke(device: LogicalDevice, { classId, logicalName }: MockObject, methodId: number, parameter?: Data) {
  const method = { classId, instanceId: logicalName, methodId };
  const item = parameter === undefined ? { method } : { method, parameter: encodeData(parameter) };
  const response = device.handle({ service: "action", items: [item] }, context);
  return response.service === "action" ? response.results[0] : undefined;
}

describe("objects from the standard's tables", () => {
  const energy = object(Register, "1-0:1.8.0*255", { value: u32(12), scalerUnit: { scaler: 1, unit: "Wh" } });
  const device = new LogicalDevice([energy]);

  it("are encoded by the table", () => {
    expect(read(device, energy, 3)).toEqual(structure(i8(1), { type: "enum", value: 30 }));
    expect(read(device, energy, 1)).toEqual(octets("0100010800FF"));
  });
  it("take a value of another kind from the program alone when it fits", () => {
    energy.put("value", ({ now }) => u32(now + 7));
    expect(read(device, energy, 2)).toEqual(u32(7));
    expect(() => energy.put("scalerUnit", { scaler: 1, unit: "furlong" as never })).toThrow(DlmsError);
  });
  it("refuse values and names that the table does not have", () => {
    expect(() => object(Register, "1-0:1.8.0*255", { scalerUnit: { scaler: 400, unit: "Wh" } })).toThrow(
      expect.objectContaining({ code: "value-does-not-fit" }),
    );
    expect(() => object(Register, "1-0:1.8.0*255", { price: u8(1) } as never)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  });
  it("list static attributes as such", () => {
    expect([...energy.attributes.values()].map(({ name, static: isStatic }) => [name, isStatic])).toEqual([
      ["logicalName", true],
      ["value", false],
      ["scalerUnit", true],
    ]);
  });
  it("leave out what is not given", () => {
    const bare = object(Register, "1-0:2.8.0*255", { value: u32(1) });
    expect(read(new LogicalDevice([bare]), bare, 3)).toBe(accessResult.objectUndefined);
  });
});

describe("what clients write", () => {
  const note = object(DataClass, "0-0:96.1.9*255", { value: text("old") }, { set: { value: true } });
  const device = new LogicalDevice([note]);
  it("is kept", () => {
    expect(write(device, note, 2, text("new"))).toBe(accessResult.success);
    expect(read(device, note, 2)).toEqual(text("new"));
  });
  it("of another type than the attribute has is refused", () => {
    expect(write(device, note, 2, u32(5))).toBe(accessResult.typeUnmatched);
    expect(read(device, note, 2)).toEqual(text("new"));
  });
  it("to an attribute that cannot be written is refused", () => {
    expect(write(device, note, 1, octets("0000600109FF"))).toBe(accessResult.readWriteDenied);
  });
});

describe("a manufacturer's own class", () => {
  const Heater = defineClass(() => ({
    id: 9000,
    version: 2,
    name: "heater",
    attributes: {
      setPoint: attribute(2, uint8),
      label: fixed(3, visibleString),
      pin: fixed(4, uint32),
    },
    methods: {
      boost: method(1, structureOf({ minutes: uint8, percent: uint8 })),
      energySince: query(2, uint32, uint32),
    },
  }));
  const boosts: unknown[] = [];
  const heater = object(
    Heater,
    "0-0:128.0.0*255",
    { setPoint: 21, label: "cellar" },
    {
      set: {
        setPoint: (degrees) => {
          expectTypeOf(degrees).toEqualTypeOf<number>();
          if (degrees > 30) throw new Refusal(accessResult.otherReason);
          heater.put("setPoint", degrees);
        },
      },
      hidden: ["pin"],
      methods: {
        boost: (parameter) => {
          expectTypeOf(parameter.minutes).toEqualTypeOf<number>();
          boosts.push(parameter);
        },
        energySince: (since) => since + 1,
      },
      access: (clientSap, name) => (name === "label" && clientSap !== 1 ? "none" : "read-write"),
    },
  );
  const device = new LogicalDevice([heater]);

  it("gets a typed behaviour for writes", () => {
    expect(write(device, heater, 2, u8(25))).toBe(accessResult.success);
    expect(read(device, heater, 2)).toEqual(u8(25));
    expect(write(device, heater, 2, u8(31))).toBe(accessResult.otherReason);
    expect(write(device, heater, 2, text("hot"))).toBe(accessResult.typeUnmatched);
  });
  it("gets typed methods with results", () => {
    expect(invoke(device, heater, 1, structure(u8(10), u8(80)))).toEqual({ result: 0 });
    expect(boosts).toEqual([{ minutes: 10, percent: 80 }]);
    expect(invoke(device, heater, 1, u16(3))).toEqual({ result: accessResult.typeUnmatched });
    expect(invoke(device, heater, 2, u32(41))).toEqual({
      result: 0,
      returned: { ok: true, data: encodeData(u32(42)) },
    });
  });
  it("hides its secret", () => {
    expect(read(device, heater, 4)).toBe(accessResult.readWriteDenied);
  });
  it("is read back by its table", () => {
    expect(decodeAttribute(Heater, "label", read(device, heater, 3) as Data)).toBe("cellar");
  });
});
