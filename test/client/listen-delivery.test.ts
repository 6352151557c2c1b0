import { createSocket } from "node:dgram";
import { connect as connectSocket } from "node:net";
import { describe, expect, it } from "vitest";
import { decodeApdu } from "../../src/apdu/index.js";
import { fromHex, toHex } from "../../src/base/index.js";
import { type ListenOptions, listen } from "../../src/client/index.js";
import { tcpListener, udpListener } from "../../src/node/index.js";
import { decodePacket, encodePacket } from "../../src/wrapper/index.js";
import { authenticationKey, bothEnds, encryptionKey, flipped, serverTitle } from "../security/helpers.js";
import { bench, codes, eventsOf, pushes } from "./listen-helpers.js";

const plain = (value: number, confirmed = false) =>
  fromHex(`0F${confirmed ? "40" : "00"}0000070011${value.toString(16).padStart(2, "0")}`);
const packet = (apdu: Uint8Array) => encodePacket({ source: 1, destination: 16, apdu });
const sealed = (value: number, changes: Parameters<typeof bothEnds>[0] = {}) =>
  bothEnds(changes).server.protect(plain(value), { form: "general" });
const title = toHex(serverTitle);
const keys = { encryptionKey, authenticationKey };
const numbers = (events: Parameters<typeof pushes>[0]) =>
  pushes(events).map(({ body }) => (body?.type === "unsigned" ? body.value : undefined));

describe("ciphered pushes", () => {
  const sources: Record<string, NonNullable<ListenOptions["keys"]>> = {
    list: [keys],
    map: new Map([[title.toLowerCase(), { encryptionKey: toHex(encryptionKey), authenticationKey }]]),
    "look-up": async (asked) => (asked !== undefined && toHex(asked) === title ? keys : undefined),
  };
  for (const [name, source] of Object.entries(sources))
    it(`open with keys of a ${name}, once each`, async () => {
      const message = packet(sealed(5));
      const events = await eventsOf([message, message], { keys: source });
      expect(pushes(events)).toMatchObject([
        { authenticated: true, systemTitle: serverTitle, protection: "authenticated-encrypted", invocationCounter: 1 },
      ]);
      expect(codes(events)).toEqual(["counter-repeated"]);
    });
  it("of a stranger are told, and cost the others nothing", async () => {
    const stranger = sealed(1, { systemTitle: fromHex("0102030405060708") });
    const events = await eventsOf([packet(stranger), packet(sealed(5))], { keys: new Map([[title, keys]]) });
    expect(codes(events)).toEqual(["key-unknown"]);
    expect(numbers(events)).toEqual([5]);
  });
  it("verify tells what is taken and how it is marked", async () => {
    const withheld = [{ encryptionKey }];
    const marks = async (options: ListenOptions) => {
      const events = await eventsOf([packet(plain(1)), packet(sealed(2))], options);
      return [...pushes(events).map(({ authenticated }) => authenticated), ...codes(events)];
    };
    expect(await marks({ keys: [keys] })).toEqual([true, "weaker-than-policy"]);
    expect(await marks({ keys: withheld })).toEqual(["weaker-than-policy", "key-unknown"]);
    expect(await marks({ keys: [keys], verify: "if-key" })).toEqual([null, true]);
    expect(await marks({ keys: withheld, verify: "if-key" })).toEqual([null, false]);
    expect(await marks({ keys: [keys], verify: "off" })).toEqual([null, false]);
  });
  it("altered ones and a look-up that fails are told", async () => {
    expect(codes(await eventsOf([packet(flipped(sealed(5), -1))], { keys: [keys] }))).toEqual([
      "authentication-failed",
    ]);
    const failing = () => Promise.reject(new Error("data base is down"));
    expect(codes(await eventsOf([packet(sealed(5))], { keys: failing }))).toEqual(["invalid-argument"]);
  });
});

describe("confirmation", () => {
  it("goes out only when the next event is asked for", async () => {
    const { clock, far, receiver, answers } = await bench();
    await far.write(packet(plain(5, true)));
    expect((await receiver.next()).value).toMatchObject({ type: "push", confirmed: true });
    await clock.advance(1000);
    expect(answers).toEqual([]);
    const waiting = receiver.next();
    await clock.advance(10);
    const answer = decodePacket(answers[0]!);
    expect(answer).toMatchObject({ source: 16, destination: 1 });
    expect(decodeApdu(answer!.apdu)).toMatchObject({
      type: "data-notification-confirm",
      longInvokeIdAndPriority: { invokeId: 7 },
    });
    await receiver.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
  it("is not sent when the consumer fails, nor for a push that wants none", async () => {
    const { clock, far, receiver, answers } = await bench();
    await far.write(packet(plain(4)));
    await far.write(packet(plain(5, true)));
    const consume = async () => {
      for await (const event of receiver) if (event.type === "push" && event.confirmed) throw new Error("disk full");
    };
    await expect(consume()).rejects.toThrow("disk full");
    await clock.advance(10);
    expect(answers).toEqual([]);
  });
});

describe("a consumer that is behind", () => {
  it("loses the datagrams that come on top, and is told", async () => {
    const one = packet(plain(1));
    const options = { queueLimit: 2, pendingLimit: 3 * one.length, datagrams: true };
    const events = await eventsOf(
      Array.from({ length: 20 }, (_, i) => packet(plain(i))),
      options,
    );
    const taken = numbers(events);
    expect(taken[0]).toBe(0);
    expect(taken).toEqual([...taken].sort((a, b) => Number(a) - Number(b)));
    expect(taken.length).toBeGreaterThanOrEqual(3);
    expect(taken.length).toBeLessThanOrEqual(7);
    expect(codes(events)).toContain("limit-exceeded");
  });
  it("limits are checked", () => {
    expect(() => listen(tcpListener({ port: 0 }), { queueLimit: 0 })).toThrow(/queueLimit/);
  });
});

describe("sockets", () => {
  it("TCP: two meters at once, each confirmed on its own line", async () => {
    const listener = tcpListener({ port: 0 });
    const receiver = listen(listener);
    await receiver.ready();
    const sockets = [1, 2].map((value) => {
      const socket = connectSocket(listener.port, "127.0.0.1", () => socket.write(packet(plain(value, true))));
      const answered = new Promise<Uint8Array>((resolve) => socket.once("data", resolve));
      return { socket, answered };
    });
    const events = [(await receiver.next()).value!, (await receiver.next()).value!];
    expect(numbers(events).sort()).toEqual([1, 2]);
    void receiver.next();
    for (const { answered, socket } of sockets) {
      expect((await answered)[8]).toBe(0x10);
      socket.destroy();
    }
    await receiver.close();
  });
  it("UDP: a datagram is a push", async () => {
    const listener = udpListener({ port: 0 });
    const receiver = listen(listener);
    await receiver.ready();
    const socket = createSocket("udp4");
    socket.send(packet(plain(9)), listener.port, "127.0.0.1");
    expect(numbers([(await receiver.next()).value!])).toEqual([9]);
    socket.close();
    await receiver.close();
    expect((await receiver.next()).done).toBe(true);
  });
  it("a port that is taken is told by ready and by next", async () => {
    const first = tcpListener({ port: 0 });
    const receiver = listen(first);
    await receiver.ready();
    const second = listen(tcpListener({ port: first.port }));
    await expect(second.ready()).rejects.toMatchObject({ code: "port-busy" });
    await expect(second.next()).rejects.toMatchObject({ code: "port-busy" });
    await receiver.close();
  });
});
