import { decodeApdu } from "../../apdu/index.js";
import { DlmsError, dlmsError } from "../../base/index.js";
import { PushOpener, type UnprotectedApdu, type Verify } from "../../security/index.js";
import { PushBlocks } from "./blocks.js";
import type { ListenEvent, PushEvent, PushObjectName, PushOrigin } from "./events.js";
import type { Framed, FramedApdu } from "./framing.js";
import { confirmationOf, type Interpreted, interpret, interpretTelegram } from "./interpret.js";
import type { KeyRing } from "./opening.js";

/** An event, and the confirmation to send once it was taken. */
export interface Delivery {
  readonly event: ListenEvent;
  readonly answer?: { readonly apdu: Uint8Array; readonly frame: (apdu: Uint8Array) => Uint8Array };
}

export interface PushReaderOptions {
  readonly keys: KeyRing;
  readonly verify: Verify;
  readonly objects?: ((push: PushSender) => readonly PushObjectName[] | undefined) | undefined;
}

/** What is known of a push before its values are named. */
export type PushSender = Pick<PushEvent, "origin" | "systemTitle">;

/** Layers of ciphering and blocks around each other; real ones have two. */
const mostLayers = 6;
const telegramBegin = 0x2f;

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
    for (let layer = 0; layer < mostLayers; layer++) {
      if (PushOpener.handles(bytes)) {
        opened = await this.#options.keys.open(bytes);
        authenticated = authenticated === true || opened.authenticated;
        bytes = opened.apdu;
        continue;
      }
      const block = bytes[0] === telegramBegin ? undefined : decodeApdu(bytes);
      if (block?.type !== "general-block-transfer") return this.#deliver(framed, origin, bytes, opened, authenticated);
      const joined = this.#blocks.add(`${origin.source}>${origin.destination}`, block, now);
      if (joined === undefined) return undefined;
      bytes = joined;
    }
    throw dlmsError("limit-exceeded", `a push has more than ${mostLayers} layers`, { layer: "client" });
  }

  #deliver(
    framed: FramedApdu,
    origin: PushOrigin,
    bytes: Uint8Array,
    opened: UnprotectedApdu | undefined,
    authenticated: boolean | null,
  ): Delivery {
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
    return { event, ...(apdu !== undefined && frame !== undefined && { answer: { apdu, frame } }) };
  }
}
