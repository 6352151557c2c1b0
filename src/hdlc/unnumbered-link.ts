import { dlmsError, type Link, type LinkCommand, type LinkEvent } from "../base/index.js";
import { type HdlcAddress, reservedAddresses } from "./address.js";
import { encodeFrame } from "./frame.js";
import { longestInformation } from "./options.js";
import { defaultParameters } from "./parameters.js";
import { segment } from "./segments.js";

export interface HdlcUnnumberedOptions {
  readonly client: HdlcAddress;
  /** Whom it is for: one station, or all of them. */
  readonly server: HdlcAddress;
  /** Longest information field that every station takes; nothing is negotiated. Default 128. */
  readonly maxInfoTransmit?: number;
}

/**
 * A client's way to many meters at once: UI frames without a link, which nobody acknowledges or answers (IEC 62056-46,
 * connectionless data transfer). An APDU that does not fit one frame is refused: stations that miss a segment would
 * not know.
 */
export class HdlcUnnumberedLink implements Link {
  readonly #options: HdlcUnnumberedOptions;
  readonly #maxInfo: number;
  readonly #events: LinkEvent[] = [];
  readonly #output: Uint8Array[] = [];

  /** @throws UsageError `invalid-argument`. */
  constructor(options: HdlcUnnumberedOptions) {
    this.#options = options;
    this.#maxInfo = options.maxInfoTransmit ?? defaultParameters.maxInfoTransmit;
    if (!Number.isInteger(this.#maxInfo) || this.#maxInfo < 8 || this.#maxInfo > longestInformation)
      throw dlmsError("invalid-argument", `maxInfoTransmit ${this.#maxInfo} is not within 8..${longestInformation}`, {
        layer: "hdlc",
      });
  }

  readonly deadline = undefined;
  handleTimeout(_now: number): void {}

  /** Nobody answers; whatever is on the line is for somebody else. */
  receive(_bytes: Uint8Array, _now: number): void {}

  nextEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.shift();
  }

  /** @throws NotSupportedError `request-too-long` for an APDU that one frame does not hold. */
  send(command: LinkCommand, _now: number): void {
    switch (command.type) {
      case "connect":
        this.#events.push({ type: "connected" });
        return;
      case "send":
        return this.#send(command.apdu);
      case "disconnect":
        this.#events.push({ type: "disconnected" });
        return;
      case "keep-alive":
        return;
    }
  }

  #send(apdu: Uint8Array): void {
    const [frame, ...more] = segment(apdu, "command", this.#maxInfo);
    if (frame === undefined || more.length > 0)
      throw dlmsError("request-too-long", `an APDU of ${apdu.length} octets does not fit a frame of ${this.#maxInfo}`, {
        layer: "hdlc",
      });
    const { client: source, server: destination } = this.#options;
    const { information } = frame;
    this.#output.push(encodeFrame({ type: "ui", poll: false, segmented: false, destination, source, information }));
    this.#events.push({ type: "sent" });
  }
}

/** The address that every station takes: one octet, or as wide as those of the stations (IEC 62056-46, all-station). */
export function allStations(size: 1 | 2 | 4 = 1): HdlcAddress {
  const all = reservedAddresses.allStations[size];
  return size === 1 ? { upper: all, size } : { upper: all, lower: all, size };
}
