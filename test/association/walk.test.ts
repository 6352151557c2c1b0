// Every state of the association and of an exchange, at both ends, with every kind of APDU, command and silence: where
// it leads, and that the next association works.
import { describe, expect, it } from "vitest";
import { apduTags } from "../../src/apdu/table.js";
import { associationMachine } from "../../src/association/association.table.js";
import { ClientAssociation, type ClientAssociationEvent, ServerAssociation } from "../../src/association/index.js";
import { DlmsError, dlmsError } from "../../src/base/index.js";
import { clock, crypto, everything, get, hex, Joined, octets } from "./joined.js";

const secret = hex("30313233");
const authentication = { mechanism: "hls-md5", secret } as const;
const systemTitles = { client: hex("4142430000000001"), server: hex("4142430000000002") };
const data = octets(600);

/** A pair that stands still before the APDU with this number is delivered: `stopAt` counts from the AARQ. */
function halted(stopAt: number, act: (joined: Joined) => void = () => {}): Joined {
  let count = 0;
  const joined = new Joined({
    client: { authentication, maxPduSize: 128, systemTitle: systemTitles.client },
    profile: { authentication, maxPduSize: 128, systemTitle: systemTitles.server },
    answer: () => ({ service: "get", results: [{ ok: true, data }] }),
    fault: (apdu) => (count++ < stopAt ? [apdu] : []),
  });
  joined.client.send({ type: "associate" }, 0);
  joined.pump();
  act(joined);
  joined.pump();
  return joined;
}

/** APDUs on the wire until associated: AARQ, AARE, reply to HLS and its answer. */
const associated = 4;
const states: Record<string, () => Joined> = {
  idle: () => {
    const joined = halted(0);
    joined.client.send({ type: "link-lost", error: lost }, 0);
    joined.server.send({ type: "link-lost", error: lost });
    return joined;
  },
  "association-pending": () => halted(0),
  "authentication-pending": () => halted(2),
  associated: () => halted(associated),
  /** A GET was sent; the meter did not see it. */
  "associated, request on its way": () =>
    halted(associated, (joined) => joined.client.send({ type: "request", id: 1, request: get(clock) }, 0)),
  /** The first block of an answer came, the next was asked for. */
  "associated, in the blocks": () =>
    halted(associated + 2, (joined) => joined.client.send({ type: "request", id: 1, request: get(clock) }, 0)),
  "release-pending": () => halted(associated, (joined) => joined.client.send({ type: "release" }, 0)),
};
const lost = dlmsError("connection-lost", "the socket closed", { layer: "transport" });

/** One APDU of each kind that a meter sends, and some that it never should. */
const fromMeter: Record<string, Uint8Array> = {
  "aare accepted": hex("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400001A1D00800007"),
  "aare rejected": hex("611FA109060760857405080101A203020101A305A10302010DBE0604040E010600"),
  rlre: hex("6303800100"),
  "get-response": hex("C401C1000906010000010800"),
  "get-response, other invoke id": hex("C401CF0012000A"),
  "get block 1": hex("C402C1000000000100030900AA"),
  "get block 2, last": hex("C402C1010000000200030102AA"),
  "get block 9": hex("C402C1000000000900030102AA"),
  "get list": hex("C403C10100120001"),
  "set-response": hex("C501C100"),
  "set acknowledged": hex("C502C100000001"),
  "action-response": hex("C701C10000"),
  "read-response": hex("0C0100120001"),
  "write-response": hex("0D0100"),
  "exception-response": hex("D80202"),
  "confirmed-service-error": hex("0E010600"),
  "data-notification": hex("0F00000001000600000005"),
  "event-notification": hex("C20000080000010000FF020900"),
  "general block": hex("E0810001000003C401C1"),
  "general block, empty": hex("E08000010000" + "00"),
  "glo-get-response": hex("CC12300000000100112233445566778899AABBCCDD"),
  "general-glo": hex("DB0841424300000000021230000000010011223344556677889900"),
  aarq: hex("601DA109060760857405080101BE10040E01000000065F1F0400001A1DFFFF"),
  "get-request": hex("C001C100080000010000FF0200"),
  rlrq: hex("6203800100"),
  "unknown tag": hex("7F0102"),
  truncated: hex("C401"),
  empty: new Uint8Array(),
};

