import type { Apdu } from "../apdu/index.js";
import { DlmsError, dlmsError, RefusedError, SecurityError } from "../base/index.js";
import { coversBits, type ProtectionBits } from "../security/index.js";
import { type Batch, BatchResults, batchesOf, halvesOf } from "./batches.js";
import { ClientExchange, type ExchangeStep } from "./client-exchange.js";
import { InvokeIds } from "./invoke-ids.js";
import { checkStrength } from "./protection-rules.js";
import {
  emptyResponse,
  isTooLong,
  type Job,
  mayHaveHappened,
  otherReason,
  type RequestHost,
  type RequestTask,
  type RequestTerms,
  type Slot,
  unknownOutcome,
} from "./request-jobs.js";
import { changesSomething, type ServiceRequest, type ServiceResponse } from "./service.js";

/** The requests of a client: waiting, on their way, asked again. */
export class ClientRequests {
  readonly #host: RequestHost;
  readonly #terms: RequestTerms;
  readonly #invokeIds: InvokeIds;
  readonly #waiting: Job[] = [];
  readonly #slots = new Map<number, Slot>();
  #filling = false;

  constructor(host: RequestHost, terms: RequestTerms, invokeIds: "rotate" | "constant") {
    this.#host = host;
    this.#terms = terms;
    this.#invokeIds = new InvokeIds(invokeIds);
  }

  /** True when nothing waits for an answer, be it a cancelled request. */
  get idle(): boolean {
    return this.#slots.size === 0 && this.#waiting.length === 0;
  }

