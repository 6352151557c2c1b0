import { encodeApdu } from "../../apdu/index.js";
import { DlmsError, dlmsError } from "../../base/index.js";
import {
  clientAddress,
  encodeFrame,
  FrameSplitter,
  type HdlcAddress,
  SegmentAssembler,
  segment,
  serverAddress,
} from "../../hdlc/index.js";
import { segmentMbusApdu } from "../../mbus/index.js";
import { encodePacket, PacketSplitter } from "../../wrapper/index.js";

/** What carries a push. */
export type PushCarrier =
  /** A wrapper packet: over TCP, or in a datagram. */
  | { readonly kind: "wrapper" }
  /** UI frames, or I frames without a connection, as meters send both on a serial line. */
  | {
      readonly kind: "hdlc-ui" | "hdlc-i";
      readonly physical?: number;
      /** Octets of information in a frame. Default 128. */
      readonly frameSize?: number;
    }
  /** Long frames of EN 13757. */
  | {
      readonly kind: "mbus";
      /** Default FF, broadcast. */
      readonly address?: number;
      /** Octets of the APDU in a frame, up to 250. Default 245. */
      readonly frameSize?: number;
    }
  /** The octets as they are: telegrams of a consumer port. */
  | { readonly kind: "p1" };

/** From whom to whom. */
export interface PushAddresses {
  /** Logical device. */
  readonly server: number;
  readonly client: number;
}

/** Frames what a meter pushes, and finds the answers. */
export interface PushFraming {
  /** Pieces to write, in order. */
  frame(apdu: Uint8Array): Uint8Array[];
  /** APDUs that came back. Never throws for what is none. */
  answers(bytes: Uint8Array): Uint8Array[];
}

/** The framing of a carrier. */
export function framingOf(carrier: PushCarrier, addresses: PushAddresses): PushFraming {
  switch (carrier.kind) {
    case "wrapper":
      return wrapperFraming(addresses);
    case "hdlc-ui":
    case "hdlc-i":
      return new HdlcFraming(carrier, addresses);
    case "mbus": {
      const { address = 0xff, frameSize } = carrier;
      const header = { address, source: addresses.server, destination: addresses.client };
      return oneWay((apdu) => segmentMbusApdu(apdu, header, frameSize));
    }
    case "p1":
      return oneWay((octets) => [octets]);
  }
}

/** Blocks of a general block transfer that nobody acknowledges (Green Book 9.3.12). */
export function inGeneralBlocks(apdu: Uint8Array, size: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(apdu.length / size));
  return Array.from({ length: count }, (_, i) =>
    encodeApdu({
      type: "general-block-transfer",
      lastBlock: i === count - 1,
      streaming: i < count - 1,
      window: 0,
      blockNumber: i + 1,
      blockNumberAck: 0,
      blockData: apdu.subarray(i * size, (i + 1) * size),
    }),
  );
}

function oneWay(frame: PushFraming["frame"]): PushFraming {
  return { frame, answers: () => [] };
}

function wrapperFraming({ server, client }: PushAddresses): PushFraming {
  let splitter = new PacketSplitter();
  return {
    frame: (apdu) => [encodePacket({ source: server, destination: client, apdu })],
    answers: (bytes) => {
      try {
        return splitter.push(bytes).map(({ apdu }) => apdu.slice());
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        splitter = new PacketSplitter();
        return [];
      }
    },
  };
}

class HdlcFraming implements PushFraming {
  readonly #type: "ui" | "i";
  readonly #size: number;
  readonly #server: HdlcAddress;
  readonly #client: HdlcAddress;
  readonly #splitter = new FrameSplitter();
  #assembler = new SegmentAssembler("command");
  /** N(S) goes on from push to push. */
  #sequence = 0;

  constructor(
    { kind, physical, frameSize = 128 }: Extract<PushCarrier, { readonly kind: "hdlc-ui" | "hdlc-i" }>,
    { server, client }: PushAddresses,
  ) {
    if (!Number.isInteger(frameSize) || frameSize < 8 || frameSize > 2030)
      throw dlmsError("invalid-argument", `frameSize is ${frameSize}, not a whole number from 8 to 2030`, {
        layer: "mock",
      });
    this.#type = kind === "hdlc-ui" ? "ui" : "i";
    this.#size = frameSize;
    this.#server = serverAddress(server, physical);
    this.#client = clientAddress(client);
  }

  frame(apdu: Uint8Array): Uint8Array[] {
    return segment(apdu, "response", this.#size).map(({ information, segmented }) => {
      const sequence = this.#type === "i" ? { sendSequence: this.#sequence, receiveSequence: 0 } : {};
      if (this.#type === "i") this.#sequence = (this.#sequence + 1) & 7;
      return encodeFrame({
        type: this.#type,
        poll: !segmented,
        source: this.#server,
        destination: this.#client,
        segmented,
        information,
        ...sequence,
      });
    });
  }

  answers(bytes: Uint8Array): Uint8Array[] {
    return this.#splitter.push(bytes).flatMap((chunk) => {
      if (chunk.type !== "frame" || chunk.frame.type !== "ui") return [];
      const { apdu, error } = this.#assembler.push(chunk.frame.information, chunk.frame.segmented);
      if (error !== undefined) this.#assembler = new SegmentAssembler("command");
      return apdu === undefined ? [] : [apdu];
    });
  }
}
