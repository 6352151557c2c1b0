import { describe, expect, it } from "vitest";
import {
  AssociationLnV2,
  attributeById,
  attributeNamed,
  attributeShortName,
  ClassRegistry,
  Clock,
  classVersions,
  coreClasses,
  decodeAttribute,
  defineClass,
  encodeAttribute,
  encodeParameter,
  fixed,
  ImageTransfer,
  methodById,
  methodShortName,
  Obis,
  ProfileGeneric,
  Register,
  standardClasses,
  uint16,
} from "../../src/cosem/index.js";
import {
  array,
  CosemDateTime,
  type Data,
  enumeration,
  i8,
  nullData,
  octets,
  structure,
  text,
  u8,
  u16,
  u32,
} from "../../src/data/index.js";

const captured = structure(u16(8), octets("0000010000FF"), i8(2), u16(0));

describe("class tables", () => {
  it("hold 141 versions of 106 classes, each once", () => {
    const keys = classVersions.map(({ id, version }) => `${id}.${version}`);
    expect(new Set(keys).size).toBe(141);
    expect(new Set(classVersions.map(({ id }) => id)).size).toBe(106);
    expect(keys).toHaveLength(141);
  });

  it.each(classVersions.map((table) => [`${table.name} ${table.version}`, table] as const))(
    "%s: numbers are unique and without gaps, scaled values have their unit",
    (_, table) => {
      const ids = Object.values(table.attributes).map(({ id }) => id);
      expect([...ids].sort((a, b) => a - b)).toEqual(ids.map((__, i) => i + 2));
      const methods = Object.values(table.methods).map(({ id }) => id);
      expect(new Set(methods).size).toBe(methods.length);
      expect(Math.min(1, ...methods)).toBeGreaterThan(0);
      for (const name of Object.keys(table.methods)) expect(table.attributes).not.toHaveProperty([name]);
      for (const name of ["logicalName", "then", "constructor"])
        expect(Object.keys(table.attributes)).not.toContain(name);
      for (const spec of Object.values(table.attributes))
        if (spec.kind === "scaled")
          expect(Object.keys(attributeNamed(table, spec.scaledBy).type.fields ?? {})).toEqual(["scaler", "unit"]);
      if (table.methodOffset !== undefined && methods.includes(1))
        expect(table.methodOffset).toBeGreaterThanOrEqual(
          8 * (ids.length + 1) - 8 * Number(table.id === 12 || table.id === 11),
        );
    },
  );

  it("names the client's accessors after the classes", () => {
    for (const [name, table] of Object.entries(standardClasses)) expect(table.name).toBe(name);
    for (const [name, table] of Object.entries(coreClasses)) expect(standardClasses).toHaveProperty([name], table);
    expect(Object.keys(standardClasses)).toHaveLength(106);
  });

  it("give short names by the standard's offsets", () => {
    expect(attributeShortName(0x2000, 2)).toBe(0x2008);
    expect(methodShortName(Register, 0x2000, 1)).toBe(0x2028);
    expect(methodShortName(Clock, 0x2000, 6)).toBe(0x2000 + 0x60 + 40);
    expect(methodShortName(standardClasses.associationSn, 0xfa00, 8)).toBe(0xfa58);
    expect(methodShortName(AssociationLnV2, 0, 1)).toBeUndefined();
  });

  it("find rows by number", () => {
    expect(attributeById(Register, 3)?.name).toBe("scalerUnit");
    expect(attributeById(Register, 1)?.name).toBe("logicalName");
    expect(attributeById(Register, 9)).toBeUndefined();
    expect(methodById(ImageTransfer, 2)).toMatchObject({ name: "imageBlockTransfer", spec: { repeatable: true } });
    expect(() => attributeNamed(Register, "toString")).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });
});

