import { defaultProvider } from "#crypto";
import type { ServerAssociationEvent } from "../association/index.js";
import { dlmsError, equalBytes } from "../base/index.js";
import type { ObisLike } from "../cosem/index.js";
import type { CryptoProvider } from "../crypto/index.js";
import { type Data, encodeData } from "../data/index.js";
import type { HdlcLinkOptions } from "../hdlc/index.js";
import type { SignOnResponderOptions } from "../iec62056-21/index.js";
import {
  type Clock,
  type Endpoint,
  type Listener,
  type MemoryLink,
  type MemoryLinkOptions,
  memoryLink,
  systemClock,
  type Transport,
} from "../transport/index.js";
import { AccessTable, type MockAccessRights } from "./access-table.js";
import { associationObject } from "./association-object.js";
import { associationSnObject } from "./association-sn-object.js";
import { ClientRecord, defaultClients, type MockClient, mockClientSaps, mockCredentials } from "./clients.js";
import { LogicalDevice } from "./device.js";
import { eventFor, type MockEvent } from "./events.js";
import { type HouseholdMeterOptions, householdObjects, logicalName } from "./household-meter.js";
import { MockLine } from "./line.js";
import { MeterClock } from "./meter-clock.js";
import { type DialledLine, type DialOptions, Modem } from "./modem.js";
import type { MockObject } from "./object.js";
import { accessByReferencing, accessForPublic } from "./public-access.js";
import { type PushRoute, PushService } from "./push/push-service.js";
import type { Pusher, PusherOptions } from "./push/pusher.js";
import type { SecuritySetupState } from "./security-setup.js";
import { securitySetupObjects, securitySetups } from "./security-setups.js";
import type { SessionHost } from "./session.js";
import { BaseNames } from "./short-names.js";
import type { MeterTimeZone } from "./time-zone.js";

export interface MockMeterOptions {
  /** Time and timers; the system's own when left out, a virtual clock in tests. */
  readonly clock?: Clock;
  readonly crypto?: CryptoProvider;
  /** The household behind the meter. */
  readonly household?: HouseholdMeterOptions;
  readonly timeZone?: MeterTimeZone;
  /** Objects beside those of the household; one with a known logical name takes its place. */
  readonly objects?: readonly MockObject[];
  /** How clients address the objects, unless one of `clients` says otherwise. Default `logical-name`. */
  readonly referencing?: "logical-name" | "short-name";
  /** Who may associate, and how. Default: public (16), password (2), HLS-GMAC with ciphering (1). */
  readonly clients?: readonly MockClient[];
  readonly systemTitle?: Uint8Array;
  /**
   * Rights to attributes and methods, and the protection that each demands. The object list is then that of Association
   * LN version 3 (SN version 4).
   */
  readonly accessRights?: readonly MockAccessRights[];
  /**
   * Counter of the first message that the meter ciphers. Default: one that rises with the time, since a meter does not
   * go back when it is switched on again.
   */
  readonly firstSentCounter?: number;
  /** Version of the Security setup class. Default 0 for clients of suite 0, 1 for those of suites 1 and 2. */
  readonly securitySetupVersion?: 0 | 1;
  /** Number of the logical device. Default 1. */
  readonly logicalDevice?: number;
  /** HDLC lower address; any is answered when left out. */
  readonly physicalDevice?: number;
  /** Largest APDU that the meter takes. Default 1,024. What it sends is limited by what the client takes. */
  readonly maxPduSize?: number;
  /** General blocks that a client may send at once, 1 to 63. Default 8. */
  readonly blockWindow?: number;
  /** Limits of the HDLC link: information field, window, time-outs. */
  readonly hdlc?: Partial<HdlcLinkOptions>;
  /**
   * Where a Push setup pushes when a client invokes its method. Without it, over the lines of that client, as `push`
   * does.
   */
  readonly pushTo?: PushRoute;
  /** Identification and read-out of the optical port. */
  readonly signOn?: Partial<SignOnResponderOptions>;
  /** Meters behind this one, which is then their gateway (Green Book, gateway protocol). */
  readonly gateway?: readonly GatewayDevice[];
  /** Hears everything the associations tell, for tests. */
  readonly observe?: (clientSap: number, event: ServerAssociationEvent) => void;
}