const commands: Record<string, (client: ClientAssociation, now: number) => void> = {
  associate: (client, now) => client.send({ type: "associate" }, now),
  release: (client, now) => client.send({ type: "release" }, now),
  request: (client, now) => client.send({ type: "request", id: 9, request: get(clock) }, now),
  cancel: (client, now) => client.send({ type: "cancel", id: 1 }, now),
  "link lost": (client, now) => client.send({ type: "link-lost", error: lost }, now),
  silence: (client) => {
    if (client.deadline !== undefined) client.handleTimeout(client.deadline);
  },
  "silence for ever": (client) => {
    for (let rounds = 0; client.deadline !== undefined; rounds++) {
      expect(rounds).toBeLessThan(100);
      client.handleTimeout(client.deadline);
      while (client.takeOutput());
    }
  },
};

/** The proof goes under invoke id 1, the GET after it under 2. */
const toTheGet = (apdu: Uint8Array) =>
  apdu[2] === 0xc1 && [0xc4, 0xc5, 0xc7].includes(apdu[0] ?? 0) ? apdu.with(2, 0xc2) : apdu;

const attempt = (what: () => void): string | undefined => {
  try {
    what();
    return undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return error.code;
  }
};

/** A sound meter meets the client: it associates and reads. */
function useAgain(client: ClientAssociation, what: string): void {
  const server = new ServerAssociation({
    clientSap: 16,
    crypto,
    profiles: [{ clientSap: 16, authentication, conformance: everything, systemTitle: systemTitles.server }],
  });
  client.send({ type: "link-lost", error: lost }, 0);
  const events: ClientAssociationEvent[] = [];
  const run = () => {
    while (client.takeOutput());
    while (client.nextEvent());
  };
  run();
  client.send({ type: "associate" }, 0);
  for (let turn = 0; turn < 50; turn++) {
    for (let out = client.takeOutput(); out; out = client.takeOutput()) server.receive(out);
    for (let event = server.nextEvent(); event; event = server.nextEvent())
      if (event.type === "request")
        server.send({ type: "respond", id: event.id, response: { service: "get", results: [{ ok: true, data }] } });
    for (let out = server.takeOutput(); out; out = server.takeOutput()) client.receive(out, 0);
    for (let event = client.nextEvent(); event; event = client.nextEvent()) {
      events.push(event);
      if (event.type === "associated") client.send({ type: "request", id: 77, request: get(clock) }, 0);
    }
  }
  expect(
    events.find((event) => event.type === "response"),
    `${what}: of use afterwards`,
  ).toMatchObject({ id: 77, response: { results: [{ ok: true, data }] } });
}

