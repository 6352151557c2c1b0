// Sessions between our client and our meter, and which forms crossed the line: both ends carry each of them out.
import { decodeApdu } from "../../src/apdu/index.js";
import type { ClientAssociationOptions, ServerProfile, ServiceRequest } from "../../src/association/index.js";
import { connect, type TraceEvent } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { generalProtection } from "../../src/security/index.js";
import { translate } from "../../src/translate/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { decodePacket, encodePacket } from "../../src/wrapper/header.js";
import { blockForms, shortNames } from "../association/block-forms.js";
import { clock, everything, get, hex, Joined, octets, register } from "../association/joined.js";
import { clientTitle, meterTitle, parties } from "../association/parties.js";
import { bench as listenBench } from "../client/listen-helpers.js";
import { lines } from "../translate/helpers.js";
import { formsIn } from "./forms.js";

const titles = { client: clientTitle, server: meterTitle };
const keys = {
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: hex("000102030405060708090A0B0C0D0E0F"),
  authenticationKey: hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
} as const;
const method = { classId: 70, instanceId: hex("0000600300FF"), methodId: 1 };
const value = octets(40);
/** The meter of these sessions has no such object. */
const nowhere = register(2);
const refused: ServiceRequest = { service: "set", items: [{ attribute: nowhere, value: hex("1105") }] };
const isRefused = (attribute: { readonly instanceId: Uint8Array }) => attribute.instanceId[2] === nowhere.instanceId[2];
const selection = { selector: 1, parameters: hex("1101") };
const answer = (request: ServiceRequest) => {
  switch (request.service) {
    case "get":
      return {
        service: "get" as const,
        results: request.items.map(({ attribute }) =>
          isRefused(attribute) ? { ok: false as const, result: 4 } : { ok: true as const, data: value },
        ),
      };
    case "set":
      return { service: "set" as const, results: request.items.map(({ attribute }) => (isRefused(attribute) ? 4 : 0)) };
    case "action":
      return {
        service: "action" as const,
        results: request.items.map(() => ({ result: 0, returned: { ok: true as const, data: value } })),
      };
    case "access":
      return {
        service: "access" as const,
        results: request.items.map(({ kind }) => ({ kind, result: 0, ...(kind !== "set" && { data: value }) })),
      };
  }
};
const requests: readonly ServiceRequest[] = [
  get(clock),
  get(clock, register(1)),
  get(nowhere),
  { service: "get", items: [{ attribute: clock, access: selection }] },
  { service: "set", items: [{ attribute: clock, value }] },
  { service: "set", items: [{ attribute: clock, access: selection, value }] },
  { service: "action", items: [{ method, parameter: hex("1101") }] },
];
const lists: readonly ServiceRequest[] = [
  {
    service: "set",
    items: [clock, register(1)].map((attribute) => ({ attribute, value: hex("1105") })),
  },
  { service: "action", items: [1, 2].map((methodId) => ({ method: { ...method, methodId }, parameter: hex("1101") })) },
];
const access: ServiceRequest = {
  service: "access",
  items: [
    { kind: "get", attribute: clock },
    { kind: "get", attribute: clock, access: selection },
    { kind: "set", attribute: clock, value },
    { kind: "set", attribute: clock, access: selection, value },
    { kind: "action", method, parameter: hex("1101") },
  ],
};

/** Associates, asks, is told, releases. */
function session(client: ClientAssociationOptions, profile: Partial<ServerProfile>, extra: readonly ServiceRequest[]) {
  const pair = new Joined({ client, profile, answer }).associate();
  for (const request of [...requests, ...extra]) pair.ask(request);
  pair.ask({ service: "set", items: [{ attribute: clock, value }] }, { unconfirmed: true });
  pair.server.send({
    type: "notify",
    notification: { kind: "event-notification", attribute: clock, value: hex("1101") },
  });
  pair.server.send({
    type: "notify",
    notification: { kind: "data-notification", longInvokeId: 1, dateTime: new Uint8Array(), body: value },
  });
  pair.server.send({
    type: "notify",
    notification: { kind: "information-report", variables: [{ name: 0x0100, value: hex("1101") }] },
  });
  pair.run();
  pair.client.send({ type: "release" }, pair.now);
  pair.run();
  return pair;
}

/** An APDU, and the one that AARQ and AARE carry. */
function withInitiate(octets: Uint8Array): Uint8Array[] {
  const apdu = decodeApdu(octets);
  return "userInformation" in apdu && apdu.userInformation ? [octets, apdu.userInformation] : [octets];
}

