import { expect, it } from "vitest";
import { encodeApdu } from "../../src/apdu/index.js";
import { clock, everything, get, Joined } from "./joined.js";

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

it("general blocks that repeat or begin anew for ever are given up", () => {
  const pair = new Joined({ answer: () => ({ service: "get", results: [] }) });
  pair.associate();
  pair.client.send({ type: "request", id: 1, request: get(clock) }, 0);
  const failures: string[] = [];
  for (let now = 0; now < 600_000 && failures.length === 0; now += 1000) {
    pair.client.receive(
      encodeApdu({
        type: "general-block-transfer",
        lastBlock: false,
        streaming: false,
        window: 1,
        blockNumber: 1,
        blockNumberAck: 0,
        blockData: Uint8Array.of(1 + ((now / 1000) % 2)),
      }),
      now,
    );
    pair.client.handleTimeout(now);
    while (pair.client.takeOutput() !== undefined);
    for (let event = pair.client.nextEvent(); event !== undefined; event = pair.client.nextEvent())
      if ("error" in event) failures.push(event.error.code);
  }
  expect(failures).toEqual(["timeout"]);
});

it.each([
  ["repeats", () => 0],
  ["begins anew with", (i: number) => i % 2],
] as const)("a meter that %s a general block as soon as it is answered is given up", (_, first) => {
  const conformance = new Set([...everything, "general-block-transfer"] as const);
  const pair = new Joined({ profile: { conformance }, answer: () => ({ service: "get", results: [] }) });
  pair.associate();
  pair.client.send({ type: "request", id: 1, request: get(clock), retry: false }, 0);
  const failures: string[] = [];
  let [answered, sent] = [true, 0];
  for (; answered && failures.length === 0 && sent < 1000; sent++) {
    const blockData = Uint8Array.of(1 + first(sent));
    const header = { lastBlock: false, streaming: false, window: 1, blockNumber: 1, blockNumberAck: 0 };
    pair.client.receive(encodeApdu({ type: "general-block-transfer", ...header, blockData }), 0);
    answered = pair.client.takeOutput() !== undefined;
    for (let event = pair.client.nextEvent(); event !== undefined; event = pair.client.nextEvent())
      if ("error" in event) failures.push(event.error.code);
  }
  expect(failures).toEqual(["limit-exceeded"]);
  expect(sent).toBeLessThan(40);
});
