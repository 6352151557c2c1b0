import { type AbortSignalLike, DlmsError, dlmsError } from "../base/index.js";
import { ImageTransfer, type ObisLike, type ObjectHandle } from "../cosem/index.js";
import { bitText } from "../data/index.js";
import type { Broadcast } from "./broadcast.js";
import { abortedError } from "./cancellation.js";
import type { Meter } from "./meter.js";

/** An image (firmware) and where it goes. */
export interface ImageToTransfer {
  /** Logical name of the Image transfer object. Default `0-0:44.0.0*255`. */
  readonly obis?: ObisLike;
  /** The whole image. */
  readonly image: Uint8Array;
  /** Octets of a block: image_block_size of the meters, all but the last are as long. */
  readonly blockSize: number;
  readonly signal?: AbortSignalLike;
  /** Called after each block. */
  onProgress?(sent: number, total: number): void;
}

/** What it took to complete the image of one meter. */
export interface CompletedImage {
  readonly blocks: number;
  /** Blocks that the meter did not have, by their numbers from 0. */
  readonly missing: readonly number[];
}

const firstImageTransfer = "0-0:44.0.0*255";
/** Rounds after which a meter that still lacks blocks is given up. */
const rounds = 3;

/**
 * Sends every block of an image to all meters at once (Green Book, image transfer by broadcast). Each of them must have
 * been told of it by `imageTransferInitiate` before; afterwards `completeImage` sees to what each has missed.
 */
export async function broadcastImage(all: Broadcast, { onProgress, ...transfer }: ImageToTransfer): Promise<void> {
  const blocks = blocksOf(transfer);
  const object = all.object(ImageTransfer, transfer.obis ?? firstImageTransfer);
  for (const [imageBlockNumber, imageBlockValue] of blocks.entries()) {
    stopWhenAborted(transfer.signal);
    await object.imageBlockTransfer({ imageBlockNumber, imageBlockValue }, { confirmed: false });
    onProgress?.(imageBlockNumber + 1, blocks.length);
  }
}

/**
 * Asks one meter which blocks of the image it lacks, and sends those to it alone, until it has them all. Where it does
 * not give image_transferred_blocks_status it is asked for the first missing block, one after the other.
 * @throws RefusedError; TransportError; ProtocolError `unexpected-message` when blocks stay missing although they are sent.
 */
export async function completeImage(
  meter: Meter,
  { onProgress, ...transfer }: ImageToTransfer,
): Promise<CompletedImage> {
  const blocks = blocksOf(transfer);
  const object = meter.object(ImageTransfer, transfer.obis ?? firstImageTransfer);
  const missing = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const wanted = await missingBlocks(object, blocks.length);
    if (wanted.length === 0) return { blocks: blocks.length, missing: [...missing].sort((a, b) => a - b) };
    for (const number of wanted) {
      stopWhenAborted(transfer.signal);
      missing.add(number);
      const imageBlockValue = blocks[number] ?? new Uint8Array();
      await object.imageBlockTransfer({ imageBlockNumber: number, imageBlockValue }, signalOf(transfer));
      onProgress?.(missing.size, blocks.length);
    }
  }
  throw dlmsError("unexpected-message", `the meter still lacks blocks that it took ${rounds} times`, {
    layer: "client",
    advice: "Begin anew with image_transfer_initiate, and compare its image_block_size.",
  });
}

type ImageHandle = ObjectHandle<typeof ImageTransfer>;

/** Numbers of the blocks that the meter lacks. */
async function missingBlocks(object: ImageHandle, total: number): Promise<readonly number[]> {
  try {
    const arrived = bitText(await object.imageTransferredBlocksStatus.get());
    return Array.from({ length: total }, (_, number) => number).filter((number) => arrived[number] !== "1");
  } catch (error) {
    if (!DlmsError.is(error) || error.code !== "access-refused") throw error;
    const first = await object.imageFirstNotTransferredBlockNumber.get();
    return first < total ? Array.from({ length: total - first }, (_, index) => first + index) : [];
  }
}

/** The blocks in order. @throws UsageError `invalid-argument`. */
function blocksOf({ image, blockSize }: Pick<ImageToTransfer, "image" | "blockSize">): readonly Uint8Array[] {
  if (!Number.isInteger(blockSize) || blockSize < 1)
    throw dlmsError("invalid-argument", `blockSize is ${blockSize}, not a whole number of octets`, { layer: "client" });
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < image.length; at += blockSize) blocks.push(image.subarray(at, at + blockSize));
  return blocks;
}

function stopWhenAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted === true) throw abortedError("the image transfer", signal);
}

const signalOf = ({ signal }: { readonly signal?: AbortSignalLike }) => (signal === undefined ? {} : { signal });
