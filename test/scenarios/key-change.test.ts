import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import {
  agreeKeys,
  changeKeys,
  changePassword,
  connect,
  type Meter,
  type StoredConnectOptions,
} from "../../src/client/index.js";
import { MockMeter, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import { defaultProvider } from "../../src/node/crypto.js";
import { type MeterSecrets, memoryCounterStore, memoryKeyStore, SecretKey } from "../../src/security/index.js";
import type { LineDirection, LineFault, MemoryLink } from "../../src/transport/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { hexOf, key, secrets } from "../client/keys/bench.js";
import { within } from "./session.js";

/** DLMS_ALL_FAULTS=1 strikes every octet; otherwise every so many, save that the wrapper is cut at every one. */
const everyOctet = process.env["DLMS_ALL_FAULTS"] === "1";
const directions: readonly LineDirection[] = ["to-far", "to-near"];
const meterName = "house-17";

/** A change that may be lost, and how to see that meter and store agree. */
interface Scenario {
  readonly mock?: MockMeterOptions;
  readonly known: MeterSecrets;
  readonly how: Pick<StoredConnectOptions, "client" | "authentication" | "security">;
  change(meter: Meter): Promise<unknown>;
  /** The secrets that the meter has. */
  inForce(mock: MockMeter): readonly (string | undefined)[] | undefined;
  /** The same of the store. */
  stored(entry: MeterSecrets): readonly (string | undefined)[];
}

const transfer: Scenario = {
  known: secrets,
  how: { client: 1, authentication: { mechanism: "hls-gmac" } },
  change: (meter) => changeKeys(meter, { encryptionKey: key(1), authenticationKey: key(2), masterKey: key(3) }),
  inForce: (mock) => {
    const ring = mock.securitySetup(1)?.keys;
    return [ring?.get("global-unicast-encryption"), ring?.get("authentication"), ring?.get("master")].map(hexOf);
  },
  stored: ({ encryptionKey, authenticationKey, masterKey }) => [encryptionKey, authenticationKey, masterKey].map(hexOf),
};

const password: Scenario = {
  known: secrets,
  how: { client: 2, authentication: { mechanism: "low" } },
  change: (meter) => changePassword(meter, "another-password"),
  inForce: () => undefined,
  stored: () => [],
};

/** A meter, a store, and a first line with faults; the lines after it are sound. */
async function scene({ mock: options, known, how, change }: Scenario, link: "hdlc" | "wrapper", faults: LineFault[]) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15, 12) });
  let refusals = 0;
  const mock = new MockMeter({
    clock,
    ...options,
    observe: (_, event) => {
      if (event.type === "rejected") refusals++;
    },
  });
  const memory: MemoryLink = await mock.memory({ link, faults });
  const store = memoryKeyStore({ [meterName]: known });
  const counters = memoryCounterStore();
  const open = () => {
    const security = how.client === 1 ? { security: { ...how.security, counters } } : {};
    return connect(memory.endpoint, { ...how, ...security, keys: { store, meter: meterName } });
  };
  const octets = () => ({
    "to-far": memory.lines[0]?.statistics.toFar.bytes ?? 0,
    "to-near": memory.lines[0]?.statistics.toNear.bytes ?? 0,
  });
  const run = async () => {
    const meter = await open();
    const before = octets();
    const error = await change(meter).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    const after = octets();
    await meter.close();
    return { error, before, after };
  };
  return { clock, mock, store, open, run, refusals: () => refusals };
}

/** Strikes one octet of a change; afterwards connecting settles what is true. Gives what is wrong. */
async function strike(scenario: Scenario, link: "hdlc" | "wrapper", fault: LineFault): Promise<string | undefined> {
  const { clock, mock, store, open, run, refusals } = await scene(scenario, link, [fault]);
  const { error } = await within(clock, run());
  if (error !== undefined && !DlmsError.is(error)) return `${String(error)} is no DlmsError`;
  const pending = (await store.load(meterName))?.pending;
  const lost = DlmsError.is(error) && error.code === "key-change-unknown";
  if (lost !== (pending !== undefined)) return `pending is ${pending !== undefined} after ${String(error)}`;
  if (lost && !error.outcomeUnknown) return "the error does not say that the outcome is unknown";
  const again = await within(clock, open());
  await within(clock, again.register("1-0:1.8.0*255").value.get());
  await within(clock, again.close());
  if (refusals() > 1) return `${refusals()} refused attempts`;
  const entry = (await store.load(meterName)) as MeterSecrets;
  if (entry.pending !== undefined) return "still pending after connecting";
  const inForce = scenario.inForce(mock);
  if (inForce !== undefined && inForce.join() !== scenario.stored(entry).join()) return "the store has other keys";
  return undefined;
}

