import { type Aarq, type Apdu, encodeApdu, type Rlrq } from "../apdu/index.js";
import { type Connection, DlmsError } from "../base/index.js";
import { cipheringOf, createChallenge, type KeyReplacement, noProtection } from "../security/index.js";
import {
  type Agreement,
  acceptance,
  diagnosticNumber,
  initiateResponse,
  type Rejection,
  rejection,
  weighProposal,
} from "./acse-server.js";
import { ApduPort } from "./apdu-port.js";
import { type AssociationState, type AssociationStateEvent, associationMachine } from "./association.table.js";
import { Channel, type Opened } from "./channel.js";
import { answerReply, type HlsSession, hlsSession, isReplyToHls } from "./hls.js";
import type { Negotiated, ServerAssociationCommand, ServerAssociationEvent } from "./messages.js";
import { notificationApdu } from "./notifications.js";
import type { ServerAssociationOptions, ServerProfile } from "./options.js";
import { bitsOf } from "./protection-rules.js";
import { associationRejected } from "./refusals.js";
import { exceptionTo, isRequestTag, refusalCodes } from "./server-refusals.js";
import { type Answer, ServerRequests } from "./server-requests.js";

/**
 * The meter's end of an application association with one client: weighs its proposal, has its owner answer its
 * requests, gives long answers in blocks, speaks unasked. Its octets are whole APDUs.
 */
export class ServerAssociation implements Connection<ServerAssociationCommand, ServerAssociationEvent> {
  readonly #options: ServerAssociationOptions;
  readonly #profile: ServerProfile | undefined;
  readonly #channel: Channel;
  readonly #events: ServerAssociationEvent[] = [];
  readonly #port: ApduPort;
  #state: AssociationState = "idle";
  #negotiated: Negotiated | undefined;
  #requests: ServerRequests | undefined;
  #hls: HlsSession | undefined;
  /** Keys that hold from the next message on. */
  #nextKeys: KeyReplacement | undefined;
  /** The client asked in general blocks, and is answered so. */
  #inBlocks = false;

