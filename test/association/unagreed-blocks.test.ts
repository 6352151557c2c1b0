import { expect, it } from "vitest";
import { decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import { clock, everything, get, hex, Joined, without } from "./joined.js";

const value = hex("090C07EA010F0400000000FFC400");

/** A meter that answers in one block although block transfer was not agreed on. */
const blocks = (blocksNotNegotiated?: boolean) =>
  new Joined({
    client: {
      conformance: without("block-transfer-with-get-or-read"),
      ...(blocksNotNegotiated !== undefined && { tolerances: { blocksNotNegotiated } }),
    },
    profile: { conformance: everything },
    answer: () => ({ service: "get", results: [{ ok: true, data: value }] }),
    fault: (apdu, towards) => {
      const message = towards === "client" ? decodeApdu(apdu) : undefined;
      if (message?.type !== "get-response") return [apdu];
      const { invokeIdAndPriority } = message;
      const result = { ok: true, data: value } as const;
      return [
        encodeApdu({
          type: "get-response",
          choice: "with-datablock",
          invokeIdAndPriority,
          lastBlock: true,
          blockNumber: 1,
          result,
        }),
      ];
    },
  }).associate();

it("blocks that were not agreed on are taken, and told", () => {
  const joined = blocks();
  const outcome = joined.ask(get(clock));
  expect(outcome).toMatchObject({ type: "response", response: { results: [{ ok: true, data: value }] } });
  expect(joined.notices).toContain("blocks-not-negotiated");
});

it("with blocksNotNegotiated off they are refused, and no value is given", () => {
  const joined = blocks(false);
  expect(joined.ask(get(clock), { retry: false })).toMatchObject({
    type: "failed",
    error: { code: "block-transfer-failed" },
  });
  expect(joined.notices).not.toContain("blocks-not-negotiated");
});
