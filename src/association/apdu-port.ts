import { type Apdu, decodeApdu } from "../apdu/index.js";
import { dlmsError, type Notice } from "../base/index.js";
import type { KeyTask, ProtectionBits } from "../security/index.js";
import type { Channel, Opened } from "./channel.js";
import { GeneralBlocks } from "./general-blocks.js";
import type { Negotiated } from "./messages.js";

/** What one end of an association lets through its port. */
export interface ApduPortOptions {
  readonly initiator: boolean;
  readonly channel: Channel;
  /** General blocks taken at once. */
  readonly window: number;
  /** Octets that one general block transfer may bring. */
  readonly maxBytes: number;
  notice(notice: Notice): void;
  /** Blocks follow that the peer sends without being asked. */
  more?(): void;
}

/** An APDU that came in, decoded. */
export interface Arrival extends Opened {
  readonly content: Apdu;
  /** It came in general blocks. */
  readonly inBlocks: boolean;
}

/** ACSE, which protects what it carries, and general blocks. */
const isBare = (tag: number | undefined): boolean =>
  tag !== undefined && ((tag >= 0x60 && tag <= 0x63) || tag === 0xe0);
const unprotected = { protection: "none", authenticated: false, untrustedHint: false, signed: false } as const;

/** Where APDUs leave and arrive: adds and removes protection, and general blocks around it. */
export class ApduPort {
  readonly #options: ApduPortOptions;
  readonly #outputs: { readonly apdu: Uint8Array; readonly unconfirmed: boolean }[] = [];
  #lastUnconfirmed = false;
  #blocks: GeneralBlocks;
  /** Octets above which an APDU goes in general blocks; 0 never. */
  #longest = 0;
  /** No association: blocks are put together, and nothing is answered. */
  #mute = true;
  /** The furthest that the blocks of this exchange have got: what repeats or begins anew is no progress. */
  #furthest = { taken: 0, acknowledged: 0 };
  #progressed = false;

  constructor(options: ApduPortOptions) {
    this.#options = options;
    this.#blocks = this.#blocksFor(0);
  }

  /** True while general blocks are on their way. */
  get busy(): boolean {
    return this.#blocks.busy;
  }

  /** Whether the block that was received last brought the transfer on. */
  get progressed(): boolean {
    return this.#progressed;
  }

  takeOutput(): Uint8Array | undefined {
    const output = this.#outputs.shift();
    this.#lastUnconfirmed = output?.unconfirmed === true;
    return output?.apdu;
  }

  /** Whether nobody answers what was taken last: links may carry that otherwise (UI frames). */
  get lastUnconfirmed(): boolean {
    return this.#lastUnconfirmed;
  }

  /** What was agreed on holds from now. */
  begin({ conformance, peerMaxPduSize }: Negotiated): void {
    this.#longest = conformance.has("general-block-transfer") ? peerMaxPduSize : 0;
    this.#blocks = this.#blocksFor(peerMaxPduSize);
    this.#mute = !conformance.has("general-block-transfer");
  }

  end(): void {
    this.#longest = 0;
    this.#blocks = this.#blocksFor(0);
    this.#mute = true;
  }

  /** Blocks still on their way belong to nothing any more. */
  forgetBlocks(): void {
    this.#blocks.reset();
  }

  /** Hands out an APDU as it is. */
  push(...apdus: readonly Uint8Array[]): void {
    for (const apdu of apdus) this.#outputs.push({ apdu, unconfirmed: false });
  }

