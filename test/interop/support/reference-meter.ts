import { fromHex } from "../../../src/base/index.js";
import { type Data, decodeData, octets, u32 } from "../../../src/data/index.js";
import { defaultClients } from "../../../src/mock/clients.js";
import {
  dataObject,
  householdObjects,
  logicalName,
  MeterClock,
  type MockClient,
  MockMeter,
  type MockMeterOptions,
  type MockObject,
  mockCredentials,
  registerObject,
} from "../../../src/mock/index.js";
import { tcpListener } from "../../../src/node/index.js";
import type { Protection } from "../../../src/security/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { secret, signing } from "./keys.js";
import { type Plain, plain } from "./plain.js";

/** The meter's time stands still, so that every reader sees the same: half a day after summer time began. */
const now = Date.UTC(2026, 2, 29, 12, 0, 7);
const hour = 3_600_000;
const clock = { ...systemClock, wallTime: () => now };

export type Link = "hdlc" | "wrapper";
export type Authentication = "none" | "low" | "gmac";
/** Mechanisms without ciphering. */
export type Hls = "md5" | "sha1" | "sha256" | "ecdsa";
export const links: readonly Link[] = ["hdlc", "wrapper"];
export const hlsMechanisms: readonly Hls[] = ["md5", "sha1", "sha256", "ecdsa"];
export const authentications: readonly Authentication[] = ["none", "low", "gmac"];

const { systemTitle } = mockCredentials;
const octetsOf = (text: string) => new TextEncoder().encode(text);
const shared = { secret: octetsOf(secret) };

/** Clients by the mechanism that each proves itself with. */
export const hlsClients: readonly MockClient[] = [
  { clientSap: 103, authentication: { mechanism: "hls-md5", ...shared }, systemTitle },
  { clientSap: 104, authentication: { mechanism: "hls-sha1", ...shared }, systemTitle },
  { clientSap: 106, authentication: { mechanism: "hls-sha256", ...shared }, systemTitle },
  {
    clientSap: 107,
    systemTitle,
    authentication: {
      mechanism: "hls-ecdsa",
      privateKey: fromHex(signing.meter.privateKey),
      peerPublicKey: fromHex(signing.client.publicKey),
    },
  },
];

/** Clients with HLS-GMAC and keys of suites 1 and 2. */
const suiteClients = (protection: Protection = "authenticated-encrypted"): readonly MockClient[] =>
  ([1, 2] as const).map((suite) => ({
    clientSap: 1 + 10 * suite,
    authentication: { mechanism: "hls-gmac" },
    security: {
      suite,
      protection,
      encryptionKey: rising(0, suite === 2 ? 32 : 16),
      authenticationKey: rising(0xd0, suite === 2 ? 32 : 16),
      systemTitle,
    },
  }));

/** A mock meter on a port of its own; every object is open to every client, so that all of them read the same. */
export interface ReferenceMeter {
  readonly port: number;
  /** What attribute `id` of the object holds, as the client of that address would see it. */
  value(name: string, id: number, clientSap: number, classId?: number): Plain;
  /** Codes of the associations that were refused so far. */
  readonly refusals: readonly string[];
  /** Counter that the management client has to begin with. */
  readonly nextCounter: number;
  /** Pushes to that client. */
  push(body: Data, clientSap: number): number;
  close(): Promise<void>;
}

interface Options extends Pick<MockMeterOptions, "referencing" | "clients" | "maxPduSize"> {
  /** What clients with suites 1 and 2 have to do. Default both. */
  readonly protection?: Protection;
}

export async function referenceMeter(link: Link, { protection, ...options }: Options = {}): Promise<ReferenceMeter> {
  const refusals: string[] = [];
  const household = householdObjects(new MeterClock(() => now), mockCredentials.systemTitle, {
    days: 3,
    outages: [{ from: now - 40 * hour, to: now - 37.5 * hour }],
  });
  const meter = new MockMeter({
    ...options,
    clients: options.clients ?? [...defaultClients(systemTitle), ...hlsClients, ...suiteClients(protection)],
    clock,
    physicalDevice: 17,
    objects: [...household, registerObject(logicalName("1.0.15.8.0.255"), -1, 30, () => u32(0xffff_ffff)), note()].map(
      openToAll,
    ),
    observe: (_, event) => {
      if (event.type === "rejected") refusals.push(event.error.code);
    },
  });
  const listener = tcpListener({ port: 0 });
  await meter.listen(listener, { link });
  return {
    port: listener.port,
    value(name, id, clientSap, classId) {
      const named = meter.device.find(logicalName(name));
      const object = classId === undefined ? named : [...meter.device].find((one) => one.classId === classId);
      const attribute = object?.attributes.get(id);
      if (attribute === undefined) throw new Error(`the mock meter has no attribute ${id} of ${name}`);
      const value = attribute.get({ clientSap, protection: "none", now, device: meter.device });
      return plain(value instanceof Uint8Array ? decodeData(value) : value);
    },
    refusals,
    get nextCounter() {
      return (meter.receivedCounter(1) ?? 0) + 1;
    },
    push: (body, client) => meter.push({ body, client }),
    close: () => meter.close(),
  };
}

/** Octets that rise by one: the keys of these tests. */
export function rising(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i);
}

/** A text that can be written. */
function note(): MockObject {
  const name = logicalName("0.0.96.1.9.255");
  let value = octets(Uint8Array.of(1, 2, 3));
  const object = dataObject(name, () => value);
  const text = {
    get: () => value,
    set(next: typeof value) {
      value = next;
    },
  };
  return { ...object, attributes: new Map([...object.attributes, [2, text as never]]) };
}

function openToAll(object: MockObject): MockObject {
  return { ...object, access: () => "read-write", methodAccess: () => true };
}
