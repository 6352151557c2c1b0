import { expect, it } from "vitest";
import type { LinkEvent } from "../../src/base/index.js";
import { clientAddress, encodeFrame, HdlcClientLink, SegmentAssembler, serverAddress } from "../../src/hdlc/index.js";

const toClient = (given: Partial<Parameters<typeof encodeFrame>[0]> & { readonly type: "ua" | "i" }) =>
  encodeFrame({
    poll: true,
    destination: clientAddress(16),
    source: serverAddress(1),
    segmented: false,
    information: new Uint8Array(),
    ...given,
  });

function asking(): HdlcClientLink {
  const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1) });
  link.send({ type: "connect" }, 0);
  link.receive(toClient({ type: "ua" }), 0);
  link.send({ type: "send", apdu: Uint8Array.of(1, 2, 3) }, 0);
  while (link.takeOutput() !== undefined || link.nextEvent() !== undefined);
  return link;
}

/** Lets the meter answer every 100 ms, for a virtual hour at most; when the link failed, if it did. */
function failureAfter(link: HdlcClientLink, answer: (turn: number) => Uint8Array): number | undefined {
  for (let turn = 1; turn <= 36_000; turn++) {
    const now = turn * 100;
    if (link.deadline !== undefined && link.deadline <= now) link.handleTimeout(now);
    link.receive(answer(turn), now);
    while (link.takeOutput() !== undefined);
    for (let event: LinkEvent | undefined = link.nextEvent(); event !== undefined; event = link.nextEvent())
      if (event.type === "failed") return now;
  }
  return undefined;
}

it("a meter that answers with empty segments for ever is given up", () => {
  const sequence = (turn: number) => ({ sendSequence: (turn - 1) & 7, receiveSequence: 1, segmented: true });
  expect(failureAfter(asking(), (turn) => toClient({ type: "i", ...sequence(turn) }))).toBeLessThan(10_000);
});

it.each([true, false])("a meter that repeats one segment for ever is given up (final bit %s)", (poll) => {
  const segment = { sendSequence: 0, receiveSequence: 1, segmented: true, information: Uint8Array.of(0xe6, 0xe7, 0) };
  const failed = failureAfter(asking(), (turn) => toClient({ type: "i", ...segment, poll: turn === 1 || poll }));
  expect(failed).toBeLessThan(120_000);
});

it("an empty segment here and there is put up with", () => {
  const assembler = new SegmentAssembler("response");
  assembler.push(Uint8Array.of(0xe6, 0xe7, 0), true);
  for (let i = 0; i < 40; i++) {
    expect(assembler.push(new Uint8Array(), true).error).toBeUndefined();
    expect(assembler.push(Uint8Array.of(i), true).error).toBeUndefined();
  }
  expect(assembler.push(Uint8Array.of(40), false).apdu).toHaveLength(41);
});
