import { concatBytes } from "../base/index.js";
import { ImageTransfer, type ImageTransferStatus, Obis } from "../cosem/index.js";
import { bitString } from "../data/index.js";
import type { MockObject } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

/** No image of a real meter is larger. */
const largestImage = 16 << 20;

export interface ImageTransferOptions {
  readonly logicalName: Uint8Array;
  readonly blockSize?: number;
  /** Says whether an image that is complete is a good one. */
  verify?(identification: Uint8Array, image: Uint8Array): boolean;
  activated?(identification: Uint8Array, image: Uint8Array): void;
}

/** An Image transfer object that keeps the blocks, knows which are missing, verifies and activates. */
export function imageTransferObject(options: ImageTransferOptions): MockObject {
  const blockSize = options.blockSize ?? 128;
  const image = new ImageBlocks(blockSize);
  let state: keyof typeof ImageTransferStatus = "not-initiated";
  const demand = (condition: boolean) => {
    if (!condition) throw new Refusal(accessResult.temporaryFailure);
  };
  return object(
    ImageTransfer,
    Obis.fromOctets(options.logicalName),
    {
      imageBlockSize: blockSize,
      imageTransferredBlocksStatus: () => bitString(image.arrived),
      imageFirstNotTransferredBlockNumber: () => image.firstMissing,
      imageTransferEnabled: true,
      imageTransferStatus: () => state,
      imageToActivateInfo: () => image.info,
    },
    {
      methods: {
        imageTransferInitiate: ({ imageIdentifier, imageSize }) => {
          image.begin(imageIdentifier.slice(), imageSize);
          state = "initiated";
        },
        imageBlockTransfer: ({ imageBlockNumber, imageBlockValue }) => {
          demand(state === "initiated");
          image.put(imageBlockNumber, imageBlockValue);
        },
        imageVerify: () => {
          demand(state === "initiated" && image.isComplete);
          const good = options.verify?.(image.identification, image.octets) ?? true;
          state = good ? "verification-successful" : "verification-failed";
          if (!good) throw new Refusal(accessResult.otherReason);
        },
        imageActivate: () => {
          demand(state === "verification-successful");
          state = "activation-successful";
          options.activated?.(image.identification, image.octets);
        },
      },
    },
  );
}

/** The blocks of one image, as they arrive in any order. */
class ImageBlocks {
  readonly #blockSize: number;
  #blocks: (Uint8Array | undefined)[] = [];
  #size = 0;
  identification: Uint8Array = new Uint8Array();

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  begin(identification: Uint8Array, size: number): void {
    if (size > largestImage) throw new Refusal(accessResult.otherReason);
    this.identification = identification;
    this.#size = size;
    this.#blocks = Array.from<Uint8Array | undefined>({ length: Math.ceil(size / this.#blockSize) });
  }

  put(number: number, value: Uint8Array): void {
    if (number >= this.#blocks.length) throw new Refusal(accessResult.temporaryFailure);
    const expected = Math.min(this.#blockSize, this.#size - number * this.#blockSize);
    if (value.length !== expected) throw new Refusal(accessResult.typeUnmatched);
    this.#blocks[number] = value.slice();
  }

  get firstMissing(): number {
    const index = this.#blocks.indexOf(undefined);
    return index === -1 ? this.#blocks.length : index;
  }

  get isComplete(): boolean {
    return this.firstMissing === this.#blocks.length;
  }

  /** 0 and 1, a digit a block. */
  get arrived(): string {
    return this.#blocks.map((block) => (block === undefined ? "0" : "1")).join("");
  }

  get octets(): Uint8Array {
    return concatBytes(...this.#blocks.map((block) => block ?? new Uint8Array()));
  }

  get info() {
    if (this.#size === 0) return [];
    return [
      {
        imageToActivateSize: this.#size,
        imageToActivateIdentification: this.identification,
        imageToActivateSignature: new Uint8Array(),
      },
    ];
  }
}
