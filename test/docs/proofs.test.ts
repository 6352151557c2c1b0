import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { proofs } from "../interop/proofs.js";

it("every proof names a test that is there", () => {
  const missing = proofs.filter(({ test }) => {
    const [file = "", title = ""] = test.split(" > ");
    return !readFileSync(new URL(`../interop/${file}`, import.meta.url), "utf8").includes(`"${title}"`);
  });
  expect(missing).toEqual([]);
});

it("no proof is told twice", () => {
  const told = proofs.map(({ id, direction, peer, test }) => [id, direction, peer, test].join(" "));
  expect(told.filter((one, i) => told.indexOf(one) !== i)).toEqual([]);
});
