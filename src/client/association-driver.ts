import {
  ClientAssociation,
  type ClientAssociationCommand,
  type ClientAssociationEvent,
  type ClientAssociationOptions,
  type KeyRequest,
  type Negotiated,
  type Notification,
  type ProtectionLike,
  type SecurityPolicy,
  type ServiceRequest,
  type ServiceResponse,
} from "../association/index.js";
import { type DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { KeyReplacement } from "../security/index.js";
import { type Clock, DeadlineTimer } from "../transport/index.js";
import { type Deferred, deferred } from "./deferred.js";
import type { ValuePart } from "./profile-source.js";

/** How one request is carried out. */
export interface RequestHow {
  readonly streaming?: boolean;
  readonly highPriority?: boolean;
  readonly unconfirmed?: boolean;
  readonly retry?: boolean;
  readonly protection?: ProtectionLike | undefined;
  readonly responseProtection?: ProtectionLike | undefined;
}

/** What an association needs of the session it belongs to. */
export interface AssociationHost {
  readonly clock: Clock;
  /** Hands an APDU to the link; one that is unconfirmed gets no answer. */
  transmit(apdu: Uint8Array, unconfirmed: boolean): void;
  /** The meter has more to say without being asked: it is given the turn. */
  moreExpected(): void;
  notice(notice: Notice, layer: "association"): void;
  notification(notification: Notification): void;
  /** The association is over without anyone having asked for it. */
  failed(error: DlmsError): void;
}

interface Pending {
  resolve(response: ServiceResponse): void;
  reject(error: DlmsError): void;
  part?(part: ValuePart): void;
}

/** Drives the association machine: its events become promises, its deadline a timer. */
export class AssociationDriver {
  readonly #association: ClientAssociation;
  readonly #host: AssociationHost;
  readonly #timer: DeadlineTimer;
  readonly #pending = new Map<number, Pending>();
  #step: Deferred<void> | undefined;
  #negotiated: Negotiated | undefined;
  #draining = false;

  /** @throws UsageError `invalid-argument` when the options do not go together. */
  constructor(options: ClientAssociationOptions, host: AssociationHost) {
    this.#association = new ClientAssociation(options);
    this.#host = host;
    this.#timer = new DeadlineTimer(host.clock, (now) => this.#touch(() => this.#association.handleTimeout(now)));
  }

  get associated(): boolean {
    return this.#association.state === "associated";
  }

  /** Who the meter is, and the highest counter of its messages that held; undefined where nothing is ciphered. */
  get received() {
    return this.#association.received;
  }

  /** True when nobody waits and nothing is open. */
  get idle(): boolean {
    return this.#pending.size === 0 && this.#step === undefined && !this.associated;
  }

  /** @throws UsageError `wrong-state` while not associated. */
  get negotiated(): Negotiated {
    if (this.#negotiated === undefined)
      throw dlmsError("wrong-state", "nothing is agreed on before the meter is associated", { layer: "client" });
    return this.#negotiated;
  }

  /** @throws RefusedError `association-rejected`, `authentication-refused`; SecurityError; TransportError `timeout`. */
  async associate(): Promise<void> {
    await this.#lifecycle({ type: "associate" });
  }

  /** @throws TransportError when the meter is gone. */
  async release(): Promise<void> {
    await this.#lifecycle({ type: "release" });
  }

  /** `part` is called for each piece of a streamed value. */
  request(
    id: number,
    request: ServiceRequest,
    how: RequestHow,
    part?: (part: ValuePart) => void,
  ): Promise<ServiceResponse> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, ...(part && { part }) });
      try {
        this.#send({ type: "request", id, request, ...how });
      } catch (error) {
        this.#pending.delete(id);
        reject(error);
      }
    });
  }

  /** Another security policy is in force. */
  usePolicy(policy: SecurityPolicy): void {
    this.#send({ type: "use-policy", policy });
  }

  cancel(id: number): void {
    if (this.#pending.has(id)) this.#send({ type: "cancel", id });
  }

  /** New global keys hold from now. @throws UsageError `invalid-key`, `wrong-state`. */
  replaceKeys(keys: KeyReplacement): void {
    this.#send({ type: "replace-keys", keys });
  }

  /** A whole APDU came. */
  receive(apdu: Uint8Array): void {
    this.#touch(() => this.#association.receive(apdu, this.#host.clock.now()));
  }

  /** Octets moved on the link. */
  progress(): void {
    this.#send({ type: "link-progress" });
  }

  /** The link is gone: whatever waits ends now. */
  lost(error: DlmsError): void {
    this.#send({ type: "link-lost", error });
    this.#timer.set(undefined);
    this.#settleStep(error);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** Overwrites its keys. It is of no use afterwards. */
  destroy(): void {
    this.#association.destroy();
  }

  #lifecycle(command: ClientAssociationCommand): Promise<void> {
    this.#step = deferred();
    const { promise } = this.#step;
    try {
      this.#send(command);
    } catch (error) {
      this.#step?.reject(error);
      this.#step = undefined;
    }
    return promise;
  }

  #send(command: ClientAssociationCommand): void {
    this.#touch(() => this.#association.send(command, this.#host.clock.now()));
  }

  #touch(touch: () => void): void {
    touch();
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const apdu = this.#association.takeOutput();
        if (apdu !== undefined) {
          this.#host.transmit(apdu, this.#association.lastUnconfirmed);
          continue;
        }
        const event = this.#association.nextEvent();
        if (event === undefined) break;
        this.#handle(event);
      }
    } finally {
      this.#draining = false;
    }
    this.#timer.set(this.#association.deadline);
  }

  #handle(event: ClientAssociationEvent): void {
    switch (event.type) {
      case "associated":
        this.#negotiated = event.negotiated;
        return this.#settleStep();
      case "released":
        return this.#settleStep();
      case "rejected":
        return this.#settleStep(event.error);
      case "part":
        this.#pending.get(event.id)?.part?.({ data: event.data, blockNumber: event.blockNumber, last: event.last });
        return;
      case "response":
        return this.#take(event.id)?.resolve(event.response);
      case "failed":
        if (event.id !== undefined) return this.#take(event.id)?.reject(event.error);
        this.#settleStep(event.error);
        return this.#host.failed(event.error);
      case "key-operation":
        void this.#perform(event);
        return;
      case "more-expected":
        return this.#host.moreExpected();
      case "notification":
        return this.#host.notification(event.notification);
      case "notice":
        return this.#host.notice(event, "association");
    }
  }

  /** Whoever keeps the private key may take its time, and may fail; late answers are dropped by the association. */
  async #perform({ id, operation }: KeyRequest): Promise<void> {
    try {
      const outcome = await operation.perform();
      this.#send({ type: "key-answer", id, outcome });
    } catch (cause) {
      this.#send({ type: "key-failed", id, cause });
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #settleStep(error?: DlmsError): void {
    const step = this.#step;
    this.#step = undefined;
    if (error === undefined) step?.resolve();
    else step?.reject(error);
  }
}