describe("typed values", () => {
  it("read and write scaler and unit by name", () => {
    const data = structure(i8(-3), enumeration(30));
    expect(decodeAttribute(Register, "scalerUnit", data)).toEqual({ scaler: -3, unit: "Wh" });
    expect(encodeAttribute(Register, "scalerUnit", { scaler: -3, unit: "Wh" })).toEqual(data);
  });

  it("keep an unknown unit as its number, both ways", () => {
    const data = structure(i8(0), enumeration(222));
    const value = decodeAttribute(Register, "scalerUnit", data);
    expect(value).toEqual({ scaler: 0, unit: 222 });
    expect(encodeAttribute(Register, "scalerUnit", value)).toEqual(data);
  });

  it("read capture objects", () => {
    const [column] = decodeAttribute(ProfileGeneric, "captureObjects", array(captured));
    expect(column).toMatchObject({ classId: 8, attributeIndex: 2, dataIndex: 0 });
    expect(column?.logicalName.toString()).toBe("0-0:1.0.0*255");
    if (column) expect(encodeAttribute(ProfileGeneric, "captureObjects", [column])).toEqual(array(captured));
  });

  it("take a date-time tagged or in an octet string, and send the octet string", () => {
    const value = CosemDateTime.of({ year: 2024, month: 6, dayOfMonth: 1, hour: 12, minute: 0, second: 0 });
    const tagged: Data = { type: "date-time", value: value.octets };
    expect(decodeAttribute(Clock, "time", tagged).equals(value)).toBe(true);
    expect(decodeAttribute(Clock, "time", octets(value.octets)).equals(value)).toBe(true);
    expect(encodeAttribute(Clock, "time", value)).toEqual(octets(value.octets));
  });

  it("take integers of another width, as meters send them", () => {
    expect(decodeAttribute(ProfileGeneric, "capturePeriod", u16(900))).toBe(900);
    expect(decodeAttribute(ProfileGeneric, "sortMethod", u8(2))).toBe("lifo");
    expect(decodeAttribute(Clock, "daylightSavingsEnabled", u8(1))).toBe(true);
  });

  it("tell where a value does not fit the table", () => {
    const wrong = array(captured, structure(u16(8), text("no"), i8(2), u16(0)));
    expect(() => decodeAttribute(ProfileGeneric, "captureObjects", wrong)).toThrow(
      expect.objectContaining({
        code: "unexpected-type",
        details: expect.objectContaining({ path: "profileGeneric.captureObjects[1].logicalName" }),
      }),
    );
    expect(() => encodeAttribute(Register, "scalerUnit", { scaler: 200, unit: "Wh" })).toThrow(
      expect.objectContaining({
        code: "value-does-not-fit",
        details: expect.objectContaining({ path: "register.scalerUnit.scaler" }),
      }),
    );
    expect(() => decodeAttribute(Register, "scalerUnit", nullData)).toThrow(
      expect.objectContaining({ code: "unexpected-type" }),
    );
  });

  it("send integer 0 to methods without a parameter", () => {
    expect(encodeParameter(Register, "reset", undefined)).toEqual(i8(0));
    expect(
      encodeParameter(ImageTransfer, "imageBlockTransfer", { imageBlockNumber: 1, imageBlockValue: Uint8Array.of(7) }),
    ).toEqual(structure(u32(1), octets("07")));
  });
});

describe("ClassRegistry", () => {
  const registry = new ClassRegistry(classVersions);

  it("finds a class by version, or the closest", () => {
    expect(registry.find(15, 2)).toBe(AssociationLnV2);
    expect(registry.find(15, 9)).toBeUndefined();
    expect(registry.closest(15, 9)?.version).toBe(3);
    expect(registry.closest(50, 0)?.version).toBe(1);
    expect(registry.newest(64)?.version).toBe(1);
    expect(registry.closest(9999, 0)).toBeUndefined();
  });

  it("takes a user's own classes, which get everything", () => {
    const Vendor = defineClass({ id: 8192, version: 0, name: "vendor", attributes: { limit: fixed(2, uint16) } });
    const mine = registry.with(Vendor);
    expect(mine.find(8192, 0)).toBe(Vendor);
    expect([...mine]).toHaveLength(142);
    expect(decodeAttribute(Vendor, "limit", u16(7))).toBe(7);
    expect(decodeAttribute(Vendor, "logicalName", octets("0100000000FF"))).toEqual(Obis.parse("1-0:0.0.0"));
  });
});
