import { type Aare, type Apdu, encodeApdu } from "../apdu/index.js";
import { type Connection, DlmsError, dlmsError, type Notice } from "../base/index.js";
import { associationRequest, type Proposal, readAcceptance } from "./acse-client.js";
import { ApduPort, type Arrival } from "./apdu-port.js";
import { type AssociationState, type AssociationStateEvent, associationMachine } from "./association.table.js";
import { authenticationTask } from "./authentication-task.js";
import type { Channel } from "./channel.js";
import { isRepetition, releaseRequest, unansweredError, unexpectedApdu } from "./client-release.js";
import { ClientRequests } from "./client-requests.js";
import {
  type ClientSettings,
  channelOf,
  preEstablishedBetween,
  proposalOf,
  requestTerms,
  settingsOf,
} from "./client-settings.js";
import { hlsSession } from "./hls.js";
import type { ClientAssociationCommand, ClientAssociationEvent, Negotiated } from "./messages.js";
import { isUnsolicited, notificationOf } from "./notifications.js";
import type { ClientAssociationOptions } from "./options.js";
import { bitsOf } from "./protection-rules.js";
import { exceptionRefusal, lostWhile, releaseNotice, serviceRefusal, wrongState } from "./refusals.js";
import type { RequestTask } from "./request-jobs.js";
import { type RequestCommand, requestTask } from "./request-task.js";

/**
 * The client's end of an application association: associates, asks, is told, releases. Its octets are whole APDUs:
 * each `takeOutput` is one for the link, each `receive` one from it.
 */
export class ClientAssociation implements Connection<ClientAssociationCommand, ClientAssociationEvent> {
  readonly #settings: ClientSettings;
  readonly #channel: Channel;
  readonly #events: ClientAssociationEvent[] = [];
  readonly #port: ApduPort;
  readonly #tasks = new Map<number, RequestTask>();
  #state: AssociationState = "idle";
  #proposal: Proposal | undefined;
  #negotiated: Negotiated | undefined;
  #requests: ClientRequests | undefined;
  /** When the answer to an AARQ or RLRQ must be there. */
  #answerDue: number | undefined;
  /** A release waits for what is on its way. */
  #releaseWanted = false;
  #associatedBefore = false;
  /** Times that a general block transfer at rest may still be helped on. */
  #recoveriesLeft = 0;

