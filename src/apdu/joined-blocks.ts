import { ByteReader, ByteWriter } from "../base/index.js";
import { type Infer, listOf, withPath } from "../codec/index.js";
import { responseItem } from "./action.js";
import { dataView } from "./data-view.js";
import { getDataResult } from "./descriptors.js";
import { readResult } from "./read.js";

/** What the blocks of a long list hold once they are joined (Green Book 9.4.6). */
const joinedBlocks = {
  /** SET and ACTION requests with a list: the values or parameters, encoded Data. */
  values: listOf(dataView),
  /** GET.response to a list. */
  "get-results": listOf(getDataResult),
  /** ACTION.response to a list. */
  "action-responses": listOf(responseItem),
  /** Read.response. */
  "read-results": listOf(readResult),
} as const;

/** Names of the lists that may come in blocks. */
export type JoinedBlocks = keyof typeof joinedBlocks;
/** The items of such a list. */
export type JoinedItems<K extends JoinedBlocks> = Infer<(typeof joinedBlocks)[K]>;

/**
 * Decodes the list that was carried in blocks.
 * @throws DecodeError with offset and path, also for octets after the list.
 */
export function decodeJoinedBlocks<K extends JoinedBlocks>(kind: K, bytes: Uint8Array): JoinedItems<K> {
  const reader = new ByteReader(bytes);
  try {
    const items = joinedBlocks[kind].decode(reader, { path: [] });
    reader.expectEnd();
    return items as JoinedItems<K>;
  } catch (error) {
    throw withPath(error, "apdu", kind);
  }
}

/**
 * Encodes a list that is to be cut into blocks.
 * @throws UsageError when an item does not fit.
 */
export function encodeJoinedBlocks<K extends JoinedBlocks>(kind: K, items: JoinedItems<K>): Uint8Array {
  const writer = new ByteWriter();
  try {
    joinedBlocks[kind].encode(writer, items as never);
  } catch (error) {
    throw withPath(error, "apdu", kind);
  }
  return writer.finish();
}
