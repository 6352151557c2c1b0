import { expect, it } from "vitest";
import { encodeApdu } from "../../src/apdu/index.js";
import { clock, get, Joined } from "./joined.js";

it("a meter that sends empty blocks for ever is given up", () => {
  const pair = new Joined({ answer: () => ({ service: "get", results: [] }) });
  pair.associate();
  pair.client.send({ type: "request", id: 1, request: get(clock) }, 0);
  const request = pair.client.takeOutput() as Uint8Array;
  const octet = request[2] as number;
  const invokeIdAndPriority = {
    invokeId: octet & 0x0f,
    confirmed: (octet & 0x40) !== 0,
    highPriority: (octet & 0x80) !== 0,
  };
  const codes: string[] = [];
  let blockNumber = 0;
  while (codes.length === 0 && blockNumber < 1000) {
    blockNumber++;
    const result = { ok: true as const, data: new Uint8Array() };
    pair.client.receive(
      encodeApdu({
        type: "get-response",
        choice: "with-datablock",
        invokeIdAndPriority,
        lastBlock: false,
        blockNumber,
        result,
      }),
      0,
    );
    while (pair.client.takeOutput() !== undefined);
    for (let event = pair.client.nextEvent(); event !== undefined; event = pair.client.nextEvent())
      if ("error" in event) codes.push(event.error.code);
  }
  expect(codes).toEqual(["limit-exceeded"]);
  expect(blockNumber).toBe(17);
});
