import { describe, expect, it } from "vitest";
import { clientAddress, encodeFrame, HdlcClientLink, serverAddress } from "../../src/hdlc/index.js";
import { ReactionTime } from "../../src/hdlc/reaction-time.js";

describe("how soon a meter answers", () => {
  it("is not known from few answers, and a poll that was repeated does not count", () => {
    const reaction = new ReactionTime();
    for (const [asked, heard] of [
      [0, 40],
      [100, 150],
    ] as const) {
      reaction.asked(asked);
      reaction.heard(heard);
    }
    expect(reaction.timeoutMs(3000)).toBe(3000);
    reaction.asked(200);
    reaction.forget();
    reaction.heard(9000);
    expect(reaction.timeoutMs(3000)).toBe(3000);
    reaction.asked(300);
    reaction.heard(500);
    expect(reaction.timeoutMs(3000)).toBe(800);
  });
  it("is bounded both ways", () => {
    const reaction = new ReactionTime();
    for (let i = 0; i < 3; i++) {
      reaction.asked(i);
      reaction.heard(i + 1);
    }
    expect(reaction.timeoutMs(3000)).toBe(500);
    expect(reaction.timeoutMs(100)).toBe(100);
    reaction.asked(0);
    reaction.heard(2500);
    expect(reaction.timeoutMs(3000)).toBe(3000);
  });
});

/** A meter that sends segments: the time-out after each poll for the next one, in milliseconds. */
function pollTimeouts(baudRate: number | undefined): number[] {
  const client = clientAddress(16);
  const server = serverAddress(1);
  const link = new HdlcClientLink({ client, server, ...(baudRate !== undefined && { baudRate }) });
  const frame = { destination: client, source: server, poll: true, segmented: false, information: new Uint8Array() };
  let now = 0;
  link.send({ type: "connect" }, now);
  link.receive(encodeFrame({ ...frame, type: "ua" }), now);
  link.send({ type: "send", apdu: Uint8Array.of(1) }, now);
  return Array.from({ length: 6 }, (_, sequence) => {
    while (link.takeOutput() !== undefined);
    now += 50;
    const information = Uint8Array.from({ length: 20 }, () => 0xe6);
    const numbers = { sendSequence: sequence & 7, receiveSequence: 1 };
    link.receive(encodeFrame({ ...frame, type: "i", ...numbers, segmented: true, information }), now);
    return Math.round((link.deadline ?? 0) - now);
  });
}

describe("a lost poll for the next segment", () => {
  it("is repeated soon once the meter has shown how quick it is", () => {
    const [first, , , , , last] = pollTimeouts(9600);
    expect(first).toBeGreaterThan(3000);
    expect(last).toBeLessThan(1200);
  });
  it("waits for the whole time-out where the speed of the line is not known: networks are not that regular", () => {
    for (const timeout of pollTimeouts(undefined)) expect(timeout).toBe(3000);
  });
});
