import { expect, it } from "vitest";
import { classVersions, methodOffset } from "../../src/cosem/index.js";

it("methods begin where the class tables say, for every class and version", () => {
  const known = [...classVersions].filter((table) => Object.keys(table.methods).length > 0);
  expect(known.length).toBeGreaterThan(60);
  for (const { id, version, methodOffset: offset } of known)
    expect([id, version, methodOffset(id, version)]).toEqual([id, version, offset]);
  expect(methodOffset(3, 99)).toBeUndefined();
});
