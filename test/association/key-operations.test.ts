import { describe, expect, it } from "vitest";
import type { ClientAssociationOptions, KeyRequest, ServiceRequest } from "../../src/association/index.js";
import { dlmsError } from "../../src/base/index.js";
import type { GeneralKey } from "../../src/security/index.js";
import { crypto, get, hex, Joined, register } from "./joined.js";
import { clientTitle, hsm, meterTitle, parties } from "./parties.js";

const value = hex("0600000001");
const answer = (request: ServiceRequest) =>
  request.service === "set"
    ? ({ service: "set", results: request.items.map(() => 0) } as const)
    : ({ service: "get", results: request.items.map(() => ({ ok: true, data: value }) as const) } as const);
const set: ServiceRequest = { service: "set", items: [{ attribute: register(1), value }] };

/** A client whose private keys are kept elsewhere, and what it asks of their keeper. */
class Kept extends Joined {
  readonly keys = parties(1);
  /** Operations that were not answered. */
  open(): KeyRequest[] {
    return this.of("key-operation").filter(({ id }) => !this.#answered.has(id));
  }
  readonly #answered = new Set<number>();

  /** Performs an operation that is open, the oldest unless told otherwise. */
  perform(at = 0): void {
    const request = this.open().at(at);
    if (!request) throw new Error("no operation is open");
    this.#answered.add(request.id);
    const outcome = request.operation.perform();
    if (typeof outcome !== "boolean" && !(outcome instanceof Uint8Array))
      throw new Error("this keeper answers at once");
    this.client.send({ type: "key-answer", id: request.id, outcome }, this.now);
    this.pump();
  }

  fail(cause: unknown): void {
    const [request] = this.open();
    if (!request) throw new Error("no operation is open");
    this.#answered.add(request.id);
    this.client.send({ type: "key-failed", id: request.id, cause }, this.now);
    this.pump();
  }

  performAll(): this {
    this.pump();
    while (this.open().length > 0) this.perform();
    return this;
  }

  get sent(): number {
    return this.wire.filter(({ towards }) => towards === "server").length;
  }
}

function kept(key: GeneralKey, more: ClientAssociationOptions = {}, signing = false): Kept {
  const keys = parties(1);
  const { signs, agrees } = hsm(keys);
  const security = keys.security({ key, signaturePrivateKey: signs, agreementPrivateKey: agrees }, { signing });
  return new Kept({
    client: { security: security.client, ...more },
    profile: { security: security.meter },
    answer,
  });
}

/** Begins a request and gives its id. */
function begin(pair: Kept, id: number, request: ServiceRequest = get(register(id)), how = {}): void {
  pair.client.send({ type: "request", id, request, ...how }, pair.now);
  pair.pump();
}

function associated(key: GeneralKey, more: ClientAssociationOptions = {}, signing = false): Kept {
  const pair = kept(key, more, signing);
  pair.client.send({ type: "associate" }, pair.now);
  pair.performAll();
  expect(pair.of("associated")).toHaveLength(1);
  return pair;
}

describe("private keys that are kept elsewhere", () => {
  for (const key of ["one-pass", "static"] as const)
    for (const signing of [false, true])
      it(`${key}${signing ? ", signed" : ""}: a whole session, nothing leaves before its key was used`, () => {
        const pair = kept(key, {}, signing);
        pair.client.send({ type: "associate" }, 0);
        pair.pump();
        expect(pair.sent).toBe(0);
        expect(pair.client.state).toBe("association-pending");
        pair.performAll();
        expect(pair.client.state).toBe("associated");
        begin(pair, 1);
        expect(pair.outcome(1)).toBeUndefined();
        pair.performAll();
        expect(pair.outcome(1)).toMatchObject({ response: { results: [{ ok: true, data: value }] } });
        pair.client.send({ type: "release" }, 0);
        pair.performAll();
        expect(pair.of("released")).toHaveLength(1);
        expect(pair.notices).toEqual([]);
      });

  it("what is sent and what is received keep their order, and each waits its turn", () => {
    const pair = associated("static", { maxInFlight: 3 });
    const before = pair.sent;
    for (const id of [1, 2, 3]) begin(pair, id);
    expect([pair.open().length, pair.sent - before]).toEqual([1, 0]);
    // Two requests leave; their answers wait for each other, and the third request for nobody.
    pair.perform();
    expect(pair.sent - before).toBe(1);
    pair.performAll();
    expect(pair.events.filter(({ type }) => type === "response").map((event) => "id" in event && event.id)).toEqual([
      1, 2, 3,
    ]);
    expect(pair.ofServer("request").map(({ request }) => request.items[0])).toEqual(
      [1, 2, 3].map((id) => ({ attribute: register(id) })),
    );
  });

  it("answers that come while another is being opened are taken after it", () => {
    const pair = associated("one-pass", { maxInFlight: 2, invokeIds: "rotate" });
    begin(pair, 1);
    begin(pair, 2);
    pair.perform();
    // The first answer waits to be opened, the second request to be sent: that goes first, and is answered at once.
    expect(pair.open()).toHaveLength(2);
    const outgoing = pair.open().findIndex(({ operation }) => operation.kind === "sign");
    pair.perform(outgoing);
    expect(pair.ofServer("request")).toHaveLength(2);
    expect(pair.of("response")).toEqual([]);
    pair.performAll();
    const told = pair.events.flatMap((event) => (event.type === "response" ? [event.id] : []));
    expect(told).toEqual([1, 2]);
  });

  it("only the keeper's own time runs while it is waited for; then the request fails under its own code", () => {
    const pair = associated("one-pass", { keyTimeoutMs: 60_000, responseTimeoutMs: 1_000 });
    const before = pair.sent;
    begin(pair, 1, set);
    expect(pair.client.deadline).toBe(60_000);
    pair.now = 30_000;
    pair.client.handleTimeout(pair.now);
    expect(pair.pump().outcome(1)).toBeUndefined();
    pair.now = 60_000;
    pair.client.handleTimeout(pair.now);
    expect(pair.pump().outcome(1)).toMatchObject({ error: { code: "private-key-failed", outcomeUnknown: false } });
    expect(pair.sent).toBe(before);
    // What comes too late is dropped, and the next request goes its way.
    pair.perform();
    expect(pair.sent).toBe(before);
    begin(pair, 2);
    pair.performAll();
    expect(pair.outcome(2)?.type).toBe("response");
  });

  it("the full time for an answer begins when the request leaves", () => {
    const pair = associated("one-pass", { keyTimeoutMs: 60_000, responseTimeoutMs: 1_000, retries: 0 });
    pair.fault = () => [];
    begin(pair, 1);
    pair.now = 59_000;
    pair.perform();
    expect(pair.client.deadline).toBe(60_000);
  });

  it("a cancelled request does not leave, whatever the keeper says later", () => {
    const pair = associated("one-pass");
    const before = pair.sent;
    begin(pair, 1, set);
    pair.client.send({ type: "cancel", id: 1 }, 0);
    expect(pair.pump().outcome(1)).toMatchObject({ error: { code: "aborted", outcomeUnknown: false } });
    pair.perform();
    expect(pair.sent).toBe(before);
    begin(pair, 2);
    pair.performAll();
    expect(pair.outcome(2)?.type).toBe("response");
  });

  it("a keeper that fails ends the request with what it said as the cause, and no other", () => {
    const pair = associated("one-pass", { maxInFlight: 2 });
    begin(pair, 1, set);
    begin(pair, 2);
    pair.fail(new Error("slot 3 is locked"));
    expect(pair.outcome(1)).toMatchObject({
      error: { code: "private-key-failed", outcomeUnknown: false, cause: { message: "slot 3 is locked" } },
    });
    pair.performAll();
    expect(pair.outcome(2)?.type).toBe("response");
  });

  for (const [what, outcome] of [
    ["a signature that is too short", new Uint8Array(63)],
    ["a yes", true],
  ] as const)
    it(`${what} is no signature`, () => {
      const pair = associated("one-pass");
      begin(pair, 1);
      const [request] = pair.open();
      pair.client.send({ type: "key-answer", id: request?.id ?? 0, outcome }, 0);
      expect(pair.pump().outcome(1)).toMatchObject({ error: { code: "private-key-failed" } });
    });

  it("a lost link ends what waits; the keeper's answer meets nobody", () => {
    const pair = associated("one-pass");
    const before = pair.sent;
    begin(pair, 1);
    pair.client.send({ type: "link-lost", error: dlmsError("connection-lost", "cut", { layer: "transport" }) }, 0);
    expect(pair.pump().outcome(1)).toMatchObject({ error: { code: "connection-lost" } });
    expect(pair.client.deadline).toBeUndefined();
    pair.perform();
    expect([pair.sent, pair.client.state]).toEqual([before, "idle"]);
  });

  it("a keeper that fails before the AARQ ends the association; another attempt is free", () => {
    const pair = kept("one-pass");
    pair.client.send({ type: "associate" }, 0);
    pair.pump().fail(new Error("no session"));
    expect(pair.of("rejected")).toMatchObject([{ error: { code: "private-key-failed" } }]);
    expect(pair.sent).toBe(0);
    pair.client.send({ type: "associate" }, 0);
    pair.performAll();
    expect(pair.client.state).toBe("associated");
  });

  it("an unconfirmed request is done when it has left", () => {
    const pair = associated("one-pass");
    begin(pair, 1, set, { unconfirmed: true });
    expect(pair.outcome(1)).toBeUndefined();
    pair.performAll();
    expect(pair.outcome(1)).toMatchObject({ type: "response", response: { results: [] } });
    expect(pair.ofServer("request")).toMatchObject([{ unconfirmed: true }]);
  });

  it("hls-ecdsa signs its proof there", () => {
    const keys = parties(1);
    const { signs, used } = hsm(keys);
    const pair = new Kept({
      client: {
        systemTitle: clientTitle,
        authentication: {
          mechanism: "hls-ecdsa",
          privateKey: signs,
          peerPublicKey: keys.pairs.meterSigns.publicKey,
        },
      },
      profile: {
        systemTitle: meterTitle,
        authentication: {
          mechanism: "hls-ecdsa",
          privateKey: keys.pairs.meterSigns.privateKey,
          peerPublicKey: keys.pairs.clientSigns.publicKey,
        },
      },
      answer,
    });
    pair.client.send({ type: "associate" }, 0);
    pair.pump();
    expect(pair.client.state).toBe("authentication-pending");
    pair.performAll();
    expect([pair.client.state, used]).toEqual(["associated", ["sign"]]);
  });

  it("no key of a keeper is at hand for a meter of ours that answers at once", () => {
    const keys = parties(1);
    const never = { sign: () => new Promise<never>(() => undefined), agree: () => new Promise<never>(() => undefined) };
    const { client } = keys.security({ key: "one-pass" });
    const general = keys.security({ signaturePrivateKey: never }).client.general;
    const pair = new Joined({
      client: { security: client },
      profile: { security: { ...keys.shared, systemTitle: meterTitle, ...(general && { general }) } },
    }).associate();
    expect(pair.of("associated")).toEqual([]);
    expect(crypto.name).toBeDefined();
  });
});
