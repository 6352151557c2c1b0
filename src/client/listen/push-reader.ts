import { decodeApdu } from "../../apdu/index.js";
import { DlmsError, dlmsError } from "../../base/index.js";
import { decodeSecurityControl, type SuiteId, type UnprotectedApdu, type Verify } from "../../security/index.js";
import { PushBlocks } from "./blocks.js";
import type { ListenEvent, PushEvent, PushObjectName, PushOrigin } from "./events.js";
import type { Framed, FramedApdu } from "./framing.js";
import { confirmationOf, type Interpreted, interpret, interpretTelegram } from "./interpret.js";
import type { DeliveryLedger } from "./ledger.js";
import { KeyRing } from "./opening.js";

/** An event, and the confirmation to send once it was taken. */
export interface Delivery {
  readonly event: ListenEvent;
  readonly answer?: { readonly apdu: Uint8Array; readonly frame: (apdu: Uint8Array) => Uint8Array };
  /** Names a push that wants to be confirmed, so that it is known when it comes again. */
  readonly key?: string;
  /** Digest of its ciphered octets. */
  readonly octets?: string;
  /** The very octets came before: they prove nothing of who sends them now. */
  readonly repeated?: true;
  /** What opened it, where it was ciphered. */
  readonly cipher?: PushCipher;
}

/** The key that opened a push, and the suite that it named. */
export interface PushCipher {
  readonly fingerprint: string;
  readonly suite: SuiteId;
}

/** What a reader asks about pushes that came before. */
export type PushMemory = Pick<DeliveryLedger<unknown>, "keyOf" | "digest" | "recall">;

export interface PushReaderOptions {
  readonly keys: KeyRing;
  readonly verify: Verify;
  readonly memory: PushMemory;
  readonly objects?: ((push: PushSender) => readonly PushObjectName[] | undefined) | undefined;
}

/** What is known of a push before its values are named. */
export type PushSender = Pick<PushEvent, "origin" | "systemTitle">;

/** Layers of ciphering and blocks around each other; real ones have two. */
const mostLayers = 6;
const telegramBegin = 0x2f;
const repeatedCodes: ReadonlySet<string> = new Set(["counter-repeated", "counter-lowered"]);

/** Turns what one line frames into events: blocks joined, ciphering opened, values named. Never throws for bad input. */
export class PushReader {
  readonly #options: PushReaderOptions;
  readonly #blocks = new PushBlocks();

  constructor(options: PushReaderOptions) {
    this.#options = options;
  }

  /** Undefined for a block of which more are to come. */
  async read(framed: Framed, origin: PushOrigin, now: number): Promise<Delivery | undefined> {
    if (framed.type === "spoilt")
      return { event: { type: "rejected", origin, error: framed.error, bytes: framed.bytes } };
    const { source, destination } = framed;
    const from = {
      ...origin,
      ...(source !== undefined && { source }),
      ...(destination !== undefined && { destination }),
    };
    try {
      return await this.#open(framed, from, now);
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      return { event: { type: "rejected", origin: from, error, bytes: framed.apdu } };
    }
  }

  async #open(framed: FramedApdu, origin: PushOrigin, now: number): Promise<Delivery | undefined> {
    let bytes = framed.apdu;
    let opened: UnprotectedApdu | undefined;
    let authenticated: boolean | null = null;
    let ciphered: Uint8Array | undefined;
    for (let layer = 0; layer < mostLayers; layer++) {
      if (KeyRing.handles(bytes)) {
        ciphered ??= bytes;
        try {
          opened = await this.#options.keys.open(bytes);
        } catch (error) {
          const again = this.#again(bytes, framed, error);
          if (again === undefined) throw error;
          return again;
        }
        authenticated = authenticated === true || opened.authenticated;
        bytes = opened.apdu;
        continue;
      }
      const block = bytes[0] === telegramBegin ? undefined : decodeApdu(bytes);
      if (block?.type !== "general-block-transfer")
        return this.#deliver(framed, origin, bytes, { opened, authenticated, ciphered });
      const joined = this.#blocks.add(`${origin.source}>${origin.destination}`, block, now);
      if (joined === undefined) return undefined;
      bytes = joined;
    }
    throw dlmsError("limit-exceeded", `a push has more than ${mostLayers} layers`, { layer: "client" });
  }

  /** A meter may repeat the very octets of a push, whose counter was taken the first time. */
  #again(bytes: Uint8Array, framed: FramedApdu, error: unknown): Delivery | undefined {
    if (!DlmsError.is(error) || !repeatedCodes.has(error.code)) return undefined;
    const known = this.#options.memory.recall(bytes);
    if (known?.answer === undefined || framed.answer === undefined) return undefined;
    return { ...known, answer: { apdu: known.answer.apdu, frame: framed.answer }, repeated: true };
  }

  #deliver(framed: FramedApdu, origin: PushOrigin, bytes: Uint8Array, outside: Outside): Delivery {
    const { opened, authenticated, ciphered } = outside;
    if (authenticated !== true && this.#options.verify === "required")
      throw dlmsError("weaker-than-policy", "the push came in clear, required is a tag that holds", {
        layer: "security",
      });
    const systemTitle = opened?.systemTitle && { systemTitle: opened.systemTitle };
    const isTelegram = bytes[0] === telegramBegin;
    const names = this.#options.objects?.({ origin, ...systemTitle });
    const read: Interpreted = isTelegram
      ? interpretTelegram(bytes, authenticated === true)
      : interpret(decodeApdu(bytes), names);
    const { invocationCounter, protection = "none" } = opened ?? {};
    const counter = invocationCounter !== undefined && { invocationCounter };
    const event: PushEvent = { type: "push", origin, ...systemTitle, protection, authenticated, ...counter, ...read };
    const apdu = isTelegram ? undefined : confirmationOf(bytes);
    const frame = framed.answer;
    if (apdu === undefined || frame === undefined) return { event };
    const { memory } = this.#options;
    return {
      event,
      answer: { apdu, frame },
      key: memory.keyOf(event),
      ...(ciphered && { octets: memory.digest(ciphered) }),
      ...cipherOf(opened),
    };
  }
}

function cipherOf(opened: UnprotectedApdu | undefined): { readonly cipher?: PushCipher } {
  const { keyFingerprint: fingerprint, securityControl } = opened ?? {};
  if (fingerprint === undefined || securityControl === undefined) return {};
  return { cipher: { fingerprint, suite: decodeSecurityControl(securityControl).suite } };
}

/** What was around an APDU. */
interface Outside {
  readonly opened: UnprotectedApdu | undefined;
  readonly authenticated: boolean | null;
  readonly ciphered: Uint8Array | undefined;
}
