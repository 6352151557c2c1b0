import {
  ClientAssociation,
  type ClientAssociationEvent,
  type ClientAssociationOptions,
  type Conformance,
  ServerAssociation,
  type ServerAssociationEvent,
  type ServerProfile,
  type ServiceRequest,
  type ServiceResponse,
} from "../../src/association/index.js";
import { fromHex } from "../../src/base/index.js";
import { defaultProvider } from "../../src/node/crypto.js";

export const crypto = defaultProvider;
export const hex = (text: string) => fromHex(text);

/** What a meter of these tests grants unless told otherwise. */
export const everything: Conformance = new Set([
  "attribute0-supported-with-set",
  "priority-mgmt-supported",
  "attribute0-supported-with-get",
  "block-transfer-with-get-or-read",
  "block-transfer-with-set-or-write",
  "block-transfer-with-action",
  "multiple-references",
  "data-notification",
  "get",
  "set",
  "selective-access",
  "event-notification",
  "action",
]);

export const without = (...bits: (typeof everything extends ReadonlySet<infer T> ? T : never)[]): Conformance =>
  new Set([...everything].filter((bit) => !bits.includes(bit)));

export const clock = { classId: 8, instanceId: hex("0000010000FF"), attributeId: 2 };
export const register = (n: number) => ({
  classId: 3,
  instanceId: new Uint8Array([1, 0, n, 8, 0, 255]),
  attributeId: 2,
});
export const get = (...attributes: (typeof clock)[]): ServiceRequest => ({
  service: "get",
  items: attributes.map((attribute) => ({ attribute })),
});

/** An octet-string of `length` octets, encoded; every octet differs from its neighbours. */
export function octets(length: number): Uint8Array {
  const header =
    length < 128
      ? [9, length]
      : length < 256
        ? [9, 0x81, length]
        : length < 65536
          ? [9, 0x82, length >> 8, length & 255]
          : [9, 0x83, length >> 16, (length >> 8) & 255, length & 255];
  const whole = new Uint8Array(header.length + length);
  whole.set(header);
  for (let i = 0; i < length; i++) whole[header.length + i] = (i * 7 + (i >> 8)) & 255;
  return whole;
}

export type Answer = (request: ServiceRequest) => ServiceResponse;

/** What may happen to an APDU on its way: what is handed on instead of it. */
export type Fault = (apdu: Uint8Array, towards: "client" | "server", index: number) => readonly Uint8Array[];

export interface JoinedOptions {
  readonly client?: ClientAssociationOptions;
  readonly profile?: Partial<ServerProfile>;
  readonly answer?: Answer;
  readonly fault?: Fault;
  readonly maxRequestBytes?: number;
}

/** A client and a meter in one memory, on a clock of their own. */
export class Joined {
  readonly client: ClientAssociation;
  readonly server: ServerAssociation;
  readonly events: ClientAssociationEvent[] = [];
  readonly serverEvents: ServerAssociationEvent[] = [];
  /** Every APDU that was handed out. */
  readonly wire: { readonly towards: "client" | "server"; readonly apdu: Uint8Array }[] = [];
  now = 0;
  answer: Answer | undefined;
  fault: Fault;

  constructor({ client, profile, answer, fault, maxRequestBytes }: JoinedOptions = {}) {
    this.client = new ClientAssociation({ crypto, ...client });
    this.server = new ServerAssociation({
      clientSap: 16,
      crypto,
      profiles: [{ clientSap: 16, authentication: { mechanism: "none" }, conformance: everything, ...profile }],
      ...(maxRequestBytes !== undefined && { maxRequestBytes }),
    });
    this.answer = answer;
    this.fault = fault ?? ((apdu) => [apdu]);
  }

  /** Moves APDUs until both ends are quiet. */
  pump(): this {
    for (let busy = true, rounds = 0; busy; rounds++) {
      if (rounds > 100_000) throw new Error("the two ends do not come to rest");
      busy = false;
      for (let apdu = this.client.takeOutput(); apdu; apdu = this.client.takeOutput()) {
        busy = true;
        this.#carry(apdu, "server");
      }
      this.#serve();
      for (let apdu = this.server.takeOutput(); apdu; apdu = this.server.takeOutput()) {
        busy = true;
        this.#carry(apdu, "client");
      }
      for (let event = this.client.nextEvent(); event; event = this.client.nextEvent()) this.events.push(event);
    }
    return this;
  }

  /** Lets time pass until the client waits for nothing. */
  run(): this {
    this.pump();
    for (let deadline = this.client.deadline; deadline !== undefined; deadline = this.client.deadline) {
      this.now = deadline;
      this.client.handleTimeout(this.now);
      this.pump();
    }
    return this;
  }

  associate(): this {
    this.client.send({ type: "associate" }, this.now);
    return this.run();
  }

  /** Asks, and gives what the client then tells about it. */
  ask(request: ServiceRequest, options: { streaming?: boolean; unconfirmed?: boolean; retry?: boolean } = {}) {
    const id = 1000 + this.wire.length;
    this.client.send({ type: "request", id, request, ...options }, this.now);
    this.run();
    return this.outcome(id);
  }

  outcome(id: number) {
    return this.events.find(
      (event): event is Extract<ClientAssociationEvent, { type: "response" | "failed" }> =>
        (event.type === "response" || event.type === "failed") && event.id === id,
    );
  }

  of<T extends ClientAssociationEvent["type"]>(type: T) {
    return this.events.filter((event): event is Extract<ClientAssociationEvent, { type: T }> => event.type === type);
  }

  ofServer<T extends ServerAssociationEvent["type"]>(type: T) {
    return this.serverEvents.filter(
      (event): event is Extract<ServerAssociationEvent, { type: T }> => event.type === type,
    );
  }

  get notices(): string[] {
    return this.of("notice").map(({ name }) => name);
  }

  #carry(apdu: Uint8Array, towards: "client" | "server"): void {
    this.wire.push({ towards, apdu });
    for (const arrived of this.fault(apdu, towards, this.wire.length - 1)) {
      if (towards === "server") this.server.receive(arrived);
      else this.client.receive(arrived, this.now);
    }
  }

  #serve(): void {
    for (let event = this.server.nextEvent(); event; event = this.server.nextEvent()) {
      this.serverEvents.push(event);
      if (event.type === "request" && this.answer)
        this.server.send({ type: "respond", id: event.id, response: this.answer(event.request) });
    }
  }
}
