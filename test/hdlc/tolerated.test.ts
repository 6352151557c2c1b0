import { expect, it } from "vitest";
import { fromHex, type LinkEvent } from "../../src/base/index.js";
import {
  clientAddress,
  decodeFrame,
  encodeFrame,
  HdlcClientLink,
  type HdlcFrame,
  serverAddress,
} from "../../src/hdlc/index.js";

const toClient = (given: Partial<HdlcFrame> & Pick<HdlcFrame, "type">) =>
  encodeFrame({
    poll: true,
    destination: clientAddress(16),
    source: serverAddress(1),
    segmented: false,
    information: new Uint8Array(),
    ...given,
  });
const newLink = (options = {}) =>
  new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1), ...options });
const names = (link: HdlcClientLink) => {
  const found: string[] = [];
  for (let event: LinkEvent | undefined = link.nextEvent(); event; event = link.nextEvent())
    found.push(event.type === "notice" ? event.name : event.type);
  return found;
};
const sent = (link: HdlcClientLink) => {
  const types: string[] = [];
  for (let bytes = link.takeOutput(); bytes; bytes = link.takeOutput())
    types.push(decodeFrame(bytes.subarray(1, -1))?.type ?? "none");
  return types;
};

it("an old session that has SNRM refused is taken down, told, and set up anew", () => {
  const link = newLink();
  link.send({ type: "connect" }, 0);
  expect(sent(link)).toEqual(["snrm"]);
  link.receive(toClient({ type: "dm" }), 10);
  expect(sent(link)).toEqual(["disc"]);
  link.receive(toClient({ type: "ua" }), 20);
  expect(sent(link)).toEqual(["snrm"]);
  link.receive(toClient({ type: "ua" }), 30);
  expect(names(link)).toEqual(["link-set-up-refused", "connected"]);
});

it("disconnectFirst takes it down before anything else, and nothing is refused", () => {
  const link = newLink({ disconnectFirst: true });
  link.send({ type: "connect" }, 0);
  expect(sent(link)).toEqual(["disc"]);
  link.receive(toClient({ type: "ua" }), 10);
  expect(sent(link)).toEqual(["snrm"]);
  link.receive(toClient({ type: "ua" }), 20);
  expect(names(link)).toEqual(["connected"]);
});

it.each([
  [false, ["frame-out-of-sequence"]],
  [true, ["send-sequence-ignored", "apdu"]],
] as const)("N(S) that stands still is an error unless ignoreSendSequence is %s", (ignoreSendSequence, told) => {
  const link = newLink({ ignoreSendSequence });
  link.send({ type: "connect" }, 0);
  link.receive(toClient({ type: "ua" }), 0);
  const answer = (receiveSequence: number) =>
    toClient({ type: "i", sendSequence: 0, receiveSequence, information: fromHex("E6E7006100") });
  link.send({ type: "send", apdu: fromHex("C001") }, 0);
  link.receive(answer(1), 10);
  link.send({ type: "send", apdu: fromHex("C001") }, 20);
  names(link);
  link.receive(answer(2), 30);
  expect(names(link)).toEqual(expect.arrayContaining([...told]));
});