  /**
   * Protects an APDU, by `wanted` at least, and hands it out, in general blocks if it is too long or `inBlocks`.
   * @throws SecurityError of the counter; ProtocolError `block-transfer-failed`.
   */
  transmit(apdu: Uint8Array, wanted: ProtectionBits, inBlocks = false): void {
    this.transmitSealed(this.#options.channel.seal(apdu, wanted), inBlocks);
  }

  /** Hands out what is protected already. @throws ProtocolError `block-transfer-failed`. */
  transmitSealed(sealed: Uint8Array, inBlocks = false): void {
    if (this.#options.initiator && !this.busy) this.#blocks.reset();
    this.#furthest = { taken: 0, acknowledged: 0 };
    if (inBlocks || this.#tooLong(sealed)) this.push(...this.#blocks.start(sealed));
    else this.push(sealed);
  }

  /** Protects an APDU that nobody acknowledges and hands it out. */
  notify(apdu: Uint8Array, wanted: ProtectionBits): void {
    this.notifySealed(this.#options.channel.seal(apdu, wanted, { unsolicited: true }));
  }

  /** Hands out what nobody acknowledges and is protected already. */
  notifySealed(sealed: Uint8Array): void {
    const outputs = this.#tooLong(sealed) ? this.#blocks.unconfirmed(sealed) : [sealed];
    for (const output of outputs) this.#outputs.push({ apdu: output, unconfirmed: true });
  }

  /** Takes an APDU; undefined while the one it carries is not whole. @throws DlmsError when it cannot be used. */
  receive(bytes: Uint8Array, inBlocks = false): Arrival | undefined {
    const opened = isBare(bytes[0]) ? { ...unprotected, apdu: bytes } : this.#options.channel.open(bytes);
    const found = this.#decoded(opened, inBlocks);
    return found instanceof Uint8Array ? this.receive(found, true) : found;
  }

  /** `receive` where private keys may be kept elsewhere. */
  *receiving(bytes: Uint8Array, inBlocks = false): KeyTask<Arrival | undefined> {
    const opened = isBare(bytes[0]) ? { ...unprotected, apdu: bytes } : yield* this.#options.channel.opening(bytes);
    const found = this.#decoded(opened, inBlocks);
    return found instanceof Uint8Array ? yield* this.receiving(found, true) : found;
  }

  /** What was opened, decoded; octets where general blocks carried an APDU that is whole now. */
  #decoded(opened: Opened, inBlocks: boolean): Arrival | Uint8Array | undefined {
    const { notice } = this.#options;
    const content = decodeApdu(opened.apdu, { onNotice: notice });
    if (content.type !== "general-block-transfer") {
      if (!inBlocks && !this.#options.initiator) this.#blocks.reset();
      return { ...opened, content, inBlocks };
    }
    if (inBlocks) throw dlmsError("malformed", "general blocks within general blocks", { layer: "association" });
    const step = this.#blocks.receive(content);
    this.#mark(content.blockData.length > 0);
    if (step.notice) notice(step.notice);
    if (!this.#mute) this.push(...step.send);
    if (step.more && !this.#mute) this.#options.more?.();
    return step.apdu;
  }

  /** Helps a general block transfer on that came to rest; false when there is none, or nothing may be sent again. */
  recover(): boolean {
    const blocks = this.#mute ? undefined : this.#blocks.recover();
    if (!blocks) return false;
    this.push(...blocks);
    this.#options.notice({
      type: "notice",
      name: "blocks-asked-again",
      message: "general blocks did not come: asked again",
    });
    return true;
  }

  #mark(withData: boolean): void {
    const { taken, acknowledged } = this.#blocks.reached;
    const furthest = this.#furthest;
    this.#progressed = (withData && taken > furthest.taken) || acknowledged > furthest.acknowledged;
    this.#furthest = {
      taken: withData ? Math.max(taken, furthest.taken) : furthest.taken,
      acknowledged: Math.max(acknowledged, furthest.acknowledged),
    };
  }

  #tooLong(sealed: Uint8Array): boolean {
    return this.#longest > 0 && sealed.length > this.#longest;
  }

  #blocksFor(limit: number): GeneralBlocks {
    const { initiator, window, maxBytes } = this.#options;
    return new GeneralBlocks({ initiator, window, maxBytes, limit: limit === 0 ? Number.POSITIVE_INFINITY : limit });
  }
}
