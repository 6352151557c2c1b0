import { alternative, boolean, choice, type Infer, listOf, optional, unsigned32 } from "../codec/index.js";
import {
  attributeDescriptor,
  attributeWithSelection,
  finalGetDataResult,
  getDataResult,
  rawDataResult,
  selectiveAccessDescriptor,
} from "./descriptors.js";
import { invokeIdAndPriority } from "./invoke-id.js";

export const getRequest = choice(
  { type: "get-request" },
  {
    normal: alternative(1, {
      invokeIdAndPriority,
      attribute: attributeDescriptor,
      access: optional(selectiveAccessDescriptor),
    }),
    next: alternative(2, {
      invokeIdAndPriority,
      /** The last block received; the next one is asked for. */
      blockNumber: unsigned32,
    }),
    "with-list": alternative(3, { invokeIdAndPriority, attributes: listOf(attributeWithSelection) }),
  },
);
/** GET.request (Green Book 9.3.6, tag C0). */
export type GetRequest = Infer<typeof getRequest>;

export const getResponse = choice(
  { type: "get-response" },
  {
    normal: alternative(1, { invokeIdAndPriority, result: finalGetDataResult }),
    "with-datablock": alternative(2, {
      invokeIdAndPriority,
      lastBlock: boolean,
      blockNumber: unsigned32,
      /** `data` is a part of the encoded Data (raw-data). */
      result: rawDataResult,
    }),
    "with-list": alternative(3, { invokeIdAndPriority, results: listOf(getDataResult) }),
  },
);
/** GET.response (tag C4). */
export type GetResponse = Infer<typeof getResponse>;