  /** @throws UsageError `invalid-argument` when the profile of this client lacks something it needs. */
  constructor(options: ServerAssociationOptions) {
    this.#options = options;
    this.#profile = options.profiles.find(({ clientSap }) => clientSap === options.clientSap);
    this.#channel = new Channel(this.#profile?.security, options.crypto, "server");
    this.#port = new ApduPort({
      initiator: false,
      channel: this.#channel,
      window: options.blockWindow ?? 8,
      maxBytes: options.maxRequestBytes ?? defaultRequestBytes,
      notice: (notice) => void this.#events.push(notice),
    });
    if (this.#profile?.preEstablished) this.#existing(this.#profile, this.#profile.preEstablished.peerMaxPduSize);
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** What was agreed on; undefined while not associated. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** Highest invocation counter that this client's messages carried; undefined where nothing is ciphered. */
  get lastReceivedCounter(): number | undefined {
    return this.#channel.context?.lastReceivedCounter;
  }

  /** True while new keys wait for an answer in blocks to end. */
  get keysPending(): boolean {
    return this.#nextKeys !== undefined;
  }

  /** The same of messages under the broadcast key. */
  get lastBroadcastCounter(): number | undefined {
    return this.#channel.context?.lastBroadcastCounter;
  }

  /** A meter waits for nothing: the link tells when the client is gone. */
  get deadline(): undefined {
    return undefined;
  }

  handleTimeout(): void {}

  nextEvent(): ServerAssociationEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#port.takeOutput();
  }

  send(command: ServerAssociationCommand): void {
    switch (command.type) {
      case "respond":
        this.#transmit(() => this.#requests?.respond(command.id, command.response, this.#inBlocks, command.protection));
        break;
      case "refuse":
        if (this.#requests?.forget(command.id)) this.#port.push(exceptionTo(command.stateError, command.serviceError));
        break;
      case "replace-keys":
        this.#nextKeys = { ...this.#nextKeys, ...command.keys };
        break;
      case "use-policy":
        this.#channel.usePolicy(command.policy);
        break;
      case "notify": {
        this.#takeUpKeys();
        const apdu = encodeApdu(notificationApdu(command.notification));
        if (this.#state !== "associated") this.#port.push(this.#channel.sealAlone(apdu));
        else this.#port.notify(apdu, noProtection);
        break;
      }
      case "link-lost":
        this.#end("lost");
        break;
    }
  }

  receive(bytes: Uint8Array): void {
    const octets = bytes.slice();
    this.#takeUpKeys();
    try {
      this.#route(octets);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      this.#notice("apdu-refused", error.message);
      if (isRequestTag(octets[0])) this.#port.push(refusalCodes(error, this.#channel.context?.lastReceivedCounter));
    }
  }

  #takeUpKeys(): void {
    if (!this.#nextKeys || this.#requests?.inBlocks) return;
    this.#channel.replaceKeys(this.#nextKeys);
    this.#nextKeys = undefined;
  }

  // association

  #aarq(aarq: Aarq): void {
    if (this.#state !== "idle" && this.#state !== "association-pending") this.#end("lost");
    this.#move("aarq");
    const profile = this.#profile;
    const weighed = profile ? weighProposal(aarq, profile, this.#channel) : unknownClient;
    if (!profile || "diagnostic" in weighed) this.#turnDown(aarq, weighed as Rejection);
    else this.#accept(aarq, weighed, profile);
  }

  #turnDown(aarq: Aarq, weighed: Rejection): void {
    this.#move("aare-rejected");
    this.#port.push(encodeApdu(rejection(aarq, weighed)));
    const error =
      weighed.reason ?? associationRejected(true, "acse-service-user", diagnosticNumber(weighed.diagnostic));
    this.#events.push({ type: "rejected", error });
  }

  #accept(aarq: Aarq, agreement: Agreement, profile: ServerProfile): void {
    const { negotiated, clientChallenge } = agreement;
    const { crypto } = this.#options;
    const { mechanism } = profile.authentication;
    let challenge: Uint8Array | undefined;
    if (clientChallenge && mechanism !== "none" && mechanism !== "low" && crypto) {
      challenge = createChallenge(mechanism, (length) => crypto.randomBytes(length));
      try {
        this.#hls = hlsSession(profile.authentication, this.#channel, {
          crypto,
          ownSystemTitle: profile.security?.systemTitle ?? profile.systemTitle,
          ownChallenge: challenge,
          peerChallenge: clientChallenge,
          peerCertificate: aarq.callingAeQualifier,
        });
      } catch (error) {
        // The client's certificate is not good, or there is none.
        if (!DlmsError.is(error)) throw error;
        this.#turnDown(aarq, { diagnostic: "authentication-failure", reason: error });
        return;
      }
    }
    if (agreement.responseAllowed)
      this.#port.push(encodeApdu(acceptance(agreement, profile, this.#channel, challenge)));
    this.#begin(negotiated, agreement.dedicatedKey);
    this.#move(challenge ? "aare-challenge" : "aare-accepted");
    if (!challenge) this.#associated(negotiated);
  }

  #existing(profile: ServerProfile, peerMaxPduSize: number): void {
    const referencing = profile.referencing ?? "logical-name";
    const negotiated: Negotiated = {
      applicationContext: { referencing, ciphering: this.#channel.ciphered },
      mechanism: profile.authentication.mechanism,
      conformance: profile.conformance,
      peerMaxPduSize,
      dlmsVersion: 6,
      vaaName: referencing === "logical-name" ? 0x0007 : 0xfa00,
      ...(this.#channel.peerSystemTitle && { peerSystemTitle: this.#channel.peerSystemTitle }),
    };
    this.#begin(negotiated, undefined);
    this.#move("pre-established");
    this.#associated(negotiated);
  }

  #begin(negotiated: Negotiated, dedicatedKey: Uint8Array | undefined): void {
    this.#channel.begin(dedicatedKey);
    this.#negotiated = negotiated;
    this.#requests = new ServerRequests(
      negotiated,
      this.#channel,
      this.#options.maxRequestBytes ?? defaultRequestBytes,
      this.#profile?.shortNames,
    );
    this.#port.begin(negotiated);
    this.#inBlocks = false;
  }

  #associated(negotiated: Negotiated): void {
    this.#events.push({ type: "associated", clientSap: this.#options.clientSap, negotiated });
  }

  #rlrq(rlrq: Rlrq): void {
    const { reason, userInformation } = rlrq;
    // A release with a forged part is not one: the part is there so that nobody else can end the association.
    const opened = userInformation && this.#channel.ciphered ? this.#channel.open(userInformation) : undefined;
    const asked = opened ? bitsOf(opened) : noProtection;
    const answered =
      userInformation && this.#negotiated && this.#profile
        ? initiateResponse(this.#negotiated, this.#profile, this.#channel, asked)
        : undefined;
    this.#port.push(
      encodeApdu({
        type: "rlre",
        ...(reason !== undefined && { reason: 0 }),
        ...(answered && { userInformation: answered }),
      }),
    );
    this.#move("rlrq");
    this.#end("rlre");
  }

  #end(how: "rlre" | "lost"): void {
    const was = this.#state;
    if (!this.#move(how)) return;
    this.#negotiated = undefined;
    this.#requests = undefined;
    this.#hls = undefined;
    this.#port.end();
    this.#channel.end();
    if (was === "associated" || was === "release-pending") this.#events.push({ type: "released" });
  }

  // requests

  #route(bytes: Uint8Array): void {
    const requests = this.#requests;
    if (!requests && bytes[0] !== aarqTag && bytes[0] !== rlrqTag) {
      this.#notice("unexpected-apdu-discarded", `an APDU came while the association was ${this.#state}`);
      if (isRequestTag(bytes[0])) this.#port.push(exceptionTo("service-not-allowed", "operation-not-possible"));
      return;
    }
    const arrival = this.#port.receive(bytes);
    if (arrival?.content.type === "aarq") this.#aarq(arrival.content);
    else if (arrival?.content.type === "rlrq") this.#rlrq(arrival.content);
    else if (arrival && requests) {
      this.#inBlocks = arrival.inBlocks;
      this.#serve(arrival.content, arrival, requests);
    }
  }

  #serve(apdu: Apdu, opened: Opened, requests: ServerRequests): void {
    if (this.#state !== "associated" && afterProof.has(apdu.type)) return this.#notYet();
    const step = requests.receive(apdu, bitsOf(opened));
    this.#transmit(() => step.send);
    if (!step.request) return;
    const { id, request, unconfirmed, asked } = step.request;
    const how = { unconfirmed, protection: cipheringOf(asked), signed: asked.signed };
    if (this.#hls && isReplyToHls(request)) this.#reply(this.#hls, id, request, requests);
    else if (this.#state === "associated") this.#events.push({ type: "request", id, request, ...how });
    else {
      requests.forget(id);
      this.#notYet();
    }
  }

  #notYet(): void {
    this.#port.push(exceptionTo("service-not-allowed", "operation-not-possible"));
  }

  /** Pass 3 of high level security came: pass 4 goes out. */
  #reply(hls: HlsSession, id: number, request: Parameters<typeof answerReply>[0], requests: ServerRequests): void {
    this.#hls = undefined;
    const { response, error } = answerReply(request, hls);
    this.#transmit(() => requests.respond(id, response, this.#inBlocks));
    if (error) {
      this.#move("hls-failed");
      this.#requests = undefined;
      this.#negotiated = undefined;
      this.#channel.end();
      this.#events.push({ type: "rejected", error });
    } else if (this.#negotiated) {
      this.#move("hls-passed");
      this.#associated(this.#negotiated);
    }
  }

  #transmit(make: () => Answer | undefined): void {
    try {
      const answer = make();
      if (answer) this.#port.transmit(answer.apdu, answer.protection, this.#inBlocks);
    } catch (error) {
      // What cannot be protected as it must be is not given: better no answer than a weaker one.
      if (!DlmsError.is(error)) throw error;
      this.#notice("answer-withheld", error.message);
      this.#port.push(exceptionTo("service-not-allowed", "operation-not-possible"));
    }
  }

  #notice(name: string, message: string): void {
    this.#events.push({ type: "notice", name, message });
  }

  #move(event: AssociationStateEvent): boolean {
    const next = associationMachine.next(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}

const defaultRequestBytes = 1024 * 1024;
/** No proof comes in these: who has not proven himself is not even told that a block was taken. */
const afterProof: ReadonlySet<Apdu["type"]> = new Set(["get-request", "set-request", "access-request"]);
const aarqTag = 0x60;
const rlrqTag = 0x62;
const unknownClient: Rejection = { diagnostic: "no-reason-given" };