/** What the meter tells unasked, in a data-notification. */
export interface MockPush {
  readonly body: Data;
  /** Twelve octets; none when left out. */
  readonly dateTime?: Uint8Array;
  readonly longInvokeId?: number;
  /** The client it is for: told whether it is associated or not. All that are associated when left out. */
  readonly client?: number;
}

/** A meter behind a gateway. */
export interface GatewayDevice {
  /** Number of the network behind the gateway. Default 0. */
  readonly networkId?: number;
  readonly physicalDeviceAddress: Uint8Array;
  readonly meter: MockMeter;
}

/** How a line is served. */
export interface ServeOptions {
  readonly link: "hdlc" | "wrapper";
  /** Begin with the IEC 62056-21 sign-on, as an optical port does. */
  readonly signOn?: boolean;
}

/** Thirty-two a second, more than a meter sends on the average: the range lasts for four years, and then again. */
function counterOfTime(wallTime: number): number {
  const ticks = Math.floor((wallTime - Date.UTC(2026, 0, 1)) / (1000 / 32));
  return Math.max(1, ticks % 0xff00_0000);
}

const defaults = { logicalDevice: 1, maxPduSize: 1024 } as const;

/**
 * A meter in software: the client's machines in the other role, a household behind it, several clients at once on
 * any transport.
 */
export class MockMeter {
  readonly device: LogicalDevice;
  readonly clock: MeterClock;
  readonly #options: MockMeterOptions;
  readonly #records: ReadonlyMap<number, ClientRecord>;
  /** Security setups by the address of their client. */
  readonly #setups: ReadonlyMap<number, SecuritySetupState>;
  readonly #lines = new Set<MockLine>();
  readonly #listeners: Listener[] = [];
  readonly #modems = new Set<Modem>();
  readonly #push: PushService;
  readonly #host: SessionHost;
  readonly #baseNames = new BaseNames(() => this.device);