/** An APDU for every form that crossed the line in one of the sessions, by `client sends get-request/normal` and the like. */
export function formsOfSessions(): ReadonlyMap<string, Uint8Array> {
  const seen = new Map<string, Uint8Array>();
  const note = ({ wire }: Joined) => {
    for (const { towards, apdu } of wire)
      for (const octets of withInitiate(apdu))
        for (const form of formsIn(decodeApdu(octets))) {
          const name = `${towards === "server" ? "client" : "meter"} sends ${form}`;
          if (!seen.has(name)) seen.set(name, octets);
        }
  };
  for (const { client, profile, request, response } of blockForms) {
    const pair = new Joined({ client, profile, answer: () => response }).associate();
    pair.ask(request);
    note(pair);
  }
  // Nothing in common: the meter says so in the AARE.
  note(new Joined({ client: { conformance: new Set(["write"]) } }).associate());
  // What the meter does not answer at all it refuses.
  const mute = new Joined().associate();
  mute.client.send({ type: "request", id: 1, request: get(clock) }, 0);
  mute.pump();
  const id = mute.ofServer("request")[0]?.id ?? 0;
  mute.server.send({ type: "refuse", id, stateError: "service-unknown", serviceError: "other-reason" });
  mute.pump();
  note(mute);
  const authentication = { mechanism: "hls-gmac" } as const;
  const sn = { referencing: "short-name", shortNames } as const;
  for (const ciphering of [undefined, "service", "general"] as const)
    for (const dedicated of ciphering ? [false, true] : [false])
      for (const names of [{}, sn]) {
        const security = ciphering && {
          ...keys,
          ciphering,
          systemTitle: titles.client,
          ...(dedicated && { dedicatedKey: true as const }),
        };
        const byShortName = "referencing" in names;
        const conformance = byShortName
          ? ([
              "read",
              "write",
              "unconfirmed-write",
              "multiple-references",
              "parameterized-access",
              "information-report",
              "general-protection",
            ] as const)
          : ([...everything, "access", "general-protection"] as const);
        const pair = session(
          { ...names, ...(security && { authentication, security }) },
          {
            ...names,
            conformance: new Set(conformance),
            ...(security && { authentication, security: { ...keys, ciphering, systemTitle: titles.server } }),
          },
          byShortName ? [refused] : [access, ...lists],
        );
        note(pair);
      }
  return seen;
}

/** The same of sessions that need the layers above: gateways, pushes. */
export async function formsOfMeters(): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const note = (event: TraceEvent) => {
    if (event.type !== "bytes") return;
    const sender = event.direction === "sent" ? "client" : "meter";
    const packet = decodePacket(event.bytes);
    // What is ciphered is opened: a signed APDU may be within.
    const known = { ...keys, systemTitles: Object.values(titles) };
    for (const form of packet ? formsIn(translate(lines(packet.apdu), known)) : []) seen.add(`${sender} sends ${form}`);
  };
  await behindGateway(note);
  await betweenParties(note);
  for (const octets of await confirmedPush())
    for (const form of formsIn(decodeApdu(octets))) seen.add(`client sends ${form}`);
  return seen;
}

async function behindGateway(trace: (event: TraceEvent) => void): Promise<void> {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15) });
  const physicalDeviceAddress = hex("0102");
  const meter = new MockMeter({ clock });
  const gateway = new MockMeter({ clock, gateway: [{ physicalDeviceAddress, meter }] });
  const { endpoint } = await gateway.memory({ link: "wrapper" });
  const behind = await clock.run(connect(endpoint, { trace, gateway: { physicalDeviceAddress } }));
  await clock.run(behind.clock("0-0:1.0.0").time.get());
  await clock.run(behind.close());
}

/** A session ciphered under agreed keys, and one that is signed as well. */
async function betweenParties(trace: (event: TraceEvent) => void): Promise<void> {
  const both = parties(1);
  const authentication = { mechanism: "hls-gmac" } as const;
  const security = { ...keys, suite: 1 } as const;
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15) });
  const meter = new MockMeter({
    clock,
    systemTitle: titles.server,
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      {
        clientSap: 1,
        authentication,
        security: { ...security, systemTitle: titles.server, general: generalProtection(both.meter) },
      },
    ],
  });
  const { endpoint } = await meter.memory({ link: "wrapper" });
  for (const signing of [false, true]) {
    const general = generalProtection({ ...both.client, key: "one-pass" });
    const session = await clock.run(
      connect(endpoint, {
        client: 1,
        authentication,
        trace,
        security: {
          ...security,
          systemTitle: titles.client,
          meterSystemTitle: titles.server,
          ...(signing ? { signing } : { ciphering: "general-ciphering" }),
          general,
        },
      }),
    );
    await clock.run(session.clock("0-0:1.0.0").time.get());
    await clock.run(session.close());
  }
}

/** What the receiver answers to a push that wants to be confirmed. */
async function confirmedPush(): Promise<Uint8Array[]> {
  const end = await listenBench();
  await end.far.write(encodePacket({ source: 1, destination: 16, apdu: hex("0F40000007001105") }));
  await end.receiver.next();
  const rest = end.receiver.next();
  await end.clock.advance(10);
  await end.receiver.close();
  await rest;
  return end.answers.flatMap((octets) => decodePacket(octets)?.apdu ?? []);
}
