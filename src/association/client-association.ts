import type { Aare } from "../apdu/index.js";
import { type Connection, type DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { KeyTask } from "../security/index.js";
import { associationRequest, type Proposal, readAcceptance } from "./acse-client.js";
import type { Arrival } from "./apdu-port.js";
import { type AssociationState, type AssociationStateEvent, associationMachine } from "./association.table.js";
import { authenticate } from "./authentication-task.js";
import type { Channel } from "./channel.js";
import { answerId, isRepetition, releaseRequest, unansweredError, unexpectedApdu } from "./client-release.js";
import { ClientRequests } from "./client-requests.js";
import {
  type ClientSettings,
  channelOf,
  preEstablishedBetween,
  proposalOf,
  requestTerms,
  settingsOf,
} from "./client-settings.js";
import { earliest } from "./key-line.js";
import { KeyedPort } from "./keyed-port.js";
import type { ClientAssociationCommand, ClientAssociationEvent, Negotiated } from "./messages.js";
import { isUnsolicited, notificationOf } from "./notifications.js";
import type { ClientAssociationOptions } from "./options.js";
import { bitsOf } from "./protection-rules.js";
import { exceptionRefusal, lostWhile, releaseNotice, requireState, serviceRefusal, wrongState } from "./refusals.js";
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
  readonly #port: KeyedPort;
  readonly #tasks = new Map<number, RequestTask>();
  #state: AssociationState = "idle";
  #proposal: Proposal | undefined;
  #negotiated: Negotiated | undefined;
  #requests: ClientRequests | undefined;
  /** Why an answer that came was not taken: the better story when time runs out. */
  #discarded: DlmsError | undefined;
  /** When the answer to an AARQ or RLRQ must be there. */
  #answerDue: number | undefined;
  /** A release waits for what is on its way. */
  #releaseWanted = false;
  #associatedBefore = false;
  /** Times that a general block transfer at rest may still be helped on. */
  #recoveriesLeft = 0;
  /** When the owner spoke last. */
  #now = 0;

  /** @throws UsageError `invalid-argument` when the options do not go together. */
  constructor(options: ClientAssociationOptions = {}) {
    this.#settings = settingsOf(options);
    this.#channel = channelOf(this.#settings);
    this.#port = new KeyedPort(
      {
        initiator: true,
        channel: this.#channel,
        window: this.#settings.blockWindow,
        maxBytes: this.#settings.maxResponseBytes,
        notice: (notice) => this.#notice(notice),
        more: () => void this.#events.push({ type: "more-expected" }),
      },
      this.#settings.keyTimeoutMs,
      (request) => this.#events.push(request),
    );
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** What was agreed on; undefined while not associated. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** The meter as it named itself, and the highest counter of its messages that held; undefined without keys. */
  get received() {
    return this.#channel.received;
  }

  /** Overwrites what of the keys is held here. The association is of no use afterwards. */
  destroy(): void {
    this.#channel.context?.destroy();
  }

  get deadline(): number | undefined {
    if (this.#port.keyDeadline !== undefined) return this.#port.keyDeadline;
    return earliest(this.#requests?.deadline, this.#answerDue);
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
    this.#now = now;
    switch (command.type) {
      case "associate":
        return this.#associate();
      case "release":
        return this.#release();
      case "request":
        return this.#request(command, now);
      case "cancel":
        return void this.#requests?.cancel(this.#tasks.get(command.id), now);
      case "replace-keys":
        return this.#channel.replaceKeys(command.keys);
      case "use-policy":
        return this.#channel.usePolicy(command.policy);
      case "key-answer":
      case "key-failed":
        return this.#keysMoved(() => this.#port.keyMoved(command, now));
      case "link-progress":
        return this.#extend();
      case "link-lost":
        return this.#lost(command.error);
    }
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#now = now;
    const octets = bytes.slice();
    const failed = (error: DlmsError) => this.#unusable(error, octets[0]);
    const route = { taken: (arrival?: Arrival) => this.#taken(arrival), aare: (aare: Aare) => this.#aare(aare) };
    this.#port.take(octets, route, { done: () => undefined, failed }, now);
    this.#releaseWhenQuiet();
  }

  handleTimeout(now: number): void {
    this.#now = now;
    if (this.#port.keyDeadline !== undefined) return this.#keysMoved(() => this.#port.handleKeyTimeout(now));
    if (this.#answerDue !== undefined && this.#answerDue <= now) this.#unanswered();
    if (!this.#recovered(now)) this.#requests?.handleTimeout(now);
    this.#releaseWhenQuiet();
  }

  /** Sends an ACSE request and awaits its answer from then on. */
  #ask(task: () => KeyTask<Uint8Array>, failed: (error: DlmsError) => void): void {
    const done = (_: unknown, at: number) => {
      this.#answerDue = at + this.#settings.responseTimeoutMs;
    };
    this.#port.request(task, { done, failed }, this.#now);
  }

  /** While a key is waited for nothing else is late. */
  #keysMoved(move: () => void): void {
    move();
    if (this.#port.keyDeadline === undefined) this.#extend();
    this.#releaseWhenQuiet();
  }

  #extend(): void {
    if (this.#answerDue !== undefined) this.#answerDue = this.#now + this.#settings.responseTimeoutMs;
    this.#requests?.extend(this.#now);
  }

  // association

  #associate(): void {
    requireState("associate", this.#state, "idle");
    const { preEstablished } = this.#settings;
    if (preEstablished) {
      const negotiated = preEstablishedBetween(this.#settings, preEstablished, this.#channel);
      this.#begin(negotiated, undefined);
      return this.#associated(negotiated, "pre-established");
    }
    const proposal = proposalOf(this.#settings, this.#associatedBefore);
    this.#discarded = undefined;
    this.#proposal = proposal;
    this.#move("aarq");
    this.#associatedBefore = true;
    try {
      this.#ask(
        () => associationRequest(proposal, this.#channel),
        (error) => this.#turnedDown(error),
      );
    } catch (error) {
      this.#move("aare-rejected");
      throw error;
    }
  }

  *#aare(aare: Aare): KeyTask<void> {
    const proposal = this.#proposal;
    if (this.#state !== "association-pending" || !proposal) return this.#notice(unexpectedApdu(aare, this.#state));
    if (aare.respondingApTitle) this.#channel.meet(aare.respondingApTitle);
    const { tolerances } = this.#settings;
    const notice = (told: Notice) => this.#notice(told);
    const { negotiated, ...proofs } = yield* readAcceptance(aare, proposal, this.#channel, tolerances, notice);
    this.#answerDue = undefined;
    const requests = this.#begin(negotiated, proposal.dedicatedKey);
    if (proofs.challenge) {
      this.#move("aare-challenge");
      yield* authenticate(this.#settings, this.#channel, proposal, proofs, {
        request: (task) => requests.add(task, this.#now),
        goOn: (task, outcome) => this.#port.goOn(task, outcome, this.#now),
        passed: () => this.#associated(negotiated, "hls-passed"),
        failed: (error) => this.#move("hls-failed") && this.#reject(error),
      });
    } else {
      this.#associated(negotiated, "aare-accepted");
    }
  }

  /** What was agreed on holds for all that is sent from now. */
  #begin(negotiated: Negotiated, dedicatedKey: Uint8Array | undefined): ClientRequests {
    this.#channel.begin(dedicatedKey);
    this.#port.begin(negotiated);
    const requests = new ClientRequests(
      {
        quiet: () => this.#port.forgetBlocks(),
        transmit: (apdu, how, later) => {
          this.#recoveriesLeft = this.#settings.retries;
          return this.#port.send(apdu, how, later, this.#now);
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

  #associated(negotiated: Negotiated, how: AssociationStateEvent): void {
    this.#move(how);
    this.#negotiated = negotiated;
    this.#events.push({ type: "associated", negotiated });
  }

  #turnedDown(error: DlmsError): void {
    this.#move("aare-rejected");
    this.#reject(error);
  }

  #reject(error: DlmsError): void {
    this.#end();
    this.#events.push({ type: "rejected", error });
  }

  #release(): void {
    requireState("release", this.#state, "associated");
    this.#releaseWanted = true;
    this.#requests?.cancelAll(this.#now);
    this.#releaseWhenQuiet();
  }

  #releaseWhenQuiet(): void {
    if (!this.#releaseWanted || this.#state !== "associated" || this.#requests?.idle === false) return;
    this.#releaseWanted = false;
    this.#move("rlrq");
    if (this.#settings.preEstablished) return this.#released();
    const notice = (told: Notice) => this.#notice(told);
    this.#ask(
      () => releaseRequest(this.#settings, this.#proposal, this.#channel, notice),
      (error) => this.#lost(error),
    );
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
    const error = unansweredError(phase, responseTimeoutMs, this.#discarded);
    if (phase === "association") this.#turnedDown(error);
    else if (tolerances.releaseUnanswered) this.#released(releaseNotice("did not answer the release"));
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
    requireState("request", this.#state, "associated");
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

  #taken(arrival: Arrival | undefined): void {
    if (arrival) return this.#route(arrival, this.#now);
    if (!this.#port.progressed) return;
    this.#recoveriesLeft = this.#settings.retries;
    this.#requests?.extend(this.#now);
  }

  #route(arrival: Arrival, now: number): void {
    const { content: apdu } = arrival;
    const given = bitsOf(arrival);
    const proven = !arrival.untrustedHint && this.#requests?.trusts(given) !== false;
    if (apdu.type === "rlre")
      return this.#state === "release-pending" ? this.#released() : this.#notice(unexpectedApdu(apdu, this.#state));
    const notification = notificationOf(apdu, arrival);
    if (notification) this.#events.push({ type: "notification", notification });
    else if (apdu.type === "exception-response")
      this.#refused(exceptionRefusal(apdu.stateError, apdu.serviceError, apdu.invocationCounter, proven), now);
    else if (apdu.type === "confirmed-service-error")
      this.#refused(serviceRefusal(apdu.category, apdu.value, proven), now);
    else {
      const answer = answerId(apdu);
      if (answer && this.#requests) this.#requests.receive(apdu, answer.invokeId, given, now);
      else this.#notice(unexpectedApdu(apdu, this.#state));
    }
  }

  /** The meter says no without saying to what. */
  #refused(error: DlmsError, now: number): void {
    if (this.#state === "association-pending") this.#turnedDown(error);
    else if (this.#state === "release-pending") {
      if (this.#settings.tolerances.releaseUnanswered) this.#released(releaseNotice("refused the release"));
      else this.#lost(error);
    } else if (!this.#requests?.refuse(error, now))
      this.#notice({ type: "notice", name: "late-answer-discarded", message: error.message });
  }

  /** What came cannot be used: it ends what it may be the answer to, unless it is a repetition of something old. */
  #unusable(error: DlmsError, tag: number | undefined): void {
    const repetition = isRepetition(error);
    const noAnswer = repetition || isUnsolicited(tag);
    if (this.#state === "association-pending" && !noAnswer) return this.#turnedDown(error);
    if (repetition) this.#discarded = error;
    if (repetition) this.#requests?.discard(error);
    if (noAnswer || !this.#requests?.refuse(error, this.#now))
      this.#notice({ type: "notice", name: "apdu-discarded", message: error.message });
  }

  #notice(notice: Notice): void {
    this.#events.push(notice);
  }

  #move(event: AssociationStateEvent): boolean {
    const next = associationMachine.next(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