  constructor(options: MockMeterOptions = {}) {
    this.#options = options;
    const systemTitle = options.systemTitle ?? mockCredentials.systemTitle;
    const clock = options.clock ?? systemClock;
    const { referencing = "logical-name" } = options;
    const clients = (options.clients ?? defaultClients(systemTitle)).map((client) => ({ referencing, ...client }));
    this.clock = new MeterClock(() => clock.wallTime(), options.timeZone);
    const sent = options.firstSentCounter ?? counterOfTime(clock.wallTime());
    this.#records = new Map(clients.map((client) => [client.clientSap, new ClientRecord(client, sent)]));
    this.#setups = securitySetups(this.#records, options.crypto ?? defaultProvider, options.securitySetupVersion);
    const rights = options.accessRights && new AccessTable(options.accessRights);
    this.device = new LogicalDevice(
      [
        ...householdObjects(this.clock, systemTitle, options.household ?? {}),
        ...this.#managementObjects(systemTitle),
        ...(options.objects ?? []),
      ]
        .map((object) => accessForPublic(object, (clientSap) => this.#isTrusted(clientSap)))
        .map((object) => accessByReferencing(object, (clientSap) => this.#isBySn(clientSap)))
        .map((object) => rights?.applied(object) ?? object),
    );
    this.#push = new PushService({
      device: this.device,
      clock,
      crypto: options.crypto ?? defaultProvider,
      server: options.logicalDevice ?? defaults.logicalDevice,
      route: options.pushTo,
      now: () => this.clock.now(),
      security: (client) => this.#records.get(client)?.profile(0, this.#baseNames).security,
      tell: (body, client) => void this.push({ body, client }),
    });
    this.#host = {
      device: this.device,
      crypto: options.crypto ?? defaultProvider,
      maxPduSize: options.maxPduSize ?? defaults.maxPduSize,
      blockWindow: options.blockWindow,
      shortNames: this.#baseNames,
      now: () => this.clock.now(),
      record: (clientSap) => this.#records.get(clientSap),
      policy: (clientSap) => this.#setups.get(clientSap)?.inForce,
      observe: (clientSap, event) => options.observe?.(clientSap, event),
      behind: (networkId, address) => this.#behind(networkId, address),
    };
  }

  /** Counter that this client's next message must be above; undefined for a client that is not known. */
  receivedCounter(clientSap: number): number | undefined {
    return this.#records.get(clientSap)?.receivedCounter;
  }

  /** Security setup of this client: the policy in force, and its keys. Undefined for a client without ciphering. */
  securitySetup(clientSap: number): SecuritySetupState | undefined {
    return this.#setups.get(clientSap);
  }

  /** Serves one line until it closes. */
  async serve(transport: Transport, options: ServeOptions): Promise<void> {
    const { hdlc, physicalDevice, logicalDevice = defaults.logicalDevice } = this.#options;
    const line: MockLine = new MockLine(transport, this.#host, {
      link: options.link,
      logicalDevice,
      ...(physicalDevice === undefined ? {} : { physicalDevice }),
      ...(options.signOn === true ? { signOn: this.#signOn() } : {}),
      ...(hdlc === undefined ? {} : { hdlc }),
      accepts: (logical, physical) =>
        logical === logicalDevice &&
        (physical === undefined || physicalDevice === undefined || physical === physicalDevice),
      ended: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    await line.open();
  }

  /** Serves everybody who comes to the listener. */
  async listen(listener: Listener, options: ServeOptions): Promise<void> {
    this.#listeners.push(listener);
    await listener.listen((transport) => void this.serve(transport, options).catch(() => undefined));
  }

  /**
   * Dials in, as meters behind a mobile network do: opens the line to `endpoint`, as `tcp({ host, port })` of
   * `dlms-cosem/node`, and is served there like anywhere else. Pushes go out on it too.
   * @throws TransportError when nobody answers there.
   */
  async dial(endpoint: Endpoint, options: DialOptions = {}): Promise<DialledLine> {
    const link = options.link ?? endpoint.link;
    const modem = new Modem(endpoint, options, (transport) => this.serve(transport, { link }));
    this.#modems.add(modem);
    await modem.dial();
    return modem;
  }

  /** A way to this meter in memory, for `connect`; the line may be slow and faulty. */
  async endpoint(options: MemoryLinkOptions = {}): Promise<Endpoint> {
    return (await this.memory(options)).endpoint;
  }

  /** The same with the line in hand: its statistics, and faults. */
  async memory(options: MemoryLinkOptions = {}): Promise<MemoryLink> {
    const link = memoryLink({
      ...(this.#options.clock === undefined ? {} : { clock: this.#options.clock }),
      ...options,
    });
    const signOn = options.signOn?.mode === "mode-e";
    await this.listen(link.listener, { link: options.link ?? "hdlc", signOn });
    return link;
  }

  /**
   * Sends a data-notification, protected as the client's association is; over HDLC in UI frames. Without an
   * association it goes out in general-glo-ciphering where the client has keys. Gives the number of peers told.
   */
  push({ body, client, dateTime = new Uint8Array(), longInvokeId }: MockPush): number {
    const invokeId = longInvokeId ?? this.#push.nextInvokeId();
    const notification = { kind: "data-notification", longInvokeId: invokeId, dateTime } as const;
    const push = { type: "notify", notification: { ...notification, body: encodeData(body) } } as const;
    let told = 0;
    for (const line of this.#lines) told += line.push(push, client);
    return told;
  }

  /**
   * Tells associated clients of an attribute: EventNotification, or InformationReport with short names. Over HDLC it
   * waits until the client polls for events. Gives the number of clients it is for.
   */
  notify(event: MockEvent): number {
    const host = { ...this.#host, device: this.device, isBySn: (clientSap: number) => this.#isBySn(clientSap) };
    let told = 0;
    for (const line of this.#lines) told += line.tell((clientSap) => eventFor(event, clientSap, host), event.client);
    return told;
  }

  /**
   * Sends a client what a Push setup of the meter lists, as `push` does.
   * @throws UsageError `invalid-argument` when there is no such Push setup.
   */
  pushBySetup(setup: ObisLike, client: number): void {
    this.#push.tellBySetup(setup, client);
  }

  /**
   * Pushes over a line of its own, without any association: over any carrier, by a Push setup or not, confirmed or not.
   * `close` of the meter closes it too.
   */
  pusher(line: Endpoint | Transport, options: PusherOptions = {}): Pusher {
    return this.#push.pusher(line, options, mockClientSaps.public);
  }

  /** Closes every line and listener. */
  async close(): Promise<void> {
    await Promise.all([...this.#listeners, ...this.#modems, this.#push].map((one) => one.close()));
    await Promise.all([...this.#lines].map((line) => line.close()));
    this.#lines.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #behind(networkId: number, address: Uint8Array): SessionHost | undefined {
    const devices = this.#options.gateway ?? [];
    const found = devices.find(
      (device) => (device.networkId ?? 0) === networkId && equalBytes(device.physicalDeviceAddress, address),
    );
    return found === undefined ? undefined : found.meter.#host;
  }

  /** A client that proved who it is sees everything, and so does one whose every APDU proves it. */
  #isTrusted(clientSap: number): boolean {
    const client = this.#records.get(clientSap)?.client;
    if (client === undefined) return false;
    return client.authentication.mechanism !== "none" || /^authenticated/.test(client.security?.protection ?? "");
  }

  #isBySn(clientSap: number): boolean {
    return this.#records.get(clientSap)?.client.referencing === "short-name";
  }

  #signOn(): SignOnResponderOptions {
    return { identification: "/DLM5\\2MOCK", readOut: this.#readOut(), ...this.#options.signOn };
  }

  /** The data read-out of mode C: identification and energy. */
  #readOut(): string {
    const register = (name: string) => {
      const value = this.device.find(logicalName(name))?.attributes.get(2)?.get({
        clientSap: 0,
        protection: "none",
        now: this.clock.now(),
        device: this.device,
      });
      if (value === undefined || value instanceof Uint8Array || value.type !== "double-long-unsigned") return "";
      return `(${(value.value / 1000).toFixed(3).padStart(10, "0")}*kWh)`;
    };
    return `F.F(00)\r\n1.8.0${register("1.0.1.8.0.255")}\r\n2.8.0${register("1.0.2.8.0.255")}\r\n!\r\n`;
  }

  #managementObjects(systemTitle: Uint8Array): MockObject[] {
    const { maxPduSize = defaults.maxPduSize, logicalDevice = defaults.logicalDevice } = this.#options;
    const name = logicalName("0.0.40.0.0.255");
    const firstSetup = logicalName("0.0.43.0.0.255");
    const securitySetup = (clientSap: number) => this.#setups.get(clientSap)?.options.logicalName ?? firstSetup;
    const recordOf = (clientSap: number) => {
      const record = this.#records.get(clientSap);
      if (record === undefined) throw dlmsError("invalid-argument", `no client ${clientSap}`, { layer: "mock" });
      return record;
    };
    const withUsers = [...this.#records.values()].some(({ users }) => users.size > 0);
    const modes = this.#options.accessRights === undefined ? "enumerated" : "bits";
    const describe = (clientSap: number) => {
      const record = recordOf(clientSap);
      return {
        clientSap,
        serverSap: logicalDevice,
        ciphering: record.client.security !== undefined,
        mechanismId: record.mechanismId,
        maxPduSize,
        conformance: record.conformance,
        securitySetup: securitySetup(clientSap),
        users: record.users,
        changePassword: (password: Uint8Array) => record.changePassword(password),
        changeHlsSecret: (secret: Uint8Array) => record.changeHlsSecret(secret),
      };
    };
    return [
      associationObject(name, describe, { modes, withUsers }),
      associationSnObject(name, {
        modes,
        baseNameOf: (object) => this.#baseNames.baseNameOf(object),
        securitySetup,
        changeSecret: (clientSap, secret) => {
          const record = recordOf(clientSap);
          return record.changePassword(secret) || record.changeHlsSecret(secret);
        },
      }),
      ...securitySetupObjects([...this.#setups.values()], systemTitle, this.#options.crypto ?? defaultProvider),
    ];
  }
}
