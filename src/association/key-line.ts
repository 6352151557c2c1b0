import { DlmsError } from "../base/index.js";
import { type KeyOperation, type KeyTask, keyFailure } from "../security/index.js";

/** What becomes of a task that could not be finished at once. */
export interface Outcome<T> {
  done(value: T, now: number): unknown;
  failed(error: DlmsError, now: number): unknown;
}

/** The earlier of two times, of which there may be one or none. */
export function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** What came of an operation. */
type Performed = Uint8Array | boolean | DlmsError;

interface Job {
  /** Begins, or goes on with what came of an operation; true when it came to its end. */
  advance(performed: Performed | undefined, now: number): boolean;
  fail(error: DlmsError, now: number): void;
}

/** What a line needs of those it belongs to. */
interface LineHost {
  ask(operation: KeyOperation, line: KeyLine, now: number): void;
}

/** Runs tasks one after the other: one that waits for an operation on a key holds up those behind it. */
export class KeyLine {
  readonly #host: LineHost;
  readonly #jobs: Job[] = [];
  /** The first job waits for an operation. */
  #waiting = false;

  constructor(host: LineHost) {
    this.#host = host;
  }

  /** True when nothing waits here. */
  get idle(): boolean {
    return this.#jobs.length === 0;
  }

  /**
   * Runs a task, at once if it can: then what it throws is thrown here, and the answer is true. Otherwise `outcome` is
   * told later, and the answer is false.
   */
  run<T>(task: () => KeyTask<T>, outcome: Outcome<T>, now: number): boolean {
    const job = this.#jobOf(task, outcome);
    this.#jobs.push(job);
    return this.#jobs.length === 1 && this.#begin(job, now);
  }

  /** `run` before all that waits: for what belongs to the task at hand. */
  runNext<T>(task: () => KeyTask<T>, outcome: Outcome<T>, now: number): boolean {
    if (this.#jobs.length === 0) return this.run(task, outcome, now);
    this.#jobs.splice(1, 0, this.#jobOf(task, outcome));
    return false;
  }

  /** The operation that the first job waits for came to something. */
  resume(performed: Performed, now: number): void {
    const [job] = this.#jobs;
    if (!job || !this.#waiting) return;
    this.#waiting = false;
    this.#step(job, performed, now);
    this.#goOn(now);
  }

  clear(): void {
    this.#jobs.length = 0;
    this.#waiting = false;
  }

  #begin(job: Job, now: number): boolean {
    let over = true;
    try {
      over = job.advance(undefined, now);
    } finally {
      if (over) {
        this.#drop(job);
        this.#goOn(now);
      }
    }
    return over;
  }

  #goOn(now: number): void {
    for (let [job] = this.#jobs; job && !this.#waiting; [job] = this.#jobs) this.#step(job, undefined, now);
  }

  #step(job: Job, performed: Performed | undefined, now: number): void {
    let over = true;
    try {
      over = job.advance(performed, now);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      job.fail(error, now);
    }
    if (over) this.#drop(job);
  }

  /** What a job does may end everything, and then something new may have begun. */
  #drop(job: Job): void {
    if (this.#jobs[0] === job) this.#jobs.shift();
  }

  #jobOf<T>(task: () => KeyTask<T>, outcome: Outcome<T>): Job {
    let running: KeyTask<T> | undefined;
    const advance = (performed: Performed | undefined) => {
      if (running === undefined) {
        running = task();
        return running.next();
      }
      // Whatever the owner brings is looked at by the task, be it nothing.
      return DlmsError.is(performed) ? running.throw(performed) : running.next(performed as Uint8Array | boolean);
    };
    return {
      advance: (performed, now) => {
        const step = advance(performed);
        if (step.done) outcome.done(step.value, now);
        else {
          this.#waiting = true;
          this.#host.ask(step.value, this, now);
        }
        return step.done === true;
      },
      fail: (error, now) => outcome.failed(error, now),
    };
  }
}

/** A key operation that the owner is asked for. */
export interface KeyRequest {
  readonly type: "key-operation";
  readonly id: number;
  /** To be performed by the owner, who sends what came of it with `key-answer` or `key-failed`. */
  readonly operation: KeyOperation;
}

/** What came of it. */
export type KeyReport =
  | { readonly type: "key-answer"; readonly id: number; readonly outcome: Uint8Array | boolean }
  /** It could not be performed: what whoever keeps the key said becomes the cause of the error. */
  | { readonly type: "key-failed"; readonly id: number; readonly cause: unknown };

/**
 * The operations on private keys that an association waits for: what is sent and what is received each go on in their
 * own order, and not before they were performed.
 */
export class KeyWork {
  readonly outgoing: KeyLine;
  readonly incoming: KeyLine;
  readonly #timeoutMs: number;
  readonly #asked = new Map<number, { readonly line: KeyLine; readonly due: number; readonly kind: string }>();
  #lastId = 0;

  /** `tell` hands a request to the owner; each must be answered in `timeoutMs`. */
  constructor(timeoutMs: number, tell: (request: KeyRequest) => void) {
    this.#timeoutMs = timeoutMs;
    const host: LineHost = {
      ask: (operation, line, now) => {
        this.#lastId += 1;
        this.#asked.set(this.#lastId, { line, due: now + timeoutMs, kind: operation.kind });
        tell({ type: "key-operation", id: this.#lastId, operation });
      },
    };
    this.outgoing = new KeyLine(host);
    this.incoming = new KeyLine(host);
  }

  /** When the earliest of what is awaited must be there; undefined while nothing is. */
  get deadline(): number | undefined {
    let first: number | undefined;
    for (const { due } of this.#asked.values()) first = earliest(first, due);
    return first;
  }

  /** What came of an operation; one that nobody waits for any more is dropped. */
  answer(id: number, outcome: Uint8Array | boolean, now: number): void {
    this.#settle(id, outcome, now);
  }

  /** @param cause what the keeper of the key said */
  fail(id: number, cause: unknown, now: number): void {
    const asked = this.#asked.get(id);
    if (asked) this.#settle(id, keyFailure(`whoever keeps the private key could not ${asked.kind}`, cause), now);
  }

  handleTimeout(now: number): void {
    for (const [id, { due, kind }] of [...this.#asked])
      if (due <= now) this.#settle(id, keyFailure(`no answer to "${kind}" in ${this.#timeoutMs} ms`), now);
  }

  /** The association is over: nobody waits any more. */
  clear(): void {
    this.#asked.clear();
    this.outgoing.clear();
    this.incoming.clear();
  }

  #settle(id: number, outcome: Performed, now: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.line.resume(outcome, now);
  }
}