describe("client", () => {
  it("every state with every APDU, command and silence", () => {
    const walked: Record<string, string> = {};
    const moves: Record<string, (joined: Joined) => void> = {
      ...Object.fromEntries(
        Object.entries(fromMeter).map(([name, apdu]) => [
          name,
          (joined: Joined) => joined.client.receive(joined.client.state === "associated" ? toTheGet(apdu) : apdu, 1),
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(commands).map(([name, command]) => [name, (joined: Joined) => command(joined.client, 1)]),
      ),
    };
    for (const [state, reach] of Object.entries(states)) {
      const changes: string[] = [];
      for (const [name, move] of Object.entries(moves)) {
        const what = `${name} while ${state}`;
        const joined = reach();
        const { client } = joined;
        expect(client.state, what).toBe(state.split(",")[0]);
        while (client.takeOutput());
        while (client.nextEvent());
        const before = client.state;
        const refused = attempt(() => move(joined));
        if (refused) expect(["wrong-state", "invalid-argument"], what).toContain(refused);
        expect(Object.keys(associationMachine.table), what).toContain(client.state);
        const told: string[] = [];
        for (let event = client.nextEvent(); event; event = client.nextEvent()) {
          if (event.type === "response") {
            // Only what answers this GET is a value; a list of one is taken for it.
            expect(`${name}; ${state}`).toMatch(
              /^get-response; associated, request|^get list; associated, request|^get block 2, last; associated, in the/,
            );
          }
          if (event.type === "failed" || event.type === "rejected") told.push(`${event.type} ${event.error.code}`);
          else if (event.type !== "notice") told.push(event.type);
        }
        if (refused) changes.push(`${name}: refused`);
        else if (told.length > 0 || client.state !== before)
          changes.push(`${name}: ${[...(client.state === before ? [] : [client.state]), ...told].join(", ")}`);
        useAgain(client, what);
      }
      walked[state] = changes.join("; ");
    }
    expect(walked).toMatchInlineSnapshot(`
      {
        "associated": "data-notification: notification; event-notification: notification; associate: refused; release: release-pending; link lost: idle, failed connection-lost",
        "associated, in the blocks": "get block 2, last: response; set-response: failed response-mismatch; set acknowledged: failed response-mismatch; action-response: failed response-mismatch; read-response: failed response-mismatch; write-response: failed response-mismatch; exception-response: failed request-refused; confirmed-service-error: failed request-refused; data-notification: notification; event-notification: notification; general block: failed truncated; glo-get-response: failed key-unknown; general-glo: failed key-unknown; unknown tag: failed malformed; truncated: failed truncated; empty: failed truncated; associate: refused; release: failed aborted; cancel: failed aborted; link lost: idle, failed connection-lost, failed connection-lost; silence for ever: failed timeout",
        "associated, request on its way": "get-response: response; get list: response; set-response: failed response-mismatch; set acknowledged: failed response-mismatch; action-response: failed response-mismatch; read-response: failed response-mismatch; write-response: failed response-mismatch; exception-response: failed request-refused; confirmed-service-error: failed request-refused; data-notification: notification; event-notification: notification; general block: failed truncated; glo-get-response: failed key-unknown; general-glo: failed key-unknown; unknown tag: failed malformed; truncated: failed truncated; empty: failed truncated; associate: refused; release: failed aborted; cancel: failed aborted; link lost: idle, failed connection-lost, failed connection-lost; silence for ever: failed timeout",
        "association-pending": "aare accepted: idle, rejected hls-challenge-invalid; aare rejected: idle, rejected authentication-refused; exception-response: idle, rejected request-refused; confirmed-service-error: idle, rejected request-refused; data-notification: notification; event-notification: notification; general block: idle, rejected truncated; glo-get-response: idle, rejected key-unknown; general-glo: idle, rejected key-unknown; unknown tag: idle, rejected malformed; truncated: idle, rejected truncated; empty: idle, rejected truncated; associate: refused; release: refused; request: refused; link lost: idle, rejected connection-lost; silence: idle, rejected timeout; silence for ever: idle, rejected timeout",
        "authentication-pending": "get-response: idle, rejected response-mismatch; get block 1: idle, rejected response-mismatch; get block 2, last: idle, rejected response-mismatch; get block 9: idle, rejected response-mismatch; get list: idle, rejected response-mismatch; set-response: idle, rejected response-mismatch; set acknowledged: idle, rejected response-mismatch; action-response: idle, rejected hls-authentication-failed; read-response: idle, rejected response-mismatch; write-response: idle, rejected response-mismatch; exception-response: idle, rejected request-refused; confirmed-service-error: idle, rejected request-refused; data-notification: notification; event-notification: notification; general block: idle, rejected truncated; glo-get-response: idle, rejected key-unknown; general-glo: idle, rejected key-unknown; get-request: idle, rejected response-mismatch; unknown tag: idle, rejected malformed; truncated: idle, rejected truncated; empty: idle, rejected truncated; associate: refused; release: refused; request: refused; link lost: idle, rejected connection-lost; silence: idle, rejected timeout; silence for ever: idle, rejected timeout",
        "idle": "data-notification: notification; event-notification: notification; associate: association-pending; release: refused; request: refused",
        "release-pending": "rlre: idle, released; exception-response: idle, released; confirmed-service-error: idle, released; data-notification: notification; event-notification: notification; associate: refused; release: refused; request: refused; link lost: idle, failed connection-lost; silence: idle, released; silence for ever: idle, released",
      }
    `);
  });
});

describe("meter", () => {
  it("every state with every APDU: it serves the next client", () => {
    const fromClient: Record<string, Uint8Array> = {
      ...fromMeter,
      "aarq without a password": hex("601DA109060760857405080101BE10040E01000000065F1F0400001A1DFFFF"),
      "set-request": hex("C101C100080000010000FF020009050102030405"),
      "set first block": hex("C102C100080000010000FF02000000000001030102AA"),
      "set block 5": hex("C103C1000000000503010203"),
      "get next": hex("C002C100000001"),
      "get next 9": hex("C002C100000009"),
      "action-request": hex("C301C1000F0000280000FF0101090411223344"),
      "access-request": hex("D9400000010001010008000001000 0FF020100".replace(/ /g, "")),
      "read-request": hex("050102FA00"),
    };
    const walked: Record<string, string> = {};
    for (const [state, reach] of Object.entries(states)) {
      if (state === "release-pending") continue; // A meter answers a release at once: it is never there.
      const answers: string[] = [];
      for (const [name, apdu] of Object.entries(fromClient)) {
        const what = `${name} while ${state}`;
        const { server } = reach();
        while (server.takeOutput());
        while (server.nextEvent());
        const before = server.state;
        expect(attempt(() => server.receive(apdu))).toBeUndefined();
        const told: string[] = server.state === before ? [] : [server.state];
        for (let event = server.nextEvent(); event; event = server.nextEvent())
          if (event.type === "request") {
            expect(before, `${what}: nobody is served before the proof`).toBe("associated");
            server.send({ type: "respond", id: event.id, response: emptyTo(event.request.service) });
            told.push("served");
          }
        for (let out = server.takeOutput(); out; out = server.takeOutput())
          told.push(tagNames.get(out[0] as number) ?? "?");
        if (told.length > 0) answers.push(`${name}: ${told.join(", ")}`);
        serves(server, what);
      }
      walked[state] = answers.join("; ");
    }
    expect(walked).toMatchInlineSnapshot(`
      {
        "associated": "general block: exception-response; general-glo: exception-response; aarq: idle, aare; get-request: served, get-response; rlrq: idle, rlre; aarq without a password: idle, aare; set-request: served, set-response; set first block: set-response; set block 5: set-response; get next: get-response; get next 9: get-response; action-request: served, action-response; access-request: exception-response; read-request: exception-response",
        "associated, in the blocks": "general block: exception-response; general-glo: exception-response; aarq: idle, aare; get-request: served, get-response; rlrq: idle, rlre; aarq without a password: idle, aare; set-request: served, set-response; set first block: set-response; set block 5: set-response; get next: get-response; get next 9: get-response; action-request: served, action-response; access-request: exception-response; read-request: exception-response",
        "associated, request on its way": "general block: exception-response; general-glo: exception-response; aarq: idle, aare; get-request: served, get-response; rlrq: idle, rlre; aarq without a password: idle, aare; set-request: served, set-response; set first block: set-response; set block 5: set-response; get next: get-response; get next 9: get-response; action-request: served, action-response; access-request: exception-response; read-request: exception-response",
        "association-pending": "general block: exception-response; general block, empty: exception-response; general-glo: exception-response; aarq: aare; get-request: exception-response; rlrq: rlre; aarq without a password: aare; set-request: exception-response; set first block: exception-response; set block 5: exception-response; get next: exception-response; get next 9: exception-response; action-request: exception-response; access-request: exception-response; read-request: exception-response",
        "authentication-pending": "general block: exception-response; general-glo: exception-response; aarq: idle, aare; get-request: exception-response; rlrq: idle, rlre; aarq without a password: idle, aare; set-request: exception-response; set first block: exception-response; set block 5: exception-response; get next: exception-response; get next 9: exception-response; action-request: idle, action-response; access-request: exception-response; read-request: exception-response",
        "idle": "general block: exception-response; general block, empty: exception-response; general-glo: exception-response; aarq: aare; get-request: exception-response; rlrq: rlre; aarq without a password: aare; set-request: exception-response; set first block: exception-response; set block 5: exception-response; get next: exception-response; get next 9: exception-response; action-request: exception-response; access-request: exception-response; read-request: exception-response",
      }
    `);
  });
});

const tagNames = new Map(Object.entries(apduTags).map(([type, tag]) => [tag as number, type]));
const emptyTo = (service: "get" | "set" | "action" | "access") =>
  service === "set"
    ? { service, results: [0] }
    : service === "action"
      ? { service, results: [{ result: 0 }] }
      : service === "access"
        ? { service, results: [{ kind: "get" as const, result: 0, data: hex("1107") }] }
        : { service, results: [{ ok: true as const, data: hex("1107") }] };

/** The same meter meets a client that begins anew. */
function serves(server: ServerAssociation, what: string): void {
  const client = new ClientAssociation({ crypto, authentication, systemTitle: systemTitles.client });
  client.send({ type: "associate" }, 0);
  let answered = false;
  for (let turn = 0; turn < 20; turn++) {
    for (let out = client.takeOutput(); out; out = client.takeOutput()) server.receive(out);
    for (let event = server.nextEvent(); event; event = server.nextEvent())
      if (event.type === "request") server.send({ type: "respond", id: event.id, response: emptyTo("get") });
    for (let out = server.takeOutput(); out; out = server.takeOutput()) client.receive(out, 0);
    for (let event = client.nextEvent(); event; event = client.nextEvent()) {
      if (event.type === "associated") client.send({ type: "request", id: 5, request: get(clock) }, 0);
      if (event.type === "response") answered = true;
    }
  }
  expect(answered, `${what}: serves afterwards`).toBe(true);
}
