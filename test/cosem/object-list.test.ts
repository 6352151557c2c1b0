import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { ObjectList } from "../../src/cosem/index.js";
import {
  array,
  bool,
  type Data,
  decodeData,
  encodeData,
  enumeration,
  i8,
  i16,
  nullData,
  octets,
  structure,
  u8,
  u16,
} from "../../src/data/index.js";

function element(classId: number, version: number, name: string, rights: Data) {
  return structure(u16(classId), u8(version), octets(name), rights);
}
const rights = (attributes: readonly (readonly [number, number])[], methods: readonly (readonly [number, Data])[]) =>
  structure(
    array(...attributes.map(([id, mode]) => structure(i8(id), enumeration(mode), nullData))),
    array(...methods.map(([id, mode]) => structure(i8(id), mode))),
  );
const association = (version: number) => element(15, version, "0000280000FF", rights([[1, 1]], []));
const energy = (mode: number, method: Data) => element(3, 0, "0100010800FF", rights([[2, mode]], [[1, method]]));

describe("ObjectList", () => {
  it.each([
    [0, true, false],
    [1, true, false],
    [2, false, true],
    [3, true, true],
    [4, true, false],
    [5, false, true],
    [6, true, true],
    [7, false, false],
  ])("reads access mode %i of versions 0 to 2", (mode, read, write) => {
    const list = ObjectList.fromAssociationLn(array(association(1), energy(mode, enumeration(2))));
    const object = list.find("1-0:1.8.0");
    expect(object?.attributes?.get(2)).toMatchObject({
      read: mode === 0 ? false : read,
      write,
      code: mode,
      request: { authenticated: mode > 3 && mode < 7, encrypted: false, signed: false },
    });
    expect(object?.methods?.get(1)).toMatchObject({ invoke: true, request: { authenticated: true } });
  });

  it("reads access modes of version 3 as bits, by the version that the list itself names", () => {
    const list = ObjectList.fromAssociationLn(array(association(3), energy(0b0110_1101, enumeration(0b0000_0101))));
    expect(list.find("1-0:1.8.0")?.attributes?.get(2)).toEqual({
      read: true,
      write: false,
      request: { authenticated: true, encrypted: true, signed: false },
      response: { authenticated: true, encrypted: true, signed: false },
      code: 0b0110_1101,
      selectors: [],
    });
    expect(list.find("1-0:1.8.0")?.methods?.get(1)).toMatchObject({ invoke: true, request: { authenticated: true } });
    expect(
      ObjectList.fromAssociationLn(array(energy(4, bool(true))), 1)
        .find("1-0:1.8.0")
        ?.attributes?.get(2)?.read,
    ).toBe(true);
  });

  it("takes the method rights of version 0, which are boolean", () => {
    const list = ObjectList.fromAssociationLn(array(association(0), energy(1, bool(true))));
    expect(list.find("1-0:1.8.0")?.methods?.get(1)?.invoke).toBe(true);
  });

  it("keeps an object whose rights are in a form of the meter's own", () => {
    const list = ObjectList.fromAssociationLn(array(association(1), element(3, 0, "0100020800FF", nullData)));
    expect(list.find("1-0:2.8.0")).toMatchObject({ classId: 3, attributes: undefined, methods: undefined });
    expect(list.length).toBe(2);
  });

  it("tells objects of equal name by their class", () => {
    const list = ObjectList.fromAssociationLn(
      array(energy(1, bool(true)), element(1, 0, "0100010800FF", rights([], []))),
    );
    expect(list.find("1-0:1.8.0", 1)?.classId).toBe(1);
    expect(list.find("1-0:1.8.0")?.classId).toBe(3);
    expect(list.ofClass(3)).toHaveLength(1);
    expect(list.find("1-0:9.9.9")).toBeUndefined();
  });

  it("reads short-name lists, base names above 32767 included", () => {
    const objects = array(structure(i16(-1536), u16(12), u8(2), octets("0000280000FF")));
    const access = array(
      structure(
        i16(-1536),
        array(structure(i8(2), enumeration(1), array(i8(1), i8(2)))),
        array(structure(i8(3), enumeration(1))),
      ),
    );
    const [object] = [...ObjectList.fromAssociationSn(objects, access, 2)];
    expect(object).toMatchObject({ baseName: 0xfa00, classId: 12, version: 2 });
    expect(object?.attributes?.get(2)?.selectors).toEqual([1, 2]);
    expect([...ObjectList.fromAssociationSn(objects, undefined, 0)][0]?.attributes).toBeUndefined();
  });

  it("ends mutated lists in a list or a DlmsError", () => {
    const octetsOfList = encodeData(array(association(3), energy(5, enumeration(1)), energy(1, bool(false))));
    fc.assert(
      fc.property(fc.nat(octetsOfList.length - 1), fc.nat(255), (at, octet) => {
        const mutated = octetsOfList.slice();
        mutated[at] = octet;
        try {
          expect(ObjectList.fromAssociationLn(decodeData(mutated))).toBeInstanceOf(ObjectList);
        } catch (error) {
          expect(DlmsError.is(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