  get deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { deadline } of this.#slots.values())
      if (earliest === undefined || deadline < earliest) earliest = deadline;
    return earliest;
  }

  add(task: RequestTask, now: number): void {
    const blocks = task.request.service === "set" ? this.#terms.setBlocks : this.#terms.actionBlocks;
    const { forms, lists, generalBlocks } = this.#terms;
    const limit = this.#terms.limitFor(task.protection.request);
    const batches = batchesOf(task.request, {
      forms,
      lists,
      generalBlocks,
      limit,
      blocks: blocks && !task.unconfirmed,
    });
    const attemptsLeft = task.retry ? this.#terms.retries : 0;
    const results = new BatchResults(task.request);
    this.#waiting.push({ task, batches, results, attemptsLeft, over: false, partlyDone: false });
    this.#fill(now);
  }

  /** Ends the task at once; what is on its way is awaited and dropped, so that the next request meets a quiet meter. */
  cancel(task: RequestTask | undefined, now: number): boolean {
    if (task === undefined) return false;
    const waiting = this.#waiting.findIndex((job) => job.task === task);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    const slot = [...this.#slots.values()].find(({ job }) => job.task === task && !job.over);
    if (waiting < 0 && !slot) return false;
    if (slot) slot.job.over = true;
    task.failed(
      dlmsError("aborted", "the request was cancelled", {
        layer: "association",
        outcomeUnknown: mayHaveHappened(task.request, slot),
      }),
    );
    this.#fill(now);
    return true;
  }

  /** Takes an answer, protected as given, that bears this invoke id (undefined with short names, where there is none). */
  receive(apdu: Apdu, invokeId: number | undefined, given: ProtectionBits, now: number): void {
    const slot = invokeId === undefined ? this.#oldest() : this.#slots.get(invokeId);
    if (!slot) {
      this.#host.notice({
        type: "notice",
        name: "late-answer-discarded",
        message: `an answer (${apdu.type}, invoke id ${invokeId}) came that nothing waits for`,
      });
      return;
    }
    const take = () => {
      checkStrength(given, slot.job.task.protection.response, `the answer (${apdu.type})`);
      return slot.exchange.receive(apdu);
    };
    this.#advance(slot, take, now);
  }

  /** True when what came so protected proves something to the request that a refusal is taken for. */
  trusts(given: ProtectionBits): boolean {
    const slot = this.#oldest();
    return slot === undefined || coversBits(given, slot.job.task.protection.response);
  }

  /** A refusal that names no request: it is taken for the oldest one. False when nothing is on its way. */
  refuse(error: DlmsError, now: number): boolean {
    const slot = this.#oldest();
    if (!slot) return false;
    this.#advance(slot, () => ({ error }), now);
    return true;
  }

  /** An answer came that cannot be trusted or understood and cannot be told to be for a request. */
  discard(error: DlmsError): void {
    for (const { job } of this.#slots.values()) job.discarded = error;
  }

  /** Everything fails. */
  failAll(why: (request: ServiceRequest, outcomeUnknown: boolean) => DlmsError): void {
    const slots = [...this.#slots.values()];
    const waiting = this.#waiting.splice(0);
    this.#slots.clear();
    for (const slot of slots) {
      this.#invokeIds.release(slot.invokeId);
      const { job } = slot;
      if (!job.over) job.task.failed(why(job.task.request, mayHaveHappened(job.task.request, slot)));
      job.over = true;
    }
    for (const { task } of waiting) task.failed(why(task.request, false));
  }

  /** Cancels everything, and lets what is on its way come in. */
  cancelAll(now: number): void {
    const jobs = [...this.#waiting, ...[...this.#slots.values()].map(({ job }) => job)];
    for (const job of jobs) this.cancel(job.task, now);
  }

  /** Octets moved on the link: whatever is awaited may take its full time from now. */
  extend(now: number): void {
    for (const slot of this.#slots.values()) slot.deadline = now + this.#terms.responseTimeoutMs;
  }

  handleTimeout(now: number): void {
    for (const slot of [...this.#slots.values()]) if (slot.deadline <= now) this.#timeOut(slot, now);
  }

  #timeOut(slot: Slot, now: number): void {
    const { job, exchange } = slot;
    const mayRepeat = !job.over && slot.repeatsLeft > 0 && !this.#terms.withoutInvokeIds;
    const block = mayRepeat ? exchange.repeat() : undefined;
    if (block) {
      slot.repeatsLeft -= 1;
      this.#repeating();
      this.#advance(slot, () => ({ send: block, repeated: true }), now);
      return;
    }
    exchange.abandon();
    this.#free(slot);
    if (this.#terms.withoutInvokeIds) {
      const silence = this.#silence(slot);
      if (!job.over) this.#fail(job, silence);
      this.#host.confused(silence);
      return;
    }
    if (!job.over && job.attemptsLeft > 0 && !exchange.partsGiven) {
      job.attemptsLeft -= 1;
      this.#repeating();
      job.batches.unshift(slot.batch);
      this.#waiting.unshift(job);
    } else if (!job.over) this.#fail(job, this.#silence(slot));
    this.#fill(now);
  }

  #repeating(): void {
    const message = `no answer in ${this.#terms.responseTimeoutMs} ms: asked again`;
    this.#host.notice({ type: "notice", name: "request-repeated", message });
  }

  #silence(slot: Slot): DlmsError {
    const { task, discarded, partlyDone } = slot.job;
    const { request } = task;
    const outcomeUnknown = mayHaveHappened(request, slot) || partlyDone;
    if (discarded instanceof SecurityError && !outcomeUnknown) return discarded;
    return dlmsError("timeout", `no answer to the ${request.service} in ${this.#terms.responseTimeoutMs} ms`, {
      layer: "association",
      phase: "response",
      timeoutMs: this.#terms.responseTimeoutMs,
      retryable: !changesSomething(request),
      outcomeUnknown,
      ...(discarded && { cause: discarded }),
    });
  }

  /** Starts what may start. */
  #fill(now: number): void {
    if (this.#filling) return;
    this.#filling = true;
    try {
      this.#fillSlots(now);
    } finally {
      this.#filling = false;
    }
  }

  #fillSlots(now: number): void {
    while (this.#slots.size < this.#terms.maxInFlight) {
      const [job] = this.#waiting;
      const batch = job?.batches[0];
      if (!job || !batch) return;
      const invokeId = this.#invokeIds.take();
      if (invokeId === undefined) return;
      this.#waiting.shift();
      job.batches.shift();
      this.#start(job, batch, invokeId, now);
    }
  }

  #start(job: Job, batch: Batch, invokeId: number, now: number): void {
    const { task } = job;
    const { service } = batch.request;
    const invoke = { invokeId, confirmed: !task.unconfirmed, highPriority: task.highPriority };
    const requestBlocks = service === "set" ? this.#terms.setBlocks : service === "action" && this.#terms.actionBlocks;
    const streaming = task.streaming && task.request.items.length === 1;
    // Field by field: every request passes here, and to spread an object costs more than all of this.
    const { forms, generalBlocks, responseBlocks, refuseUnagreedBlocks, maxResponseBytes } = this.#terms;
    const limit = this.#terms.limitFor(task.protection.request);
    const terms = {
      forms,
      generalBlocks,
      responseBlocks,
      refuseUnagreedBlocks,
      maxResponseBytes,
      limit,
      requestBlocks,
    };
    const exchange = new ClientExchange(batch.request, invoke, terms, streaming);
    const slot: Slot = { invokeId, job, batch, exchange, deadline: 0, repeatsLeft: 0, unsent: false };
    if (this.#slots.size === 0) this.#host.quiet();
    this.#slots.set(invokeId, slot);
    this.#advance(slot, () => exchange.start(), now);
    if (task.unconfirmed && !job.over && !slot.unsent)
      this.#finish(slot, { service, results: [] } as ServiceResponse, now);
  }

  #advance(slot: Slot, move: () => ExchangeStep & { readonly repeated?: boolean }, now: number): void {
    const { job } = slot;
    let step: ReturnType<typeof move>;
    try {
      step = move();
      if (step.send && !job.over) this.#transmit(slot, step.send, now);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      step = { error };
    }
    if (step.notice) this.#host.notice(step.notice);
    else {
      slot.deadline = now + this.#terms.responseTimeoutMs;
      if (!step.repeated) slot.repeatsLeft = job.task.retry ? this.#terms.retries : 0;
    }
    if (job.over) {
      // Cancelled: whatever answer comes ends it, and no further block is asked for.
      if (step.send || step.response || step.error) this.#drained(slot, now);
      return;
    }
    if (step.part) job.task.part(step.part.rawData, step.part.blockNumber, step.part.lastBlock);
    if (step.response) this.#finish(slot, step.response, now);
    else if (step.error) this.#refused(slot, step.error, now);
  }

  /** An APDU that cannot be protected at once leaves later. */
  #transmit(slot: Slot, apdu: Uint8Array, now: number): void {
    const { task } = slot.job;
    const how = {
      confirmed: !task.unconfirmed,
      protection: task.protection.request,
      wanted: () => !slot.job.over && this.#slots.get(slot.invokeId) === slot,
    };
    slot.unsent = true;
    const left = this.#host.transmit(apdu, how, {
      done: (_, at) => this.#slots.get(slot.invokeId) === slot && this.#left(slot, at),
      failed: (error, at) => this.#slots.get(slot.invokeId) === slot && this.#advance(slot, () => ({ error }), at),
    });
    slot.unsent = !left;
    slot.deadline = now + this.#terms.responseTimeoutMs;
  }

  #left(slot: Slot, now: number): void {
    slot.unsent = false;
    slot.deadline = now + this.#terms.responseTimeoutMs;
    const { task, over } = slot.job;
    if (over) this.#drained(slot, now);
    else if (task.unconfirmed) this.#finish(slot, emptyResponse(slot.batch.request), now);
  }

  #finish(slot: Slot, response: ServiceResponse, now: number): void {
    const { job, batch } = slot;
    this.#free(slot);
    const halves = isTooLong(response) ? halvesOf(batch) : undefined;
    if (halves) this.#split(job, halves);
    else {
      job.results.put(batch.first, response);
      job.partlyDone ||= changesSomething(batch.request);
    }
    this.#next(job, now);
  }

  #refused(slot: Slot, error: DlmsError, now: number): void {
    const { job, batch, exchange } = slot;
    this.#free(slot);
    if (error.code === "block-transfer-failed" && error.retryable && job.attemptsLeft > 0 && !exchange.partsGiven) {
      job.attemptsLeft -= 1;
      this.#host.notice({
        type: "notice",
        name: "request-repeated",
        message: `${error.message}: asked from the start`,
      });
      job.batches.unshift(batch);
      this.#next(job, now);
      return;
    }
    if (error.code === "request-refused" && job.task.request.service === "get" && job.task.request.items.length > 1) {
      const halves = halvesOf(batch);
      if (halves) this.#split(job, halves);
      else this.#refusedItem(job, batch, error);
      this.#next(job, now);
      return;
    }
    const told = error instanceof RefusedError && !error.outcomeUnknown;
    this.#fail(job, job.partlyDone || (!told && mayHaveHappened(batch.request, slot)) ? unknownOutcome(error) : error);
    this.#fill(now);
  }

  /** One of several items refused by itself: the others may still have values. */
  #refusedItem(job: Job, batch: Batch, error: DlmsError): void {
    this.#host.notice({ type: "notice", name: "item-refused", message: error.message });
    job.results.put(batch.first, { service: "get", results: [{ ok: false, result: otherReason }] });
  }

  #split(job: Job, halves: readonly Batch[]): void {
    this.#host.notice({
      type: "notice",
      name: "list-split",
      message: "the meter refused a list; its halves are asked for one after the other",
    });
    job.batches.unshift(...halves);
  }

  #next(job: Job, now: number): void {
    if (job.batches.length > 0) this.#waiting.unshift(job);
    else {
      job.over = true;
      job.task.done(job.task.unconfirmed ? emptyResponse(job.task.request) : job.results.finish());
    }
    this.#fill(now);
  }

  #fail(job: Job, error: DlmsError): void {
    job.over = true;
    job.task.failed(error);
  }

  #drained(slot: Slot, now: number): void {
    this.#free(slot);
    this.#fill(now);
  }

  #free(slot: Slot): void {
    this.#slots.delete(slot.invokeId);
    this.#invokeIds.release(slot.invokeId);
  }

  #oldest(): Slot | undefined {
    return this.#slots.values().next().value;
  }
}
