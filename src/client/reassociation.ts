import type { Negotiated, ServiceRequest, ServiceResponse } from "../association/index.js";
import { DlmsError, dlmsError } from "../base/index.js";
import type { RequestHow } from "./association-driver.js";
import type { ReassociationOptions } from "./options.js";
import type { ValuePart } from "./profile-source.js";
import type { Session } from "./session.js";
import type { ShortNameTable } from "./short-names.js";
import type { Tracer } from "./tracer.js";

type How = RequestHow & NonNullable<Parameters<Session["request"]>[1]>;

const firstPauseMs = 1_000;
const attempts = 3;

/**
 * The session that a meter's handles ask, which may be replaced: by `reconnect`, or by itself when it was lost and
 * `reassociate` says so. What may have been carried out is never sent again.
 */
export class CurrentSession {
  readonly #reopen: (before: Session) => Promise<Session>;
  readonly #policy: ReassociationOptions | undefined;
  #session: Session;
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(
    session: Session,
    reopen: (before: Session) => Promise<Session>,
    policy: boolean | ReassociationOptions = false,
  ) {
    this.#session = session;
    this.#reopen = reopen;
    this.#policy = policy === true ? {} : policy === false ? undefined : policy;
  }

  get session(): Session {
    return this.#session;
  }

  get negotiated(): Negotiated {
    return this.#session.negotiated;
  }

  get clock() {
    return this.#session.clock;
  }

  get shortNames(): ShortNameTable | undefined {
    return this.#session.shortNames;
  }

  get tracer(): Tracer {
    return this.#session.tracer;
  }

  /** Ends what is left of the session, and opens it anew. @throws what `connect` throws; then the meter is lost. */
  reconnect(): Promise<void> {
    this.#opening ??= this.#replace(1).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** As `Session.request`; over a new session where the old one is lost and that is wanted. */
  async request(request: ServiceRequest, how: How = {}, part?: (part: ValuePart) => void): Promise<ServiceResponse> {
    if (this.#policy === undefined) return this.#session.request(request, how, part);
    if (this.#opening !== undefined || this.#session.isLost) await this.#again();
    let partsGiven = false;
    const watched = (piece: ValuePart) => {
      partsGiven = true;
      part?.(piece);
    };
    const used = this.#session;
    try {
      return await used.request(request, how, part && watched);
    } catch (error) {
      if (this.#closed || partsGiven || !DlmsError.is(error) || !mayAskAgain(request, how, error)) throw error;
      if (!used.isLost && !isWithoutAssociation(error)) throw error;
      if (how.signal?.aborted === true) throw error;
      // Another request may have seen to it already.
      if (used === this.#session) await this.#again();
      return await this.#session.request(request, how, part);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#session.close();
  }

  #again(): Promise<void> {
    this.#opening ??= this.#replace(this.#policy?.attempts ?? attempts).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #replace(most: number): Promise<void> {
    const { clock } = this.#session;
    await this.#session.close();
    let pauseMs = this.#policy?.pauseMs ?? firstPauseMs;
    for (let attempt = 1; ; attempt++) {
      if (this.#closed) throw dlmsError("wrong-state", "the meter was closed", { layer: "client" });
      try {
        const session = await this.#reopen(this.#session);
        this.#session = session;
        if (this.#closed) await session.close();
        return;
      } catch (error) {
        // A meter that says no says it again, and some lock out those who insist.
        if (attempt >= most || !DlmsError.is(error) || error.details.retryable !== true) throw error;
      }
      const pause = pauseMs;
      await new Promise<void>((done) => void clock.setTimer(done, pause));
      pauseMs *= 2;
    }
  }
}

/** True when asking again cannot do twice what was meant once. */
function mayAskAgain({ service }: ServiceRequest, { retry, unconfirmed }: How, { details }: DlmsError): boolean {
  if (unconfirmed === true) return false;
  return service === "get" || retry === true || details.outcomeUnknown === false;
}

/** The meter has dropped the association and kept the link. */
function isWithoutAssociation({ code, details }: DlmsError): boolean {
  return code === "request-refused" && /no-dlms-context|operation-not-possible/.test(details.reason ?? "");
}
