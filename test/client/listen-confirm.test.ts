import { connect as connectSocket } from "node:net";
import { describe, expect, it } from "vitest";
import { decodeApdu } from "../../src/apdu/index.js";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { type ListenEvent, listen, memoryCounterStore } from "../../src/index.js";
import { tcpListener } from "../../src/node/index.js";
import { decodePacket, encodePacket } from "../../src/wrapper/index.js";
import { authenticationKey, bothEnds, clientTitle, encryptionKey, serverTitle } from "../security/helpers.js";
import { bench, codes, pushes } from "./listen-helpers.js";

/** A DataNotification that wants to be confirmed. */
const plain = (value: number, invokeId = 7) =>
  fromHex(`0F40${invokeId.toString(16).padStart(6, "0")}0011${value.toString(16).padStart(2, "0")}`);
const packet = (apdu: Uint8Array) => encodePacket({ source: 1, destination: 16, apdu });
const keys = [{ encryptionKey, authenticationKey }];
const confirm = { systemTitle: clientTitle };

/** A receiver with a handler whose outcome each test decides. */
async function handled(options: Parameters<typeof bench>[0] = {}) {
  const end = await bench(options);
  const events: ListenEvent[] = [];
  const gates: { resolve(): void; reject(error: Error): void }[] = [];
  const failures: unknown[] = [];
  const done = end.receiver.handle(
    (event) => {
      events.push(event);
      return new Promise<void>((resolve, reject) => gates.push({ resolve, reject }));
    },
    { failed: (error) => failures.push(error) },
  );
  const settle = () => end.clock.advance(10);
  const send = async (apdu: Uint8Array) => {
    await end.far.write(packet(apdu));
    await settle();
  };
  return { ...end, done, events, gates, failures, settle, send };
}

