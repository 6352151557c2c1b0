import { describe, expect, it } from "vitest";
import { SecurityError } from "../../src/base/index.js";
import type { ConnectOptions } from "../../src/client/index.js";
import { accessModeBits } from "../../src/cosem/index.js";
import { type MockAccessRights, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import { decodeSecurityControl, type Protection, readEnvelope } from "../../src/security/index.js";
import { clients, ownTitle } from "./mock.js";
import { type Connected, noticesOf, pad, withMeter } from "./with-meter.js";

const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
const keys = { encryptionKey, authenticationKey, systemTitle: ownTitle };

/** A client of a meter whose policy is this. */
const client = (security: Partial<ConnectOptions["security"]>): ConnectOptions => ({
  ...clients.management,
  security: { ...keys, ...security },
});

const meterWith = (policy: number, version: 0 | 1 = 0, more: MockMeterOptions = {}): MockMeterOptions => ({
  securitySetupVersion: version,
  clients: [
    {
      clientSap: 1,
      authentication: { mechanism: "hls-gmac" },
      security: { suite: 0, protection: "none", policy, encryptionKey, authenticationKey, systemTitle },
    },
    { clientSap: 16, authentication: { mechanism: "none" } },
  ],
  ...more,
});

/** Protection of the last APDU in a direction, as on the wire. */
function lastOnWire({ trace }: Connected, direction: "sent" | "received"): Protection {
  const apdus = trace.flatMap((event) => (event.type === "apdu" && event.direction === direction ? [event.apdu] : []));
  const last = apdus.at(-1) ?? new Uint8Array();
  const plain = new Set([0xc0, 0xc1, 0xc3, 0xc4, 0xc5, 0xc7, 0xd8, 0xd9, 0xda]);
  return plain.has(last[0] ?? 0) ? "none" : decodeSecurityControl(readEnvelope(last).securityControl).protection;
}

const read = ({ meter }: Connected, options = {}) => meter.data(pad).value.get(options);
const refusedBy = (code: string) => expect.objectContaining({ code });
const protections = ["none", "authenticated", "encrypted", "authenticated-encrypted"] as const;

describe("the security policy in force, version 0", () => {
  for (const [policy, demanded] of protections.entries())
    for (const [own, given] of protections.entries()) {
      const covered = (own & policy) === policy;
      it(
        `${given} requests where the meter demands ${demanded} are ${covered ? "answered in kind" : "refused"}`,
        covered
          ? withMeter(
              async (connected) => {
                expect(await read(connected)).toEqual({ type: "unsigned", value: 0 });
                expect(connected.requests.at(-1)?.protection).toBe(given);
                expect(lastOnWire(connected, "sent")).toBe(given);
                expect(lastOnWire(connected, "received")).toBe(given);
              },
              {},
              client({ policy: own }),
              meterWith(policy),
            )
          : async () => {
              const connecting = withMeter(async () => undefined, {}, client({ policy: own }), meterWith(policy))();
              await expect(connecting).rejects.toThrow(refusedBy("association-rejected"));
            },
      );
    }
  it(
    "request weaker than policy at the meter, once the policy was made stronger in mid-session",
    withMeter(
      async (connected) => {
        const { mock, requests } = connected;
        await read(connected);
        mock.securitySetup(1)?.activate(3);
        requests.length = 0;
        const error = await read(connected).catch((e: unknown) => e);
        expect(error).toMatchObject({ code: "request-refused", details: { reason: "operation-not-possible" } });
        expect(requests).toHaveLength(0);
        expect(await read(connected, { protection: "authenticated-encrypted" })).toEqual({
          type: "unsigned",
          value: 0,
        });
        expect(lastOnWire(connected, "received")).toBe("authenticated-encrypted");
      },
      {},
      client({ policy: 1 }),
      meterWith(1),
    ),
  );
});

describe("the security policy in force, version 1", () => {
  const authenticatedRequest = 0b0000_0100;
  const encryptedResponse = 0b0100_0000;
  it(
    "requests and responses are protected each in its own way",
    withMeter(
      async (connected) => {
        await read(connected);
        expect(lastOnWire(connected, "sent")).toBe("authenticated");
        expect(lastOnWire(connected, "received")).toBe("encrypted");
      },
      {},
      client({ policy: authenticatedRequest | encryptedResponse, verify: "required" }),
      meterWith(authenticatedRequest | encryptedResponse, 1),
    ),
  );
  it("reply weaker than policy: an association whose answer is weaker is refused, and nothing is delivered", async () => {
    const options = client({ policy: { request: "authenticated", response: "authenticated-encrypted" } });
    const seen: unknown[] = [];
    const meterOptions = meterWith(authenticatedRequest | encryptedResponse, 1);
    const connecting = withMeter(
      async () => undefined,
      {},
      { ...options, trace: (event) => seen.push(event) },
      meterOptions,
    )();
    await expect(connecting).rejects.toThrow(refusedBy("weaker-than-policy"));
    expect(seen).not.toContainEqual(expect.objectContaining({ type: "state", state: "associated" }));
  });
  it(
    "the policy is read from the meter where the client is told to, and then obeyed",
    withMeter(
      async (connected) => {
        await read(connected);
        expect(lastOnWire(connected, "sent")).toBe("authenticated");
        expect(noticesOf(connected.trace)).not.toContain("policy-unreadable");
      },
      {},
      client({ policy: "read", protection: "authenticated" }),
      meterWith(authenticatedRequest | 0b0010_0000, 1),
    ),
  );
  it(
    "a policy that was read makes protection stronger, never weaker",
    withMeter(
      async (connected) => {
        const { requests } = connected;
        await read(connected);
        expect(requests.at(-1)?.protection).toBe("authenticated-encrypted");
      },
      {},
      client({ policy: "read" }),
      meterWith(0),
    ),
  );
  it("no policy is a usage error", async () => {
    for (const policy of [4 + 1, 300, -4])
      await expect(withMeter(async () => undefined, {}, client({ policy }), meterWith(0))()).rejects.toThrow(
        refusedBy("invalid-argument"),
      );
  });
});

const authenticated = { authenticated: true };
const both = { authenticated: true, encrypted: true };

describe("rights to attributes and methods", () => {
  const rightsTo = (rights: Partial<MockAccessRights>): MockMeterOptions =>
    meterWith(0, 1, { accessRights: [{ client: 1, object: pad, ...rights }] });
  const confidential = rightsTo({
    attributes: { 2: accessModeBits({ read: true, write: true, request: both, response: both }) },
  });
  const open = client({ policy: { request: "none", response: "none" } });

  it(
    "a request weaker than the right is denied, and raised once the object list is known",
    withMeter(
      async (connected) => {
        const { meter } = connected;
        const denied = await read(connected).catch((e: unknown) => e);
        expect(denied).toMatchObject({ code: "access-refused", details: { reason: "read-write-denied" } });
        expect(lastOnWire(connected, "sent")).toBe("none");
        await meter.objects();
        expect(await read(connected)).toEqual({ type: "unsigned", value: 0 });
        expect(lastOnWire(connected, "sent")).toBe("authenticated-encrypted");
        expect(lastOnWire(connected, "received")).toBe("authenticated-encrypted");
        await meter.data(pad).value.setData({ type: "unsigned", value: 7 });
        expect(lastOnWire(connected, "sent")).toBe("authenticated-encrypted");
        await meter.clock("0-0:1.0.0").timeZone.get();
        expect(lastOnWire(connected, "sent")).toBe("none");
      },
      {},
      open,
      confidential,
    ),
  );
  it(
    "the caller raises the protection of one request",
    withMeter(
      async (connected) => {
        const { meter } = connected;
        expect(await read(connected, { protection: "authenticated-encrypted" })).toEqual({
          type: "unsigned",
          value: 0,
        });
        await meter.data(pad).value.setData({ type: "unsigned", value: 9 }, { protection: both });
        expect(await meter.raw(1, pad).get(2, { protection: both })).toEqual({ type: "unsigned", value: 9 });
        await expect(read(connected, { protection: "authenticated" })).rejects.toThrow(refusedBy("access-refused"));
      },
      {},
      open,
      confidential,
    ),
  );
  it(
    "a list is protected as the strongest of its items, in readAll and in ACCESS",
    withMeter(
      async (connected) => {
        const { meter, requests } = connected;
        await meter.objects();
        requests.length = 0;
        const values = [meter.clock("0-0:1.0.0").timeZone, meter.data(pad).value] as const;
        const [zone, secret] = await meter.readAll(values);
        expect([zone.ok, secret.ok]).toEqual([true, true]);
        const [again] = await meter.access([{ get: meter.data(pad).value }, { get: values[0] }]);
        expect(again.ok).toBe(true);
        expect(requests.map(({ request, protection }) => [request.service, protection])).toEqual([
          ["get", "authenticated-encrypted"],
          ["access", "authenticated-encrypted"],
        ]);
        expect(lastOnWire(connected, "received")).toBe("authenticated-encrypted");
      },
      {},
      open,
      confidential,
    ),
  );
  it(
    "of a list that is too weak for one item, that item alone is denied",
    withMeter(
      async ({ meter }) => {
        const [zone, secret] = await meter.readAll([meter.clock("0-0:1.0.0").timeZone, meter.data(pad).value]);
        expect(zone.ok).toBe(true);
        expect(secret).toMatchObject({ ok: false, error: { code: "access-refused" } });
      },
      {},
      open,
      confidential,
    ),
  );
  it(
    "a method that is too weakly invoked is denied, and goes through as its right demands",
    withMeter(
      async (connected) => {
        const { meter } = connected;
        const adjust = () => meter.clock("0-0:1.0.0").adjustToMinute();
        await expect(adjust()).rejects.toThrow(refusedBy("access-refused"));
        await meter.objects();
        await adjust();
        expect(lastOnWire(connected, "sent")).toBe("authenticated");
      },
      {},
      open,
      meterWith(0, 1, {
        accessRights: [{ object: "0-0:1.0.0", methods: { 3: accessModeBits({ read: true, request: authenticated }) } }],
      }),
    ),
  );
  it(
    "reply weaker than access right: refused by name, and nothing delivered",
    withMeter(
      async (connected) => {
        const { meter, mock, trace } = connected;
        const list = await meter.objects();
        expect(list.find(pad)?.attributes?.get(2)?.response).toMatchObject(both);
        const object = mock.device.find(Uint8Array.of(0, 0, 96, 128, 0, 255));
        if (object === undefined) throw new Error("no such object");
        const { attributeMode: _, ...careless } = object;
        mock.device.add(careless);
        trace.length = 0;
        const error = await read(connected).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(SecurityError);
        expect(error).toMatchObject({ code: "weaker-than-policy" });
        expect(lastOnWire(connected, "received")).toBe("none");
        expect(trace).not.toContainEqual(expect.objectContaining({ type: "response" }));
        expect(await meter.clock("0-0:1.0.0").timeZone.getData()).toEqual({ type: "long", value: -60 });
      },
      {},
      open,
      rightsTo({ attributes: { 2: accessModeBits({ read: true, response: both }) } }),
    ),
  );
  it(
    "reply weaker than asked for this request: refused by name",
    withMeter(
      async (connected) => {
        const asked = { protection: "authenticated", responseProtection: "authenticated-encrypted" } as const;
        await expect(read(connected, asked)).rejects.toThrow(refusedBy("weaker-than-policy"));
        expect(lastOnWire(connected, "received")).toBe("authenticated");
      },
      {},
      client({ policy: 0 }),
      meterWith(0),
    ),
  );
  it(
    "an object list of an earlier session is followed from the first request on",
    withMeter(
      async ({ meter, endpoint }) => {
        const { connect } = await import("../../src/client/index.js");
        const objects = await meter.objects();
        await meter.close();
        const again = await connect(endpoint, { ...open, objects });
        expect(await again.objects()).toBe(objects);
        expect(await again.data(pad).value.get()).toEqual({ type: "unsigned", value: 0 });
        await again.close();
      },
      {},
      open,
      confidential,
    ),
  );
  it(
    "a value in blocks is protected block by block, and so are the wishes for them",
    withMeter(
      async (connected) => {
        const { meter, trace } = connected;
        await expect(meter.objects()).rejects.toThrow(refusedBy("access-refused"));
        await meter.objects({ protection: both });
        trace.length = 0;
        const list = await meter.raw(15, "0-0:40.0.0").get(2);
        expect(list.type).toBe("array");
        const tags = trace.flatMap((event) => (event.type === "apdu" ? [event.apdu[0]] : []));
        expect(new Set(tags)).toEqual(new Set([0xc8, 0xcc]));
        expect(tags.length).toBeGreaterThan(4);
      },
      {},
      { ...open, maxPduSize: 600 },
      meterWith(0, 1, {
        maxPduSize: 600,
        accessRights: [
          { object: "0-0:40.0.0", attributes: { 2: accessModeBits({ read: true, request: both, response: both }) } },
        ],
      }),
    ),
  );
  it(
    "short names: rights come from the access rights list, and are followed and enforced likewise",
    withMeter(
      async (connected) => {
        const { meter, requests } = connected;
        await expect(read(connected)).rejects.toThrow(refusedBy("access-refused"));
        expect((await meter.objects()).find(pad, 1)?.attributes?.get(2)?.request).toMatchObject(both);
        expect(await read(connected)).toEqual({ type: "unsigned", value: 0 });
        expect(requests.at(-1)?.protection).toBe("authenticated-encrypted");
        await meter.data(pad).value.setData({ type: "unsigned", value: 3 });
        const [zone, value] = await meter.readAll([meter.clock("0-0:1.0.0").timeZone, meter.data(pad).value]);
        expect(zone.ok).toBe(true);
        expect(value).toEqual({ ok: true, value: { type: "unsigned", value: 3 } });
        expect(requests.at(-1)?.protection).toBe("authenticated-encrypted");
        expect(lastOnWire(connected, "received")).toBe("authenticated-encrypted");
      },
      {},
      { ...open, referencing: "short-name" },
      { ...confidential, referencing: "short-name" },
    ),
  );
  it(
    "a signature that is demanded and cannot be made is no reason to send without",
    withMeter(
      async (connected) => {
        const { trace } = connected;
        trace.length = 0;
        await expect(read(connected, { protection: { signed: true } })).rejects.toThrow(refusedBy("key-unknown"));
        expect(trace.filter(({ type }) => type === "apdu")).toEqual([]);
      },
      {},
      open,
      meterWith(0),
    ),
  );
  it(
    "a meter that cannot protect its answer as its rights demand gives none, and serves on",
    withMeter(
      async (connected) => {
        const error = await read(connected).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: "request-refused", details: { reason: "operation-not-possible" } });
        expect((await connected.meter.clock("0-0:1.0.0").timeZone.getData()).type).toBe("long");
      },
      {},
      open,
      rightsTo({ attributes: { 2: accessModeBits({ read: true, response: { signed: true } }) } }),
    ),
  );
  it(
    "an association without ciphering does not follow rights: the meter denies",
    withMeter(
      async (connected) => {
        await connected.meter.objects();
        await expect(read(connected)).rejects.toThrow(refusedBy("access-refused"));
      },
      {},
      clients.reader,
      {
        accessRights: [{ object: pad, attributes: { 2: accessModeBits({ read: true, request: authenticated }) } }],
      },
    ),
  );
});
