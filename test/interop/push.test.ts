import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { octets, structure, u32 } from "../../src/data/index.js";
import { type ListenEvent, listen, type PushEvent, type PushReceiver } from "../../src/index.js";
import { tcpListener, udpListener } from "../../src/node/index.js";
import { links, type ReferenceMeter, referenceMeter, rising } from "./support/reference-meter.js";
import { pusher } from "./support/report.js";

let receiver: PushReceiver | undefined;
let meter: ReferenceMeter | undefined;
afterEach(async () => {
  await receiver?.close();
  await meter?.close();
  receiver = undefined;
  meter = undefined;
});

function run(...args: (string | number)[]) {
  const [command = "", ...first] = pusher();
  const child = spawn(command, [...first, ...args.map(String)], { stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
  let [out, errors] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const ended = once(child, "close");
  return {
    async said(text: RegExp): Promise<string> {
      while (!text.test(out)) {
        const [what] = await Promise.race([once(child.stdout, "data"), ended]);
        if (typeof what !== "object" || what === null) break;
      }
      const found = text.exec(out);
      if (found === null) throw new Error(`the peer did not say ${text}: ${out} ${errors}`);
      return found[0];
    },
    ended,
  };
}

const keys = new Map(
  [0, 1, 2].map((suite) => [
    `suite ${suite}`,
    { encryptionKey: rising(0, suite === 2 ? 32 : 16), authenticationKey: rising(0xd0, suite === 2 ? 32 : 16) },
  ]),
);

describe.each(["wrapper", "hdlc", "udp"] as const)("a push of Gurux over %s", (link) => {
  it.each(["none", "0", "1", "2"])("is taken with security %s", async (suite) => {
    const listener = link === "udp" ? udpListener({ port: 0 }) : tcpListener({ port: 0 });
    const key = keys.get(`suite ${suite}`);
    receiver = listen(listener, { protocol: link === "hdlc" ? "hdlc" : "wrapper", ...(key && { keys: [key] }) });
    await receiver.ready();
    run("send", listener.port, link, suite, "short");
    const event = (await receiver.next()).value as ListenEvent;
    expect(event).toMatchObject({
      type: "push",
      kind: "data-notification",
      authenticated: suite === "none" ? null : true,
    });
    const [energy] = (event as PushEvent).objects;
    expect(`${energy?.obis} ${energy?.value}`).toBe("1-0:15.8.0*255 429496729.5 Wh");
  });
});

it.each(["none", "0"])("a push of Gurux in general blocks is taken with security %s", async (suite) => {
  const listener = tcpListener({ port: 0 });
  const key = keys.get(`suite ${suite}`);
  receiver = listen(listener, { protocol: "wrapper", ...(key && { keys: [key] }) });
  await receiver.ready();
  run("send", listener.port, "wrapper", suite, "long");
  const event = (await receiver.next()).value as ListenEvent;
  expect(event).toMatchObject({ type: "push", authenticated: suite === "none" ? null : true });
  const { body } = event as PushEvent;
  expect(body?.type === "structure" && body.value.at(-1)).toEqual(octets(rising(3, 900)));
});

describe.each(links)("a push of our mock meter over %s", (link) => {
  it.each(["none", "gmac"])("is taken by Gurux with authentication %s", async (authentication) => {
    meter = await referenceMeter(link);
    const peer = run("take", meter.port, link, authentication);
    await peer.said(/associated/);
    expect(meter.push(structure(octets(rising(1, 6)), u32(0xffff_ffff)), authentication === "gmac" ? 1 : 16)).toBe(1);
    expect(await peer.said(/pushed .*/)).toBe('pushed ["010203040506",4294967295]');
  });
});