async function strikeAll(scenario: Scenario, link: "hdlc" | "wrapper", kind: "cut" | "drop", step: number) {
  const { clock, run } = await scene(scenario, link, []);
  const { before, after, error } = await within(clock, run());
  expect(error).toBeUndefined();
  const problems: string[] = [];
  let struck = 0;
  for (const direction of directions)
    for (let at = before[direction]; at < after[direction]; at += step, struck++) {
      const problem = await strike(scenario, link, { direction, at, kind }).catch((cause: unknown) => String(cause));
      if (problem !== undefined) problems.push(`${kind} ${direction} at ${at}: ${problem}`);
    }
  expect(struck).toBeGreaterThan(5);
  return problems;
}

describe("a change lost at any octet is settled by connecting", { timeout: 3_600_000 }, () => {
  for (const [name, scenario] of Object.entries({ "key transfer": transfer, password }))
    for (const link of ["hdlc", "wrapper"] as const) {
      it(`${name}, cut, over ${link}`, async () => {
        expect(await strikeAll(scenario, link, "cut", everyOctet || link === "wrapper" ? 1 : 3)).toEqual([]);
      });
      it(`${name}, an octet dropped, over ${link}`, async () => {
        expect(await strikeAll(scenario, link, "drop", everyOctet ? 1 : 7)).toEqual([]);
      });
    }
});

describe("a key agreement whose answer is lost", { timeout: 3_600_000 }, () => {
  const curves = defaultProvider.ellipticCurves;
  if (curves === undefined) throw new Error("no elliptic curves");
  const [client, server] = [curves.generateKeyPair("P-256"), curves.generateKeyPair("P-256")];
  const { encryptionKey, authenticationKey, masterKey, systemTitle } = mockCredentials;
  const security = {
    suite: 1,
    protection: "authenticated-encrypted",
    encryptionKey,
    authenticationKey,
    masterKey,
    systemTitle,
    signaturePrivateKey: server.privateKey,
    clientSignaturePublicKey: client.publicKey,
  } as const;
  const agreement = (name: "encryptionKey" | "masterKey"): Scenario => ({
    ...transfer,
    mock: {
      clients: [
        { clientSap: 16, authentication: { mechanism: "none" } },
        { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security },
      ],
    },
    known: {
      ...secrets,
      signaturePrivateKey: new SecretKey(client.privateKey),
      meterSignaturePublicKey: server.publicKey,
    },
    how: { client: 1, authentication: { mechanism: "hls-gmac" }, security: { suite: 1 } },
    change: (meter) => agreeKeys(meter, [name]),
  });

  it("leaves the old key where the request was lost, and says so where the agreed one was", async () => {
    const scenario = agreement("encryptionKey");
    const sound = await scene(scenario, "wrapper", []);
    const { before, after } = await within(sound.clock, sound.run());
    for (const direction of directions)
      for (let at = before[direction] + 60; at < after[direction]; at += 16) {
        const { clock, mock, run, open, refusals } = await scene(scenario, "wrapper", [{ direction, at, kind: "cut" }]);
        const { error } = await within(clock, run());
        expect(error).toMatchObject({ code: "key-change-unknown", outcomeUnknown: true });
        const next = within(clock, open()).catch((cause: unknown) => cause);
        if (mock.securitySetup(1)?.keys.version === 0) {
          await within(clock, ((await next) as Meter).close());
          continue;
        }
        expect(await next).toMatchObject({ code: "keys-unsettled" });
        // Refused once: nothing tries again by itself.
        await expect(within(clock, open())).rejects.toMatchObject({ code: "keys-unsettled" });
        expect(refusals()).toBe(1);
      }
  });

  it("of the master key alone costs nothing: the session and its keys stay", async () => {
    const scenario = agreement("masterKey");
    const sound = await scene(scenario, "wrapper", []);
    const { after } = await within(sound.clock, sound.run());
    const at = after["to-near"] - 20;
    const { clock, run, open } = await scene(scenario, "wrapper", [{ direction: "to-near", at, kind: "cut" }]);
    expect((await within(clock, run())).error).toMatchObject({ code: "key-change-unknown" });
    const again = await within(clock, open());
    await within(clock, again.register("1-0:1.8.0*255").value.get());
    // Which master key the meter has is not known; agreed on anew, it is.
    await expect(changeKeys(again, { encryptionKey: key(1) })).rejects.toMatchObject({ code: "key-change-unknown" });
    await within(clock, agreeKeys(again, ["masterKey"]));
    await within(clock, changeKeys(again, { encryptionKey: key(1) }));
    await within(clock, again.register("1-0:1.8.0*255").value.get());
  });
});