describe("a handler", () => {
  it("is waited for before the push is confirmed", async () => {
    const { send, settle, events, gates, answers, receiver, done } = await handled();
    await send(plain(5));
    expect(pushes(events)).toMatchObject([{ confirmed: true }]);
    expect(answers).toEqual([]);
    gates[0]?.resolve();
    await settle();
    expect(decodeApdu(decodePacket(answers[0]!)!.apdu)).toMatchObject({ longInvokeIdAndPriority: { invokeId: 7 } });
    await receiver.close();
    await done;
    expect(receiver.statistics).toMatchObject({ pushes: 1, taken: 1, confirmed: 1, failed: 0 });
  });

  const forms: Record<
    string,
    (send: ReturnType<typeof bothEnds>["server"], again: boolean, first: Uint8Array) => Uint8Array
  > = {
    "in clear": () => plain(5),
    "ciphered, the same octets": (_, __, first) => first,
    "ciphered with a new counter": (server) => server.protect(plain(5), { form: "general" }),
  };
  for (const [name, repeat] of Object.entries(forms)) {
    const first = () => {
      const { server } = bothEnds();
      const message = name === "in clear" ? plain(5) : server.protect(plain(5), { form: "general" });
      return { message, again: () => repeat(server, true, message) };
    };
    const options = name === "in clear" ? {} : { keys, confirm };
    it(`that fails leaves it unconfirmed, and gets it again when it is repeated: ${name}`, async () => {
      const { send, settle, events, gates, answers, failures } = await handled(options);
      const { message, again } = first();
      await send(message);
      gates[0]?.reject(new Error("disk full"));
      await settle();
      expect(answers).toEqual([]);
      expect(failures).toMatchObject([{ message: "disk full" }]);
      await send(again());
      expect(pushes(events).length).toBe(2);
      gates[1]?.resolve();
      await settle();
      expect(answers.length).toBe(1);
    });
    it(`that took it does not get it twice, and the repetition is confirmed: ${name}`, async () => {
      const { send, settle, events, gates, answers, receiver } = await handled(options);
      const { message, again } = first();
      await send(message);
      gates[0]?.resolve();
      await settle();
      await send(again());
      expect(events.length).toBe(1);
      expect(answers.length).toBe(2);
      expect(receiver.statistics).toMatchObject({ duplicates: 1, confirmed: 2, pushes: 1 });
    });
    it(`that is still at it is not called again, and one confirmation goes out: ${name}`, async () => {
      const { send, settle, events, gates, answers } = await handled(options);
      const { message, again } = first();
      await send(message);
      await send(again());
      expect(events.length).toBe(1);
      gates[0]?.resolve();
      await settle();
      expect(answers.length).toBe(1);
    });
  }
  it("gets another push with the same values", async () => {
    const { send, events, gates, settle } = await handled();
    await send(plain(5, 7));
    gates[0]?.resolve();
    await settle();
    await send(plain(5, 8));
    expect(events.length).toBe(2);
  });
  it("gets it again after the window", async () => {
    const { send, events, gates, settle, clock } = await handled({ duplicateWindowMs: 60_000 });
    await send(plain(5));
    gates[0]?.resolve();
    await settle();
    await clock.advance(70_000);
    await send(plain(5));
    expect(events.length).toBe(2);
  });
  it("without `failed` ends the receiver with its own error", async () => {
    const { far, clock, receiver, answers } = await bench();
    const done = receiver.handle(() => Promise.reject(new Error("disk full")));
    await Promise.all([expect(done).rejects.toThrow("disk full"), far.write(packet(plain(5))), clock.advance(10)]);
    expect(answers).toEqual([]);
    await expect(receiver.handle(() => {}, { concurrency: 0 })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("ciphered confirmations", () => {
  it("open with the meter's keys, under our title, with rising counters", async () => {
    const counters = memoryCounterStore();
    const { send, settle, gates, answers } = await handled({ keys, confirm: { ...confirm, counters } });
    const { server } = bothEnds();
    for (const value of [1, 2]) {
      await send(server.protect(plain(value, value), { form: "general" }));
      gates[value - 1]?.resolve();
      await settle();
    }
    const { server: meter } = bothEnds();
    const opened = answers.map((answer) => meter.unprotect(decodePacket(answer)!.apdu));
    expect(opened).toMatchObject([{ authenticated: true }, { authenticated: true, systemTitle: clientTitle }]);
    expect(opened.map(({ apdu }) => decodeApdu(apdu).type)).toEqual(Array(2).fill("data-notification-confirm"));
    expect(opened[1]!.invocationCounter).toBeGreaterThan(opened[0]!.invocationCounter!);
  });
  it("use the key of the sender among several", async () => {
    const other = { encryptionKey: fromHex("FF".repeat(16)), authenticationKey };
    for (const source of [[other, ...keys], new Map([[toHex(serverTitle), keys[0]!]])]) {
      const { send, settle, gates, answers } = await handled({ keys: source, confirm });
      await send(bothEnds().server.protect(plain(1), { form: "general" }));
      gates[0]?.resolve();
      await settle();
      expect(bothEnds().server.unprotect(decodePacket(answers[0]!)!.apdu).authenticated).toBe(true);
    }
  });
  it("are not sent without `confirm`, nor without the authentication key that they need", async () => {
    for (const [options, told] of [
      [{ keys }, []],
      [{ keys: [{ encryptionKey }], verify: "if-key" as const, confirm }, ["key-unknown"]],
    ] as const) {
      const { send, settle, gates, answers, events } = await handled(options);
      await send(bothEnds().server.protect(plain(1), { form: "general" }));
      gates[0]?.resolve();
      await settle();
      expect(answers).toEqual([]);
      expect(codes(events)).toEqual(told);
    }
  });
  it("a title that is none is refused", () => {
    expect(() => listen(tcpListener({ port: 0 }), { keys, confirm: { systemTitle: "00" } })).toThrow(/eight octets/);
  });
});

describe("lines of a slow consumer", () => {
  it("TCP: the sender is held up, nothing is lost, and little is held in memory", async () => {
    const listener = tcpListener({ port: 0 });
    const receiver = listen(listener, { queueLimit: 2, pendingLimit: 100_000 });
    await receiver.ready();
    const one = packet(fromHex(`0F000000010009820400${"AB".repeat(1024)}`));
    const count = 16_000;
    let left = 0;
    const socket = connectSocket(listener.port, "127.0.0.1", () => {
      const many = concatBytes(...Array.from({ length: 100 }, () => one));
      for (let i = 0; i < count / 100; i++) socket.write(many, () => left++);
    });
    await receiver.next();
    // Nobody takes anything: the sender gets rid of what the system buffers, and of no more.
    for (let i = 0, before = -1; i < 200 && before !== left; i++) {
      before = left;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(receiver.statistics.pauses).toBe(1);
    expect(left).toBeLessThan(count / 100);
    for (let i = 1; i < count; i++) await receiver.next();
    expect(receiver.statistics).toMatchObject({ pushes: count, rejected: 0, lostOctets: 0 });
    socket.destroy();
    await receiver.close();
  });
  it("in memory: holds up and goes on", async () => {
    const { far, clock, receiver } = await bench({ queueLimit: 1, pendingLimit: 40 });
    for (let i = 0; i < 30; i++) await far.write(packet(plain(i, i)));
    await clock.advance(10);
    const values = [];
    for (let i = 0; i < 30; i++) {
      const { value } = await receiver.next();
      values.push(value?.type === "push" && value.body?.type === "unsigned" ? value.body.value : value);
    }
    expect(values).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(receiver.statistics.pauses).toBeGreaterThan(1);
  });
  it("UDP: what is lost is counted", async () => {
    const { far, clock, receiver } = await bench({ queueLimit: 1, pendingLimit: 40, datagrams: true });
    for (let i = 0; i < 30; i++) await far.write(packet(plain(i, i)));
    await clock.advance(10);
    const { lostDatagrams, lostOctets } = receiver.statistics;
    expect(lostDatagrams).toBeGreaterThan(20);
    expect(lostOctets).toBe(lostDatagrams * packet(plain(1)).length);
  });
  it("a connection on which nothing comes is closed, and its place is free again", async () => {
    const listener = tcpListener({ port: 0, maxConnections: 1 });
    const receiver = listen(listener, { idleTimeoutMs: 50 });
    await receiver.ready();
    const dial = () =>
      new Promise<void>((resolve, reject) => {
        const socket = connectSocket(listener.port, "127.0.0.1");
        socket.once("error", reject).once("close", () => resolve());
        socket.resume();
      });
    await dial();
    await dial();
    expect(receiver.statistics).toMatchObject({ stale: 2, lines: 0 });
    await receiver.close();
  });
});