  /** @throws UsageError `invalid-argument` when the options do not go together. */
  constructor(options: ClientAssociationOptions = {}) {
    this.#settings = settingsOf(options);
    this.#channel = channelOf(this.#settings);
    this.#port = new ApduPort({
      initiator: true,
      channel: this.#channel,
      window: this.#settings.blockWindow,
      maxBytes: this.#settings.maxResponseBytes,
      notice: (notice) => this.#notice(notice),
      more: () => void this.#events.push({ type: "more-expected" }),
    });
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** What was agreed on; undefined while not associated. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  get deadline(): number | undefined {
    const requests = this.#requests?.deadline;
    if (requests === undefined || this.#answerDue === undefined) return requests ?? this.#answerDue;
    return Math.min(requests, this.#answerDue);
  }

  nextEvent(): ClientAssociationEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#port.takeOutput();
  }

  /** Whether the APDU that was taken last gets no answer: over HDLC it goes in UI frames (IEC 62056-5-3, annex). */
  get lastUnconfirmed(): boolean {
    return this.#port.lastUnconfirmed;
  }

  send(command: ClientAssociationCommand, now: number): void {
    switch (command.type) {
      case "associate":
        this.#associate(now);
        break;
      case "release":
        this.#release(now);
        break;
      case "request":
        this.#request(command, now);
        break;
      case "cancel": {
        const task = this.#tasks.get(command.id);
        if (task) this.#requests?.cancel(task, now);
        break;
      }
      case "replace-keys":
        this.#channel.replaceKeys(command.keys);
        break;
      case "use-policy":
        this.#channel.usePolicy(command.policy);
        break;
      case "link-progress":
        if (this.#answerDue !== undefined) this.#answerDue = now + this.#settings.responseTimeoutMs;
        this.#requests?.extend(now);
        break;
      case "link-lost":
        this.#lost(command.error);
        break;
    }
  }

  receive(bytes: Uint8Array, now: number): void {
    try {
      const arrival = this.#port.receive(bytes.slice());
      if (arrival) this.#route(arrival, now);
      if (!arrival && this.#port.progressed) {
        this.#recoveriesLeft = this.#settings.retries;
        this.#requests?.extend(now);
      }
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      this.#unusable(error, bytes[0], now);
    }
    this.#releaseWhenQuiet(now);
  }

  handleTimeout(now: number): void {
    if (this.#answerDue !== undefined && this.#answerDue <= now) this.#unanswered();
    if (!this.#recovered(now)) this.#requests?.handleTimeout(now);
    this.#releaseWhenQuiet(now);
  }

  // association

  #associate(now: number): void {
    this.#requireState("associate", "idle");
    const { preEstablished } = this.#settings;
    if (preEstablished) {
      const negotiated = preEstablishedBetween(this.#settings, preEstablished, this.#channel);
      this.#begin(negotiated, undefined);
      this.#move("pre-established");
      this.#associated(negotiated);
      return;
    }
    if (this.#settings.security?.dedicatedKey instanceof Uint8Array && this.#associatedBefore)
      throw dlmsError("invalid-argument", "the dedicated key given was used up by an earlier association", {
        layer: "association",
      });
    const proposal = proposalOf(this.#settings);
    this.#port.push(encodeApdu(associationRequest(proposal, this.#channel)));
    this.#associatedBefore = true;
    this.#proposal = proposal;
    this.#move("aarq");
    this.#answerDue = now + this.#settings.responseTimeoutMs;
  }

  #aare(aare: Aare, now: number): void {
    const proposal = this.#proposal;
    if (this.#state !== "association-pending" || !proposal) return this.#unexpected(aare);
    this.#answerDue = undefined;
    if (aare.respondingApTitle) this.#channel.meet(aare.respondingApTitle);
    const { tolerances } = this.#settings;
    const { negotiated, challenge } = readAcceptance(aare, proposal, this.#channel, tolerances, (notice) =>
      this.#notice(notice),
    );
    const requests = this.#begin(negotiated, proposal.dedicatedKey);
    if (challenge) {
      this.#move("aare-challenge");
      try {
        this.#authenticate(requests, negotiated, challenge, now);
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        this.#notAuthenticated(error);
      }
    } else {
      this.#move("aare-accepted");
      this.#associated(negotiated);
    }
  }

  /** What was agreed on holds for all that is sent from now. */
  #begin(negotiated: Negotiated, dedicatedKey: Uint8Array | undefined): ClientRequests {
    this.#channel.begin(dedicatedKey);
    this.#port.begin(negotiated);
    const requests = new ClientRequests(
      {
        quiet: () => this.#port.forgetBlocks(),
        transmit: (apdu, confirmed, protection) => {
          this.#recoveriesLeft = this.#settings.retries;
          if (confirmed) this.#port.transmit(apdu, protection);
          else this.#port.notify(apdu, protection);
        },
        notice: (notice) => this.#notice(notice),
        confused: (error) => this.#lost(error),
      },
      requestTerms(this.#settings, negotiated, this.#channel),
      this.#settings.invokeIds,
    );
    this.#requests = requests;
    return requests;
  }

  /** Passes 3 and 4 of high level security, by a method of the association object. */
  #authenticate(requests: ClientRequests, negotiated: Negotiated, challenge: Uint8Array, now: number): void {
    const hls = hlsSession(this.#settings.authentication, this.#channel, {
      crypto: this.#settings.crypto,
      ownSystemTitle: this.#proposal?.ownSystemTitle,
      ownChallenge: this.#proposal?.authenticationValue,
      peerChallenge: challenge,
    });
    const passed = () => {
      this.#move("hls-passed");
      this.#associated(negotiated);
    };
    requests.add(
      authenticationTask(hls, passed, (error) => this.#notAuthenticated(error)),
      now,
    );
  }

  #associated(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.#events.push({ type: "associated", negotiated });
  }

  #notAuthenticated(error: DlmsError): void {
    if (this.#move("hls-failed")) this.#reject(error);
  }

  #reject(error: DlmsError): void {
    this.#end();
    this.#events.push({ type: "rejected", error });
  }

  #release(now: number): void {
    this.#requireState("release", "associated");
    this.#releaseWanted = true;
    this.#requests?.cancelAll(now);
    this.#releaseWhenQuiet(now);
  }

  #releaseWhenQuiet(now: number): void {
    if (!this.#releaseWanted || this.#state !== "associated" || this.#requests?.idle === false) return;
    this.#releaseWanted = false;
    this.#move("rlrq");
    if (this.#settings.preEstablished) return this.#released();
    this.#port.push(releaseRequest(this.#settings, this.#proposal, this.#channel, (notice) => this.#notice(notice)));
    this.#answerDue = now + this.#settings.responseTimeoutMs;
  }

  #released(notice?: Notice): void {
    this.#move("rlre");
    this.#end();
    if (notice) this.#notice(notice);
    this.#events.push({ type: "released" });
  }

  #lost(error: DlmsError): void {
    const before = this.#state;
    if (!this.#move("lost")) return;
    this.#requests?.failAll((request, outcomeUnknown) => lostWhile(request.service, error, outcomeUnknown));
    this.#end();
    const pending = before === "association-pending" || before === "authentication-pending";
    this.#events.push({ type: pending ? "rejected" : "failed", error });
  }

  #unanswered(): void {
    const { responseTimeoutMs, tolerances } = this.#settings;
    const phase = this.#state === "release-pending" ? "release" : "association";
    const error = unansweredError(phase, responseTimeoutMs);
    if (phase === "association") {
      this.#move("aare-rejected");
      this.#reject(error);
    } else if (tolerances.releaseUnanswered) this.#released(releaseNotice("did not answer the release"));
    else this.#lost(error);
  }

  #end(): void {
    this.#answerDue = undefined;
    this.#releaseWanted = false;
    this.#negotiated = undefined;
    this.#proposal = undefined;
    this.#requests?.failAll(() => dlmsError("aborted", "the association ended", { layer: "association" }));
    this.#requests = undefined;
    this.#port.end();
    this.#channel.end();
  }

  // requests

  #request(command: RequestCommand, now: number): void {
    this.#requireState("request", "associated");
    const negotiated = this.#negotiated;
    const requests = this.#requests;
    const { id } = command;
    if (!negotiated || !requests || this.#releaseWanted) throw wrongState("request", "release-pending");
    if (this.#tasks.has(id))
      throw dlmsError("invalid-argument", `request ${id} is still on its way`, { layer: "association" });
    const task = requestTask(command, negotiated, (event) => {
      if (event.type !== "part") this.#tasks.delete(id);
      this.#events.push(event);
    });
    this.#tasks.set(id, task);
    requests.add(task, now);
  }

  /** Helps a general block transfer on that came to rest before its end. */
  #recovered(now: number): boolean {
    const due = this.#requests?.deadline;
    if (due === undefined || due > now || this.#recoveriesLeft === 0) return false;
    if (!this.#port.recover()) return false;
    this.#recoveriesLeft -= 1;
    this.#requests?.extend(now);
    return true;
  }

  // what arrives

  #route(arrival: Arrival, now: number): void {
    const { content: apdu } = arrival;
    const given = bitsOf(arrival);
    const proven = !arrival.untrustedHint && this.#requests?.trusts(given) !== false;
    if (apdu.type === "aare") return this.#aare(apdu, now);
    if (apdu.type === "rlre") return this.#state === "release-pending" ? this.#released() : this.#unexpected(apdu);
    const notification = notificationOf(apdu, arrival);
    if (notification) this.#events.push({ type: "notification", notification });
    else if (apdu.type === "exception-response")
      this.#refused(exceptionRefusal(apdu.stateError, apdu.serviceError, apdu.invocationCounter, proven), now);
    else if (apdu.type === "confirmed-service-error")
      this.#refused(serviceRefusal(apdu.category, apdu.value, proven), now);
    else if (this.#requests && "invokeIdAndPriority" in apdu)
      this.#requests.receive(apdu, apdu.invokeIdAndPriority.invokeId, given, now);
    else if (this.#requests && apdu.type === "access-response")
      this.#requests.receive(apdu, apdu.longInvokeIdAndPriority.invokeId, given, now);
    else if (this.#requests && (apdu.type === "read-response" || apdu.type === "write-response"))
      this.#requests.receive(apdu, undefined, given, now);
    else this.#unexpected(apdu);
  }

  /** The meter says no without saying to what. */
  #refused(error: DlmsError, now: number): void {
    if (this.#state === "association-pending") {
      this.#move("aare-rejected");
      this.#reject(error);
    } else if (this.#state === "release-pending") {
      if (this.#settings.tolerances.releaseUnanswered) this.#released(releaseNotice("refused the release"));
      else this.#lost(error);
    } else if (!this.#requests?.refuse(error, now))
      this.#notice({ type: "notice", name: "late-answer-discarded", message: error.message });
  }

  /** What came cannot be used: it ends what it may be the answer to, unless it is a repetition of something old. */
  #unusable(error: DlmsError, tag: number | undefined, now: number): void {
    const repetition = isRepetition(error);
    const noAnswer = repetition || isUnsolicited(tag);
    if (this.#state === "association-pending" && !noAnswer) {
      this.#move("aare-rejected");
      this.#reject(error);
      return;
    }
    if (repetition) this.#requests?.discard(error);
    if (noAnswer || !this.#requests?.refuse(error, now))
      this.#notice({ type: "notice", name: "apdu-discarded", message: error.message });
  }

  #unexpected(apdu: Apdu): void {
    this.#notice(unexpectedApdu(apdu, this.#state));
  }

  #notice(notice: Notice): void {
    this.#events.push(notice);
  }

  #requireState(what: string, state: AssociationState): void {
    if (this.#state !== state) throw wrongState(what, this.#state);
  }

  #move(event: AssociationStateEvent): boolean {
    const next = associationMachine.next(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
